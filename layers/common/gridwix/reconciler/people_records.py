"""Checkpoints and reports of the comparison of people, in the report bucket. Idempotent writes.

The comparison checks the members and invitations of the portal against the Wix site, Trading Grid
and OpenText's directory. It finds people who have left (deleted members, former partners, users
that the directory no longer has) and ends their access.
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
    """Stores checkpoints and reports of the comparison that ends the access of people who left.

    The comparison checks the members and invitations of the portal against the Wix site, Trading
    Grid and OpenText's directory. Names of documents: checkpoints ``runs/<run>/people/``, reports
    ``reports/<date>/``. A document in ``baselines/`` has the links and invitations of users that
    the last comparison did not find in OpenText's directory: access ends only if a later one does
    not find the user either. All methods raise UpstreamError.
    """

    def __init__(self, documents: RunDocuments) -> None:
        self._documents = documents

    def leavers(self, page: PeoplePage, number: int) -> LeaversRecord | None:
        """Return the stored result of page ``number`` of a run; None if nothing is stored.

        The run compares the people who have access to the portal, page by page. The result names
        the links (permissions of members to act for a partner) and invitations of people who have
        left. ``page`` is any page of the same run.
        """
        text = self._documents.read_document(_name(page, f"compared-{number}"))
        return None if text is None else LeaversRecord.model_validate_json(text)

    def keep_leavers(self, page: PeoplePage, record: LeaversRecord) -> None:
        """Store, as a checkpoint, which people of one page of partners have left.

        A reconcile run compares the portal's people with Trading Grid, some partners (a page) at a
        time. The record names the links (permissions to act for a partner) and the invitations of
        people who have left.
        """
        self._documents.write(_name(page, f"compared-{page.page}"), record.model_dump_json())

    def ended(self, page: PeoplePage) -> EndedRecord:
        """Return the links and invitations that an earlier attempt at this message began to end.

        ``page`` is the message: one step of a run that ends the access of people who have left. A
        retry of the message completes what was begun. Empty if there was no earlier attempt.
        """
        text = self._documents.read_document(_ended_name(page))
        return EndedRecord() if text is None else EndedRecord.model_validate_json(text)

    def keep_ended(self, page: PeoplePage, record: EndedRecord) -> None:
        """Store the links and invitations that are about to be ended (write-ahead record).

        ``page`` is the message that ends them: a retry of this message completes them.
        """
        self._documents.write(_ended_name(page), record.model_dump_json())

    def looks(self) -> Looks:
        """Return the rows of users that the last complete comparison did not find in the directory.

        A row is a link or an invitation of a user in OpenText's directory. It is ended only if a
        later comparison does not find the user either. The result has no rows if nothing is stored.
        """
        text = self._documents.read_document(LOOKS)
        return Looks() if text is None else Looks.model_validate_json(text)

    def keep_looks(self, looks: Looks) -> None:
        """Store the links and invitations of users that are missing in OpenText's directory.

        They replace those that the last run stored. A later run ends their access if it does not
        find the user either.
        """
        self._documents.write(LOOKS, looks.model_dump_json())

    def keep_report(self, page: PeoplePage, report: PeopleReport) -> None:
        """Store the report of a run that has ended the access of people who have left.

        ``page`` has the name and the begin of the run, from which the document gets its name.
        """
        name = f"reports/{page.begun:%Y-%m-%d}/{page.run}-people.json"
        self._documents.write(name, report.model_dump_json(by_alias=True, indent=2))


def _name(page: PeoplePage, document: str) -> str:
    return f"runs/{page.run}/people/{document}.json"


def _ended_name(page: PeoplePage) -> str:
    return _name(page, f"ended-{page.place}-{page.offset}")
