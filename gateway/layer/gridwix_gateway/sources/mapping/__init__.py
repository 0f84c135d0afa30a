"""Maps rows of sources to records: typed columns and CEL expressions. Pure.

Types and formats come from the declaration and are never detected.
"""

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.mapping.compilation import (
    CompiledMapping,
    DeclarationFault,
    MappingFault,
    compile_mapping,
)
from gridwix_gateway.sources.mapping.declaration import MappingDeclaration
from gridwix_gateway.sources.mapping.records import (
    Cell,
    CellError,
    CellFault,
    FormattedNumber,
    MappedRecord,
    MappedRow,
)

__all__ = [
    "Cell",
    "CellError",
    "CellFault",
    "CompiledMapping",
    "DeclarationFault",
    "Document",
    "FormattedNumber",
    "MappedRecord",
    "MappedRow",
    "MappingDeclaration",
    "MappingFault",
    "compile_mapping",
]
