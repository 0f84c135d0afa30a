"""Submissions of visitors and members to the site's forms.

Source: https://dev.wix.com/docs/api-reference/crm/forms/form-submissions/introduction and
``@wix/forms``.
"""

import uuid
from collections.abc import Callable

from emulators.common.clock import Clock
from emulators.wix.arguments import read_object, read_text
from emulators.wix.entities import Entities, Page, next_revision
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.events import Events
from emulators.wix.forms import Forms
from emulators.wix.query import sort_rules
from emulators.wix.tables import Tables
from emulators.wix.validation import violations
from emulators.wix.wire import Data

TABLE = "$submissions"
FQDN = "wix.forms.v4.submission"
MAX_SORTS = 3
STATUSES = ("PENDING", "CONFIRMED", "PAYMENT_WAITING", "PAYMENT_CANCELED")


class Submissions:
    """Stores the form submissions. The function ``then`` is called with each new submission.

    Raises WixError for a submission (NOT_FOUND) or a form (FORM_NOT_FOUND) that does not exist.
    """

    def __init__(
        self,
        tables: Tables,
        clock: Clock,
        forms: Forms,
        events: Events,
        then: Callable[[Data], None],
    ) -> None:
        self._submissions = Entities(tables, TABLE, clock)
        self._forms = forms
        self._events = events
        self._then = then

    def create(self, given: Data, submitter: Data, by: Data, *, status: str = "CONFIRMED") -> Data:
        """Store a form submission, publish its event, and return the submission.

        Raises InvalidRequest with the rule SUBMISSION_VALIDATION for values that the form rejects.
        """
        form, values = self._get_form(read_text(given, "formId")), read_object(given, "submissions")
        _check_values(form, values)
        stored = self._submissions.add(
            {
                "id": str(uuid.uuid4()),
                "formId": form["id"],
                "namespace": form["namespace"],
                "status": status,
                "submissions": values,
                "revision": "1",
                "submitter": submitter,
                "seen": False,
                "extendedFields": given.get("extendedFields") or {"namespaces": {}},
                "tags": {"tagIds": []},
            }
        )
        self._events.publish_created(FQDN, stored, by)
        self._then(stored)
        return stored

    def get(self, identifier: str) -> Data:
        return self._submissions.get(identifier)

    def update(self, identifier: str, changes: Data, by: Data) -> Data:
        """Replace values, extended fields or ``seen`` of a submission, and return the submission.

        Optimistic locking: ``revision`` must be the current one.
        """
        current = self._submissions.get(identifier)
        revision = next_revision(current, changes.get("revision"), "submission.revision")
        taken: Data = {
            name: changes[name]
            for name in ("submissions", "extendedFields", "seen")
            if name in changes
        }
        changed: Data = {**current, **taken, "revision": revision}
        _check_values(self._get_form(current["formId"]), read_object(changed, "submissions"))
        return self._replace(changed, by)

    def confirm(self, identifier: str, by: Data) -> Data:
        """Change a submission from PENDING to CONFIRMED, and return it. Idempotent.

        Raises WixError (428) for any other status.
        """
        current = self._submissions.get(identifier)
        if current["status"] == "CONFIRMED":
            return current
        if current["status"] != "PENDING":
            raise WixError("FAILED_PRECONDITION", f"The submission is {current['status']}")
        stored = self._replace(
            {**current, "status": "CONFIRMED", "revision": str(int(current["revision"]) + 1)}, by
        )
        self._events.publish_action(
            FQDN,
            "status_updated",
            identifier,
            {"submission": stored, "previousStatus": current["status"]},
            by,
        )
        return stored

    def remove(self, identifier: str, by: Data) -> None:
        self._events.publish_deleted(FQDN, self._submissions.remove(identifier), by)

    def query(self, asked: Data) -> Page:
        if len(sort_rules(asked.get("sort"))) > MAX_SORTS:
            raise InvalidRequest("query.sort", f"must have at most {MAX_SORTS} members")
        return self._submissions.query_by_cursor(asked)

    def all(self) -> list[Data]:
        """Return all submissions, oldest first."""
        return self._submissions.all()

    def _replace(self, submission: Data, by: Data) -> Data:
        stored = self._submissions.replace(submission)
        self._events.publish_updated(FQDN, stored, by)
        return stored

    def _get_form(self, identifier: str) -> Data:
        try:
            return self._forms.get(identifier)
        except WixError:
            raise WixError("FORM_NOT_FOUND", f"There is no form {identifier[:128]}") from None


def _check_values(form: Data, values: Data) -> None:
    found = violations(form, values)
    if found:
        raise InvalidRequest(
            "submission.submissions",
            "have values that the form does not take",
            rule="SUBMISSION_VALIDATION",
            data={"errors": found},
        )
