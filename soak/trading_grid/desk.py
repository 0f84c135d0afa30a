"""Acts of a partner's and the hub's people on cases, requests, enrollments and other records."""

from collections.abc import Mapping

from emulators.trading_grid.community import ENTITY_NAMES
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.state_machines import DONE, move_step, require_transition
from soak.trading_grid.community import Community
from soak.trading_grid.event_types import STATUS_EVENTS
from soak.trading_grid.feed import Event
from soak.trading_grid.records import Document

FINAL: Mapping[str, frozenset[str]] = {
    "cases": frozenset({"closed", "cancelled"}),
    "collaboration-requests": frozenset({"completed", "rejected", "duplicate"}),
}
"""Statuses of a record in which a partner cannot comment on it."""


class Desk:
    """The profile's rules for writes, except those of documents. All methods raise Problem.

    ``cascades``: True to unlock steps once their prerequisites are complete.
    """

    def __init__(self, community: Community) -> None:
        self._community = community
        self.cascades = True

    def create_case(self, wish: Document) -> Document:
        """Create a case for a partner, and return it."""
        community = self._community
        self._require_partner(wish["partnerId"], "case")
        identifier, number = community.new_id("cases", "case")
        now = community.now()
        team = wish.get("assigneeTeam", {}).get("key", "partner-desk")
        document = {
            "id": identifier,
            "number": f"TG-{now[:4]}-{4711 + number:06}",
            "partnerId": wish["partnerId"],
            "subject": wish["subject"],
            "description": wish.get("description") or "",
            "category": wish["category"],
            "priority": wish.get("priority", "normal"),
            "status": "new",
            "assigneeTeam": {"key": team, "name": team.replace("-", " ").capitalize()},
            "assignee": None,
            "routedBy": wish.get("routedBy"),
            "nextStep": wish.get("nextStep"),
            "dueAt": wish.get("dueAt"),
            "transactionRefs": wish.get("transactionRefs", []),
            "documentIds": [],
            "statusHistory": [{"status": "new", "at": now, "visibility": "public"}],
        }
        community.put("cases", document)
        return community.find("cases", identifier).document()

    def create_request(self, wish: Document) -> Document:
        """Create a collaboration request, and return it."""
        community = self._community
        partner_id = wish.get("partnerId")
        if partner_id is not None:
            self._require_partner(partner_id, "request")
        identifier, number = community.new_id("collaboration-requests", "req")
        document = {
            **wish,
            "id": identifier,
            "number": f"CR-{community.now()[:4]}-{1876 + number:05}",
            "partnerId": partner_id,
            "status": "triaged" if wish.get("routing") else "received",
            "nextStep": None,
        }
        community.put("collaboration-requests", document)
        return community.find("collaboration-requests", identifier).document()

    def put_transaction(self, identifier: str, correlation_id: str, wish: Document) -> Document:
        """Add or replace a case's reference to a transaction, and return the case.

        Args:
            identifier: The case.
            correlation_id: Identifies the reference.
            wish: The reference.
        """
        case = self._community.find("cases", identifier).document()
        if case["status"] in FINAL["cases"]:
            raise Problem("invalid-transition", f"case {identifier} is {case['status']}.")
        fresh = {**wish, "correlationId": correlation_id}
        known = case["transactionRefs"]
        references = [fresh if one.get("correlationId") == correlation_id else one for one in known]
        if fresh not in references:
            references.append(fresh)
        if references == known:
            return case
        changes = {"transactionRefs": references}
        return self._community.change("cases", case, changes, "case.updated")[0]

    def transition(
        self, collection: str, identifier: str, wish: Document
    ) -> tuple[Document, Event]:
        """Move a record to another status.

        Args:
            collection: The record's collection.
            identifier: The record.
            wish: ``to``, ``reason`` and other members of the profile's schema ``Transition``.

        Returns:
            The record as it is now, and the event.
        """
        current = self._community.find(collection, identifier).document()
        to, reason = wish.get("to"), wish.get("reason")
        name = f"{ENTITY_NAMES[collection]} {identifier}"
        require_transition(collection, name, current["status"], to, reason)
        now = self._community.now()
        changes: Document = {"status": to}
        if collection == "compliance-checks":
            changes |= _check_changes(current, wish, now)
        if collection == "cases" and current.get("statusHistory") is not None:
            change = {"status": to, "at": now, "visibility": "public"}
            changes["statusHistory"] = [*current["statusHistory"], change]
        if collection == "cases" and to == "resolved":
            resolution = {"code": "fixed", "summary": reason or ""}
            changes |= {"resolution": resolution, "resolvedAt": now}
        if collection in FINAL and "nextStep" in wish:
            changes |= _next_step_changes(current, wish["nextStep"])
        withdrawn = (collection, to) == ("documents", "withdrawn")
        event_type = "document.withdrawn" if withdrawn else STATUS_EVENTS[collection]
        return self._community.change(collection, current, changes, event_type)

    def move_step(self, identifier: str, key: str, wish: Document) -> tuple[Document, list[Event]]:
        """Move one step of an enrollment, and unlock or lock those that depend on it.

        Args:
            identifier: The enrollment.
            key: The step.
            wish: ``to``, ``reason`` and ``evidence``.

        Returns:
            The step, with ``enrollmentVersion``, and ``relocked`` if steps were locked again; and
            the events.
        """
        enrollment = self._community.find("enrollments", identifier).document()
        moved, unlocked, relocked = move_step(
            enrollment,
            key,
            wish.get("to"),
            wish.get("reason"),
            self._community.now(),
            cascade=self.cascades,
        )
        step = next(step for step in moved["steps"] if step["key"] == key)
        step["evidence"] = [*step.get("evidence", []), *wish.get("evidence", [])]
        changes = {name: moved[name] for name in ("steps", "percentComplete", "currentStepKeys")}
        done = all(step["status"] in DONE for step in moved["steps"])
        if done and moved["status"] == "in_progress":
            changes["status"] = "completed"
        # A step that unlocks itself gets one event, step.unlocked, and no status_changed.
        own = [] if key in unlocked else [(key, "status_changed")]
        events = [
            *own,
            *((other, "unlocked") for other in unlocked),
            *((other, "status_changed") for other in relocked),
        ]
        changed, appended = self._community.store_steps(enrollment, changes, events)
        more = {"relocked": relocked} if relocked else {}
        return {**step, "enrollmentVersion": changed["version"], **more}, appended

    def add_comment(
        self, collection: str, identifier: str, wish: Document
    ) -> tuple[Document, Document, Event]:
        """Add a comment to a case or a request.

        Args:
            collection: ``cases`` or ``collaboration-requests``.
            identifier: The record.
            wish: ``body`` and other members of the profile's schema ``NewComment``.

        Returns:
            The comment, the record as it is now, and the event.
        """
        record = self._community.find(collection, identifier).document()
        of_partner = wish.get("authorKind") == "partner"
        if of_partner and record["status"] in FINAL[collection]:
            name = f"{ENTITY_NAMES[collection]} {identifier}"
            raise Problem("invalid-transition", f"{name} is {record['status']}.")
        # The next step is taken once the partner has said something to it.
        answered = of_partner and record.get("nextStepOwner") == "partner"
        changes = {"nextStepOwner": "hub"} if answered else {}
        return self._community.add_comment(collection, record, wish, changes)

    def _require_partner(self, partner_id: str, entity: str) -> None:
        if partner_id not in self._community.collections["partners"].records:
            fault = {
                "pointer": "/partnerId",
                "code": "unknown",
                "detail": "there is no such partner",
            }
            raise Problem("validation", f"The {entity} is not valid.", errors=[fault])


def _next_step_changes(current: Document, text: str) -> Document:
    """Return the changes of a case's next step to a new text. Its owner becomes unknown."""
    worded_anew = current.get("nextStepOwner") is not None
    return {"nextStepOwner": None, "nextStep": text} if worded_anew else {"nextStep": text}


def _check_changes(current: Document, wish: Document, now: str) -> Document:
    """Return the members of a compliance check that change together with its status."""
    changes: Document = {"evaluatedAt": now}
    if wish["to"] == "passed":
        live = current["ruleKey"] == "asn_before_arrival"
        action = "No action needed." + (" Live 856 monitoring continues." if live else "")
        next_action = wish.get("nextAction") or action
        changes |= {"findings": [], "nextAction": next_action}
        changes["validUntil"] = wish.get("validUntil")
    elif "nextAction" in wish:
        changes["nextAction"] = wish["nextAction"]
    return changes
