"""Store of the hub's records: each change raises a record's version and appends an event.

The record and the event are written in one transaction.
"""

import json
from collections.abc import Callable
from typing import Any

from emulators.common.clock import Clock, rfc3339
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.state_machines import (
    DONE,
    enrollment_progress,
    move_step,
    require_transition,
    unlock_steps,
)
from emulators.trading_grid.store import Document, Store

TYPE_PREFIX = "net.example.tg."
ENTITY_NAMES = {
    "partners": "partner",
    "onboarding-programs": "program",
    "enrollments": "enrollment",
    "compliance-checks": "complianceCheck",
    "cases": "case",
    "service-notices": "notice",
    "collaboration-requests": "request",
    "documents": "document",
    "approvals": "approval",
}
STATUS_EVENTS = {
    "partners": "partner.status_changed",
    "enrollments": "enrollment.status_changed",
    "compliance-checks": "compliance.status_changed",
    "cases": "case.status_changed",
    "collaboration-requests": "request.status_changed",
    "documents": "document.status_changed",
}
FINAL_STATUSES = {
    "cases": frozenset({"closed", "cancelled"}),
    "collaboration-requests": frozenset({"completed", "rejected", "duplicate"}),
}
"""Statuses of records, by kind, in which partners can no longer comment."""

CASE_CATEGORIES = (
    "asn_rejection",
    "invoice_discrepancy",
    "po_mismatch",
    "connectivity",
    "compliance",
    "label_quality",
    "onboarding",
    "access",
    "other",
)
PASSED_ACTIONS = {"asn_before_arrival": "No action needed. Live 856 monitoring continues."}


class Community:
    """The emulator's records of the hub and its partners, and the changes that clients can make.

    ``on_event`` is called with the number of each appended event. If ``cascades`` is true, steps
    are unlocked automatically when their prerequisites are complete. If ``requests_take_comments``
    is false, collaboration requests have no comments, as on an older gateway. ``without_source``
    names the collections that the route ``/capabilities`` leaves out.
    """

    def __init__(
        self, store: Store, clock: Clock, company_id: str, on_event: Callable[[int], None]
    ) -> None:
        self.store = store
        self.clock = clock
        self.company_id = company_id
        self._on_event = on_event
        self.cascades = True
        self.requests_take_comments = True
        self.without_source: frozenset[str] = frozenset()

    def now(self) -> str:
        return rfc3339(self.clock.now())

    def get(self, kind: str, identifier: str) -> Document:
        found = self.store.get(kind, identifier)
        if found is None:
            raise Problem("not-found", f"There is no {ENTITY_NAMES[kind]} {identifier}.")
        return found

    def seed_entity(self, kind: str, document: Document) -> Document:
        """Store a record without an event, and return the record.

        The record appears as one that is older than the event feed.
        """
        now = self.now()
        complete = {
            "companyId": self.company_id,
            "version": 1,
            "createdAt": now,
            "updatedAt": now,
            "externalRefs": [],
            **document,
        }
        if kind == "enrollments":
            complete |= enrollment_progress(complete["steps"])
        self.store.put(kind, complete)
        return complete

    def create(self, kind: str, document: Document, event_type: str) -> Document:
        """Store a new record, append an event of type ``event_type``, and return the record."""
        now = self.now()
        complete = {
            "companyId": self.company_id,
            "version": 1,
            "createdAt": now,
            "updatedAt": now,
            "externalRefs": [],
            **document,
        }
        with self.store.transaction():
            self.store.put(kind, complete)
            self._append_event(
                event_type, kind, complete, f"{kind}/{complete['id']}", list(document), {}
            )
        return complete

    def create_case(self, fields: Document) -> Document:
        """Create a case for a partner, and return the case.

        Raises Problem if there is no such partner.
        """
        if self.store.get("partners", fields["partnerId"]) is None:
            fault = {
                "pointer": "/partnerId",
                "code": "unknown",
                "detail": "there is no such partner",
            }
            raise Problem("validation", "The case is not valid.", errors=[fault])
        with self.store.transaction():
            number = self.store.next_number("case")
            now = self.now()
            document = {
                "id": f"case_{number:06}",
                "number": f"TG-{now[:4]}-{4711 + number:06}",
                "partnerId": fields["partnerId"],
                "subject": fields["subject"],
                "description": str(fields.get("description") or ""),
                "category": fields["category"],
                "priority": fields.get("priority", "normal"),
                "status": "new",
                "assigneeTeam": _team(fields.get("assigneeTeam", {}).get("key", "partner-desk")),
                "assignee": None,
                "routedBy": fields.get("routedBy"),
                "nextStep": fields.get("nextStep"),
                "dueAt": fields.get("dueAt"),
                "transactionRefs": fields.get("transactionRefs", []),
                "documentIds": [],
            }
            document["statusHistory"] = [_status_change("new", now)]
            return self.create("cases", document, "case.created")

    def create_request(self, fields: Document) -> Document:
        """Create a collaboration request, and return it.

        Its status is ``triaged`` if ``fields`` has a routing, otherwise ``received``. Raises
        Problem if the partner in ``fields`` does not exist.
        """
        partner_id = fields.get("partnerId")
        if partner_id is not None and self.store.get("partners", partner_id) is None:
            fault = {
                "pointer": "/partnerId",
                "code": "unknown",
                "detail": "there is no such partner",
            }
            raise Problem("validation", "The request is not valid.", errors=[fault])
        with self.store.transaction():
            number = self.store.next_number("request")
            document = {
                **fields,
                "id": f"req_{number:06}",
                "number": f"CR-{self.now()[:4]}-{1876 + number:05}",
                "partnerId": partner_id,
                "status": "triaged" if fields.get("routing") else "received",
                "nextStep": None,
            }
            return self.create("collaboration-requests", document, "request.received")

    def put_transaction(self, case_id: str, correlation_id: str, reference: Document) -> Document:
        """Add a transaction to a case, or replace the case's entry with the same correlation id.

        Returns the case. An identical ``reference`` changes nothing. Raises Problem if the case is
        closed or cancelled.
        """
        case = self.get("cases", case_id)
        if case["status"] in ("closed", "cancelled"):
            raise Problem("invalid-transition", f"case {case_id} is {case['status']}.")
        fresh = {**reference, "correlationId": correlation_id}
        references = [
            fresh if known.get("correlationId") == correlation_id else known
            for known in case["transactionRefs"]
        ]
        if fresh not in references:
            references.append(fresh)
        if references == case["transactionRefs"]:
            return case
        return self.change("cases", case_id, {"transactionRefs": references}, "case.updated")

    def transition(self, kind: str, identifier: str, request: Document) -> Document:
        """Move a record to another status, and return it.

        ``request`` holds the new status ``to``, and may hold ``reason`` and other fields of the
        schema ``Transition``. Raises Problem if the transition is not allowed.
        """
        current = self.get(kind, identifier)
        to = request.get("to")
        require_transition(
            kind, f"{ENTITY_NAMES[kind]} {identifier}", current["status"], to, request.get("reason")
        )
        changes: Document = {"status": to}
        if kind == "compliance-checks":
            changes |= _compliance_check_changes(current, request, self.now())
        if kind == "cases":
            # A case that was seeded without a history gets none, like one of an older gateway.
            history = current.get("statusHistory")
            if history is not None:
                changes["statusHistory"] = [*history, _status_change(str(to), self.now())]
        if kind == "cases" and to == "resolved":
            changes |= {
                "resolution": {"code": "fixed", "summary": request.get("reason") or ""},
                "resolvedAt": self.now(),
            }
        if kind in ("cases", "collaboration-requests") and "nextStep" in request:
            changes |= _with_next_step_owner(current, {"nextStep": request["nextStep"]})
        event_type = (
            "document.withdrawn"
            if (kind, to) == ("documents", "withdrawn")
            else STATUS_EVENTS[kind]
        )
        return self.change(kind, identifier, changes, event_type)

    def move_step(self, identifier: str, key: str, request: Document) -> Document:
        """Change the status of an enrollment step, and unlock or lock the steps that depend on it.

        ``request`` has the new status as ``to``. Returns the step. Its field ``relocked`` has the
        keys of the steps that were locked again, if there are any. Raises Problem if there is no
        such step, or if the new status is not allowed.
        """
        enrollment = self.get("enrollments", identifier)
        before = {step["key"]: step["status"] for step in enrollment["steps"]}
        moved, unlocked, relocked = move_step(
            enrollment,
            key,
            request.get("to"),
            request.get("reason"),
            self.now(),
            cascade=self.cascades,
        )
        for step in moved["steps"]:
            if step["key"] == key:
                step["evidence"] = [*step.get("evidence", []), *request.get("evidence", [])]
        changes = {name: moved[name] for name in ("steps", "percentComplete", "currentStepKeys")}
        with self.store.transaction():
            if (
                all(step["status"] in DONE for step in moved["steps"])
                and moved["status"] == "in_progress"
            ):
                changes["status"] = "completed"
            changed = self._store_changes("enrollments", enrollment, changes)
            # A step that unlocks itself gets one event, step.unlocked, and no status_changed.
            own = () if key in unlocked else ((key, "status_changed"),)
            for name, verb in (
                *own,
                *((other, "unlocked") for other in unlocked),
                *((other, "status_changed") for other in relocked),
            ):
                step = next(step for step in changed["steps"] if step["key"] == name)
                self._append_event(
                    f"step.{verb}",
                    "step",
                    changed,
                    f"enrollments/{identifier}/steps/{name}",
                    ["status"],
                    {"status": before[name]},
                    after=step,
                )
            if "status" in changes:
                self._append_event(
                    "enrollment.status_changed",
                    "enrollments",
                    changed,
                    f"enrollments/{identifier}",
                    ["status"],
                    {"status": enrollment["status"]},
                )
        step = next(step for step in changed["steps"] if step["key"] == key)
        return {
            **step,
            "enrollmentVersion": changed["version"],
            **({"relocked": relocked} if relocked else {}),
        }

    def patch(self, kind: str, identifier: str, changes: Document) -> Document:
        """Change fields of a partner or case record, append an event, and return the record."""
        return self.change(
            kind,
            identifier,
            _with_next_step_owner(self.get(kind, identifier), changes),
            f"{ENTITY_NAMES[kind]}.updated",
        )

    def change(self, kind: str, identifier: str, changes: Document, event_type: str) -> Document:
        """Change fields of a record, append an event of the given type, and return the record."""
        current = self.get(kind, identifier)
        with self.store.transaction():
            changed = self._store_changes(kind, current, changes)
            self._append_event(
                event_type,
                kind,
                changed,
                f"{kind}/{identifier}",
                list(changes),
                {name: current.get(name) for name in changes},
            )
        return changed

    def delete(self, kind: str, identifier: str) -> Document:
        """Turn a record into a tombstone, append an event, and return the tombstone."""
        current, now = self.get(kind, identifier), self.now()
        with self.store.transaction():
            deleted = self._store_changes(kind, current, {"deletedAt": now, "updatedAt": now})
            self._append_event(
                f"{ENTITY_NAMES[kind]}.updated",
                kind,
                deleted,
                f"{kind}/{identifier}",
                ["deletedAt"],
                {"deletedAt": current.get("deletedAt")},
            )
        return deleted

    def add_comment(self, case_id: str, request: Document) -> Document:
        """Add a comment to a case, raise the case's version, and return the comment.

        Raises Problem for a partner's comment on a closed or cancelled case.
        """
        return self._add_comment_to("cases", case_id, request)

    def add_request_comment(self, request_id: str, request: Document) -> Document:
        """Add a comment to a collaboration request, raise its version, and return the comment.

        Raises Problem for a partner's comment on a completed, rejected or duplicate request.
        """
        self._require_request_comments()
        return self._add_comment_to("collaboration-requests", request_id, request)

    def seed_comment(self, case_id: str, request: Document) -> Document:
        """Store a comment on a case without an event, and return the comment."""
        return self._store_comment("cases", case_id, request)

    def comments(self, case_id: str) -> list[Document]:
        """Return the comments of a case, oldest first. Raises Problem if there is no such case."""
        return self._list_comments("cases", case_id)

    def request_comments(self, request_id: str) -> list[Document]:
        """Return the comments of a collaboration request, oldest first.

        Raises Problem if there is no such request, or if the gateway has no comments on requests.
        """
        self._require_request_comments()
        return self._list_comments("collaboration-requests", request_id)

    def _require_request_comments(self) -> None:
        if not self.requests_take_comments:
            raise Problem("not-found", "There is no such operation.")

    def _add_comment_to(self, kind: str, identifier: str, request: Document) -> Document:
        record, entity = self.get(kind, identifier), ENTITY_NAMES[kind]
        # Nobody looks at a record that is over, so a partner's words there would be lost.
        if request.get("authorKind") == "partner" and record["status"] in FINAL_STATUSES[kind]:
            raise Problem("invalid-transition", f"{entity} {identifier} is {record['status']}.")
        with self.store.transaction():
            document = self._store_comment(kind, identifier, request)
            # The next step is taken once the partner has said something to it.
            answered = (
                request.get("authorKind") == "partner" and record.get("nextStepOwner") == "partner"
            )
            changed = self._store_changes(
                kind, record, {"nextStepOwner": "hub"} if answered else {}
            )
            after = {"id": document["id"], "visibility": document["visibility"]}
            self._append_event(
                f"{entity}.commented",
                kind,
                changed,
                f"{kind}/{identifier}",
                ["comments"],
                {},
                after=after,
            )
        return document

    def _store_comment(self, kind: str, identifier: str, request: Document) -> Document:
        document = {
            "id": f"cmt_{self.store.next_number('comment'):06}",
            f"{ENTITY_NAMES[kind]}Id": identifier,
            "author": {
                "kind": request.get("authorKind", "internal"),
                "id": None,
                "name": request.get("authorName", "Partner desk"),
            },
            "visibility": request.get("visibility", "public"),
            "body": request["body"],
            "format": request.get("format", "text"),
            "attachments": request.get("attachments", []),
            "inReplyTo": request.get("inReplyTo"),
            "createdAt": self.now(),
            "source": request.get("source", "trading_grid"),
        }
        values = (f"{kind}/{identifier}", json.dumps(document))
        self.store.connection.execute(
            "INSERT INTO comment (record_id, document) VALUES (?, json(?))", values
        )
        return document

    def _list_comments(self, kind: str, identifier: str) -> list[Document]:
        self.get(kind, identifier)
        found = self.store.connection.execute(
            "SELECT document FROM comment WHERE record_id = ? ORDER BY number",
            (f"{kind}/{identifier}",),
        )
        return [json.loads(row["document"]) for row in found]

    def enroll(
        self,
        partner_id: str,
        program: Document,
        identifier: str,
        done: int,
        due: Callable[[int], str],
    ) -> Document:
        """Create an enrollment of a partner in an onboarding program, without an event.

        Args:
            partner_id: The partner.
            program: The onboarding program.
            identifier: The id of the enrollment.
            done: The number of steps, from the first on, that are already complete.
            due: Returns the date that is a number of days from now.
        """
        now = self.now()
        steps = [
            {
                **{
                    name: step[name]
                    for name in ("key", "title", "phase", "owner", "kind", "waitsOn")
                },
                "requiredDocumentTypes": step.get("requiredDocumentTypes", []),
                "status": "completed" if number < done else "locked",
                "dueOn": due(step["dueInDays"]),
                "evidence": [],
                "note": None,
            }
            for number, step in enumerate(program["steps"])
        ]
        unlock_steps(steps, now)
        return self.seed_entity(
            "enrollments",
            {
                "id": identifier,
                "partnerId": partner_id,
                "programId": program["id"],
                "programVersion": program["version"],
                "status": "completed" if done >= len(steps) else "in_progress",
                "targetGoLive": due(40),
                "invitation": {
                    "type": "unique",
                    "approval": "manual",
                    "status": "active",
                    "expiresOn": due(30),
                },
                "steps": steps,
            },
        )

    def _store_changes(self, kind: str, current: Document, changes: Document) -> Document:
        changed = {**current, **changes, "version": current["version"] + 1}
        # The change can say when it was made: a tombstone's two times are one.
        changed["updatedAt"] = changes.get("updatedAt") or self.now()
        self.store.put(kind, changed)
        return changed

    def _append_event(
        self,
        event_type: str,
        kind: str,
        record: Document,
        subject: str,
        changed: list[str],
        before: Document,
        after: Any = None,
    ) -> None:
        event = {
            "specversion": "1.0",
            "id": f"evt_{self.store.next_number('event'):08}",
            "source": f"/tg/companies/{self.company_id}",
            "type": TYPE_PREFIX + event_type,
            "subject": subject,
            "time": self.now(),
            "datacontenttype": "application/json",
            "companyid": self.company_id,
            "data": {
                "entity": ENTITY_NAMES.get(kind, kind),
                "version": record["version"],
                "changed": changed,
                "before": before,
                "after": record if after is None else after,
            },
        }
        partner_id = record["id"] if kind == "partners" else record.get("partnerId")
        if partner_id:
            event["partnerid"] = partner_id
        self._on_event(self.store.append_event(self.clock.now().timestamp(), event))


def _team(key: str) -> Document:
    return {"key": key, "name": key.replace("-", " ").capitalize()}


def _status_change(status: str, at: str, visibility: str = "public") -> Document:
    return {"status": status, "at": at, "visibility": visibility}


def _with_next_step_owner(current: Document, changes: Document) -> Document:
    """Return ``changes``, with ``nextStepOwner`` set to None if they change ``nextStep``.

    ``nextStep`` says what must be done next for a case or a request. It is unknown who must do a
    new next step, unless ``changes`` have a ``nextStepOwner``.
    """
    worded_anew = "nextStep" in changes and current.get("nextStepOwner") is not None
    return {"nextStepOwner": None, **changes} if worded_anew else changes


def _compliance_check_changes(current: Document, request: Document, now: str) -> Document:
    """Return the fields of a compliance check that change together with its status.

    ``validUntil`` is taken from the request and never computed.
    """
    changes: Document = {"evaluatedAt": now}
    if request["to"] == "passed":
        action = request.get("nextAction") or PASSED_ACTIONS.get(
            current["ruleKey"], "No action needed."
        )
        changes |= {"findings": [], "nextAction": action, "validUntil": request.get("validUntil")}
    elif "nextAction" in request:
        changes["nextAction"] = request["nextAction"]
    return changes
