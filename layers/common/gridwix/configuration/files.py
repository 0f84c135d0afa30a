"""Models of the rules for files: accepted types, Office macros and maximum size.

The rules are part of ``config/intake.yaml`` and ``config/documents.yaml``.
"""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gridwix.configuration.base import Config
from gridwix.models.files import MACRO_KINDS
from gridwix.models.setting_fault import SettingFault

type FileType = Annotated[str, StringConstraints(pattern="^[a-z0-9]{1,10}$")]
"""File name extension in lower case, such as ``pdf``."""


class FileRules(Config):
    """Rules for files that are copied between the portal and Trading Grid: types, macros and size.

    ``types`` are the accepted file name extensions in lower case, out of
    ``gridwix.models.files.MEDIA_TYPES``. If ``macros`` is true, Office files may contain macros, if
    files of their type can (``xlsm``, ``xls``, ``doc``, OpenDocument). ``most_bytes`` is the
    maximum size of a file.
    """

    types: tuple[FileType, ...]
    macros: bool = False
    most_bytes: int

    @model_validator(mode="after")
    def _check_macros(self) -> Self:
        if not self.macros and (unwanted := sorted(MACRO_KINDS & set(self.types))):
            raise SettingFault(
                f"types: {unwanted[0]} has macros, which are not taken",
                "remove it, or say macros: true",
            )
        return self


class AttachmentRules(FileRules):
    """Rules for the files that are attached to a submission of a form: at most ``most`` files."""

    most: int = Field(ge=0, le=50)
    most_bytes: int = Field(ge=1, le=100 * 1024 * 1024)
