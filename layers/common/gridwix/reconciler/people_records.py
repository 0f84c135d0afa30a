"""Checkpoints and reports of the comparison of people, in the report bucket. Idempotent writes.

The comparison finds people who have left (deleted members, former partners, users that OpenText's
directory no longer has) and ends their access.
"""

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
    """Stores checkpoints and reports of the comparison of people.

    Names of documents: checkpoints ``runs/<run>/people/``, reports ``reports/<date>/``, and
    ``baselines/`` for the rows whose user the last comparison did not find in OpenText's directory.
    All methods raise UpstreamError.
    """

    def __init__(self, documents: RunDocuments) -> None:
        self._documents = documents

    def leavers(self, page: PeoplePage, number: int) -> LeaversRecord | None:
        """Return what page ``number`` of the comparison found; None if that page was never begun.

        That is, the links and invitations of people who have left.
        """
        text = self._documents.read(_name(page, f"compared-{number}"))
        return None if text is None else LeaversRecord.model_validate_json(text)

    def keep_leavers(self, page: PeoplePage, record: LeaversRecord) -> None:
        """Store the links and invitations of people who have left, as this page found them."""
        self._documents.write(_name(page, f"compared-{page.page}"), record.model_dump_json())

    def ended(self, page: PeoplePage) -> EndedRecord:
        """Return the links and invitations that an earlier attempt at this message began to end.

        Empty if there was no earlier attempt.
        """
        text = self._documents.read(_ended_name(page))
        return EndedRecord() if text is None else EndedRecord.model_validate_json(text)

    def keep_ended(self, page: PeoplePage, record: EndedRecord) -> None:
        """Store the links and invitations that this message will end (write-ahead record)."""
        self._documents.write(_ended_name(page), record.model_dump_json())

    def looks(self) -> Looks:
        """Return the rows whose user the last complete comparison did not find in the directory.

        A row is a link or an invitation of a user in OpenText's directory. It is ended only if a
        later comparison does not find the user either. The result has no rows if nothing is stored.
        """
        text = self._documents.read(LOOKS)
        return Looks() if text is None else Looks.model_validate_json(text)

    def keep_looks(self, looks: Looks) -> None:
        """Store the rows whose user this comparison did not find in OpenText's directory."""
        self._documents.write(LOOKS, looks.model_dump_json())

    def keep_report(self, page: PeoplePage, report: PeopleReport) -> None:
        """Store the report on a comparison of people."""
        name = f"reports/{page.begun:%Y-%m-%d}/{page.run}-people.json"
        self._documents.write(name, report.model_dump_json(by_alias=True, indent=2))


def _name(page: PeoplePage, document: str) -> str:
    return f"runs/{page.run}/people/{document}.json"


def _ended_name(page: PeoplePage) -> str:
    return _name(page, f"ended-{page.place}-{page.offset}")
