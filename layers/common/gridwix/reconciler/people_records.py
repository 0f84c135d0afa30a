"""Checkpoints and reports of a comparison of people, in the report bucket. Idempotent writes."""

from gridwix.models.people_runs import (
    EndedRecord,
    LeaversRecord,
    Looks,
    PeoplePage,
    PeopleReport,
)
from gridwix.publication.reconciled import RunDocuments

LOOKS = "baselines/people.json"


class PeopleRecords:
    """Stores checkpoints of pages (``runs/<run>/people/``), reports (``reports/<date>/``), and the
    rows of users that the last comparison did not find in the directory (``baselines/``).

    All methods raise UpstreamError.
    """

    def __init__(self, documents: RunDocuments) -> None:
        self._documents = documents

    def leavers(self, page: PeoplePage, number: int) -> LeaversRecord | None:
        """Return the findings of a page of the comparison; None if the page was never begun."""
        text = self._documents.read(_name(page, f"compared-{number}"))
        return None if text is None else LeaversRecord.model_validate_json(text)

    def keep_leavers(self, page: PeoplePage, record: LeaversRecord) -> None:
        """Store the findings of this page: the rows that are to end."""
        self._documents.write(_name(page, f"compared-{page.page}"), record.model_dump_json())

    def ended(self, page: PeoplePage) -> EndedRecord:
        """Return the rows that an earlier attempt at this page was about to end."""
        text = self._documents.read(_ended_name(page))
        return EndedRecord() if text is None else EndedRecord.model_validate_json(text)

    def keep_ended(self, page: PeoplePage, record: EndedRecord) -> None:
        """Store the rows that this page is about to end."""
        self._documents.write(_ended_name(page), record.model_dump_json())

    def looks(self) -> Looks:
        """Return the rows of users that the last complete comparison did not find."""
        text = self._documents.read(LOOKS)
        return Looks() if text is None else Looks.model_validate_json(text)

    def keep_looks(self, looks: Looks) -> None:
        """Store the rows of users that this comparison did not find in the directory."""
        self._documents.write(LOOKS, looks.model_dump_json())

    def keep_report(self, page: PeoplePage, report: PeopleReport) -> None:
        """Store the report on a comparison of people."""
        name = f"reports/{page.begun:%Y-%m-%d}/{page.run}-people.json"
        self._documents.write(name, report.model_dump_json(by_alias=True, indent=2))


def _name(page: PeoplePage, document: str) -> str:
    return f"runs/{page.run}/people/{document}.json"


def _ended_name(page: PeoplePage) -> str:
    return _name(page, f"ended-{page.place}-{page.offset}")
