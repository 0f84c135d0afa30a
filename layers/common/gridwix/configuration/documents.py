"""Model of ``config/documents.yaml``: rules for the files of documents that the portal shows."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator

from gridwix.configuration.base import require_each
from gridwix.configuration.files import FileRules, FileType
from gridwix.models.files import FileFault
from gridwix.models.texts import PhraseText

type DocumentProblem = Literal["conflict"] | FileFault
"""Reason why the portal does not show a newer version of a document."""


class Documents(FileRules):
    """Model of ``config/documents.yaml``: rules for files of documents.

    They apply to files that are copied between Trading Grid's document library and the portal.
    ``problems`` has the texts that tell partners why a newer version of a document is not shown.
    """

    types: tuple[FileType, ...] = Field(min_length=1)
    most_bytes: int = Field(ge=1, le=1024 * 1024 * 1024)
    problems: Mapping[DocumentProblem, PhraseText]

    @field_validator("problems")
    @classmethod
    def _check_problems(cls, problems: Mapping[str, PhraseText]) -> Mapping[str, PhraseText]:
        require_each(problems, ["conflict", *FileFault])
        return problems
