"""The soak test's model of Trading Grid answers the product's clients as the emulator does.

Both get the same random sequence of calls and of changes by the hub, with their clocks stopped at
the same times, so ids and times are equal as well.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any

import pytest

from emulators.common.server import thread
from emulators.trading_grid.app import build_app
from emulators.trading_grid.seed import HUB
from emulators.trading_grid.state_machines import TRANSITIONS
from emulators.trading_grid.tenant import new_tenant
from gridwix.clients.trading_grid import changed, directory_cache, record_pages
from gridwix.models.files import FileFacts
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.trading_grid.cases import NewCase, TransactionRef
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.documents import NewDocumentVersion
from gridwix.models.trading_grid.requests import (
    ClaimedIdentifier,
    NewRequest,
    RequestAttachment,
    RequestRouting,
    Submitter,
)
from gridwix.models.trading_grid.transitions import StepEvidence, Transition
from tests.fakes.trading_grid_pair import START, Side, Worlds, outcome, plain

PARTNERS = 12
CALLS = 200
COLLECTIONS = ("partners", "enrollments", "compliance-checks", "cases", "collaboration-requests")
DOCUMENT: dict[str, Any] = {
    "partnerId": None,
    "audience": {"all": True},
    "locale": ["en"],
    "effectiveFrom": None,
    "expiresOn": None,
    "tags": [],
    "type": "coi",
    "category": "insurance",
    "classification": "partner",
    "status": "draft",
    "currentVersion": 0,
}


@pytest.fixture
def worlds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worlds]:
    # Small pages, so that lists have several.
    monkeypatch.setattr(record_pages, "LIST_LIMIT", 7)
    monkeypatch.setattr(changed, "LIST_LIMIT", 7)
    # The directory is a large one, so that an old index is a hint, and lookups confirm it.
    monkeypatch.setattr(directory_cache, "ENTRIES_PER_SECOND", 0.001)
    monkeypatch.setattr(directory_cache, "ENTRIES_PER_LOOKUP", 1)
    tenant = new_tenant(partners=PARTNERS)
    with thread(build_app(tenant)) as url:
        yield Worlds(tenant, url)


class Sequence:
    """A random sequence of calls and changes."""

    def __init__(self, worlds: Worlds, seed: int) -> None:
        self.worlds = worlds
        self.random = Random(seed)
        self.keys = [f"key-{number}" for number in range(200)]
        self.documents: list[str] = []
        self.calls: list[Callable[[], Callable[[Side], Any]]] = [
            self.list_of_partners,
            self.list_of_all,
            self.read_record,
            self.read_comments,
            self.create_case,
            self.create_request,
            self.comment,
            self.move_record,
            self.move_step,
            self.refer_to_transaction,
            self.send_version,
            self.read_content,
            self.change_by_hub,
            self.change_by_hub,
            self.change_document_by_hub,
            self.read_events,
            self.list_changed,
            self.list_ids,
            self.look_up_partner,
            self.put_transaction,
            self.search_transactions,
        ]

    def run(self, count: int) -> None:
        """Make some calls, each on both sides."""
        for _ in range(count):
            self.worlds.advance(self.random.choice((0.0, 0.25, 1.0, 60.0, 2000.0)))
            self.worlds.compare(self.random.choice(self.calls)())

    def some(self, collection: str) -> str:
        """The id of a record, mostly of one that exists."""
        records = list(self.worlds.grid.community.collections[collection].records)
        if not records or self.random.random() < 0.05:
            return "unknown"
        return self.random.choice(records)

    def version_of(self, collection: str, identifier: str) -> int:
        """The version of a record, mostly the current one."""
        version = self.worlds.grid.version(collection, identifier) or 1
        return version if self.random.random() < 0.85 else version + 1

    def status_of(self, collection: str, identifier: str) -> str:
        """The status of a record; "" if there is none."""
        if not self.worlds.grid.version(collection, identifier):
            return ""
        status: str = self.worlds.grid.get(collection, identifier)["status"]
        return status

    def next_status(self, machine: str, status: str) -> str:
        """A status to which a record can go, mostly."""
        allowed = sorted(TRANSITIONS[machine].get(status, ()))
        if not allowed or self.random.random() < 0.1:
            return "completed"
        return self.random.choice(allowed)

    def list_of_partners(self) -> Callable[[Side], Any]:
        ids = [PartnerId(self.some("partners")) for _ in range(self.random.randint(1, 12))]
        name = self.random.choice(
            ("partners", "enrollments", "compliance_checks", "open_cases", "cases", "documents_of")
        )
        return lambda side: getattr(side.community, name)(ids)

    def list_of_all(self) -> Callable[[Side], Any]:
        name = self.random.choice(
            ("documents", "notices", "every_partner", "programs", "collections_with_source")
        )
        return lambda side: getattr(side.community, name)()

    def read_record(self) -> Callable[[Side], Any]:
        collection = self.random.choice([*self.worlds.grid.community.collections, "nothing"])
        known = collection in self.worlds.grid.community.collections
        name = f"{collection}/{self.some(collection) if known else 'x'}"
        return lambda side: side.community.record(name)

    def read_comments(self) -> Callable[[Side], Any]:
        case, request = self.some("cases"), self.some("collaboration-requests")
        return lambda side: (
            plain(side.community.request_comments(request)),
            plain(side.community.comments(case)),
        )

    def create_case(self) -> Callable[[Side], Any]:
        chance = self.random
        case = NewCase(
            partner_id=PartnerId(self.some("partners")),
            subject=chance.choice(("ASN", "Invoice")),
            category=chance.choice(("asn_rejection", "label_quality", "access", "nonsense")),
            priority=chance.choice(("low", "critical")),
            next_step=chance.choice((None, "Send it again.")),
            due_at=chance.choice((None, START + timedelta(days=9))),
            transaction_refs=(TransactionRef(correlation_id="c1", po_number="PO-1"),),
        )
        key = chance.choice(self.keys)
        return lambda side: side.community.create_case(case, key)

    def create_request(self) -> Callable[[Side], Any]:
        chance = self.random
        uploads = [f"upl_{number:06}" for number in range(1, 9)]
        request = NewRequest(
            type=chance.choice(("support", "data_change", "asn_issue", "nonsense")),
            partner_id=chance.choice((None, PartnerId(self.some("partners")))),
            submitter=Submitter(
                name="Ann Example",
                claimed_identifiers=(ClaimedIdentifier(scheme="gln", value="0614141000524"),),
            ),
            form_key="support",
            form_version=chance.choice((1, 1, 1, 0)),
            answers={"amount": "12.50", "text": "Grüße \U0001f600"},
            attachments=tuple(
                RequestAttachment(upload_id=upload, file_name="a.pdf")
                for upload in chance.sample(uploads, chance.choice((0, 0, 1)))
            ),
            routing=RequestRouting(team_key="edi", rule_key="support"),
            priority="normal",
            source_submission_id=f"sub_{chance.randrange(99)}",
        )
        key = chance.choice(self.keys)
        return lambda side: side.community.create_request(request, key)

    def comment(self) -> Callable[[Side], Any]:
        chance = self.random
        comment = NewComment(
            body=chance.choice(("Please look.", "Thanks.")),
            author_kind=chance.choice(("partner", "system", "nobody")),
        )
        case, request = self.some("cases"), self.some("collaboration-requests")
        key, on_case = f"comment-{chance.randrange(1000)}", chance.random() < 0.5
        return lambda side: (
            side.community.add_comment(case, comment, key)
            if on_case
            else side.community.add_request_comment(request, comment, key)
        )

    def move_record(self) -> Callable[[Side], Any]:
        chance = self.random
        collection = chance.choice(("cases", "collaboration-requests", "documents", "enrollments"))
        identifier = self.some(collection)
        version = self.version_of(collection, identifier)
        to = self.next_status(collection, self.status_of(collection, identifier))
        reason = chance.choice((None, "It is not solved."))
        move = Transition(to=to, reason=reason)
        key = f"move-{chance.randrange(1000)}"
        return lambda side: side.community.move(
            f"{collection}/{identifier}", move, version=version, key=key
        )

    def move_step(self) -> Callable[[Side], Any]:
        chance = self.random
        identifier = self.some("enrollments")
        steps = [{"key": "nothing", "status": "available"}]
        if identifier != "unknown":
            steps = self.worlds.grid.get("enrollments", identifier)["steps"]
        step = chance.choice(steps)
        key, to = step["key"], self.next_status("steps", step["status"])
        version = self.version_of("enrollments", identifier)
        evidence = StepEvidence(kind="formSubmission", id="sub_1", answers={"a": 1})
        move = Transition(to=to, evidence=(evidence,))
        if chance.random() < 0.6:
            return lambda side: side.hub.move_step(identifier, key, to)
        name = f"enrollments/{identifier}/steps/{key}"
        return lambda side: side.community.move(name, move, version=version, key=f"k{version}{to}")

    def refer_to_transaction(self) -> Callable[[Side], Any]:
        chance = self.random
        case = self.some("cases")
        reference = TransactionRef(
            correlation_id=chance.choice(("CA-1/2?x%", "c1")),
            po_number=chance.choice(("PO-1", "PO-2", "P" * 201)),
        )
        return lambda side: side.community.put_transaction(case, reference)

    def send_version(self) -> Callable[[Side], Any]:
        chance = self.random
        document, content = self.some("documents"), bytes([chance.randrange(4)]) * 99
        digest = hashlib.sha256(content).hexdigest()
        sent = chance.choice((content, content, content, content[:-1], content + b"x"))
        key = f"version-{chance.randrange(1000)}"

        def send(side: Side) -> Any:
            facts = FileFacts(digest, len(content))
            target = side.community.announce_upload(
                "a.pdf", "application/pdf", facts, "document_version"
            )
            put = outcome(
                lambda one: one.files.put(target.put_url, [sent], len(sent), "text/plain"), side
            )
            version = NewDocumentVersion(upload_id=target.upload_id, change_note="new")
            return put, side.community.add_version(document, version, key)

        return send

    def read_content(self) -> Callable[[Side], Any]:
        document, number = self.some("documents"), self.random.randint(0, 3)

        def read(side: Side) -> Any:
            into = BytesIO()
            with side.community.content(document, number) as pieces:
                for piece in pieces:
                    into.write(piece)
            found = side.community.record(f"documents/{document}")
            return into.getvalue(), found

        return read

    def change_by_hub(self) -> Callable[[Side], Any]:
        chance = self.random
        identifier = self.some("partners")
        match chance.randrange(5):
            case 0:
                partner = {"id": identifier, "name": f"Partner {chance.random()}"}
                if identifier == "unknown":
                    return lambda side: None
                return lambda side: side.hub.put("partners", partner, "partner.updated")
            case 1:
                collection = chance.choice(("compliance-checks", "cases", "partners"))
                record = self.some(collection)
                to = self.next_status(collection, self.status_of(collection, record))
                wish = {"to": to, "reason": "generated", "nextAction": "None."}
                return lambda side: side.hub.transition(collection, record, wish)
            case 2:
                name, visibility = self.some("cases"), chance.choice(("public", "internal"))
                return lambda side: side.hub.comment(name, "Of the hub", visibility)
            case 3:
                notice = _notice(f"ntc_{chance.randrange(10**9)}")
                return lambda side: side.hub.put("service-notices", notice, "notice.published")
            case _:
                entry = {"id": self.some("cases"), "deletedAt": f"{chance.random()}"}
                entry["deletedAt"] = datetime.now(UTC).isoformat()
                if entry["id"] == "unknown":
                    return lambda side: None
                return lambda side: side.hub.put("cases", entry, "case.updated")

    def change_document_by_hub(self) -> Callable[[Side], Any]:
        chance = self.random
        waiting = [
            one["id"] for one in self.worlds.grid.records("approvals") if one["status"] == "pending"
        ]
        if waiting and chance.random() < 0.5:
            approval, decision = chance.choice(waiting), chance.choice(("approved", "rejected"))
            return lambda side: side.hub.decide(approval, decision)
        if self.documents and chance.random() < 0.5:
            document, content = chance.choice(self.documents), bytes([chance.randrange(4)]) * 99
            return lambda side: side.hub.publish(document, content)
        owner = chance.choice((None, self.some("partners")))
        fresh = {**DOCUMENT, "id": f"doc_{len(self.documents):06}", "partnerId": owner}
        fresh["title"] = f"Document {len(self.documents)}"
        self.documents.append(fresh["id"])
        return lambda side: side.hub.put("documents", fresh, "document.status_changed")

    def read_events(self) -> Callable[[Side], Any]:
        limit, anew = self.random.choice((1, 7, 500)), self.random.random() < 0.1

        def read(side: Side) -> Any:
            if anew or not side.cursor:
                side.cursor = side.community.head()
            page = side.community.read_events(side.cursor, limit)
            side.cursor = page.next_cursor
            return page.items, page.has_more

        return read

    def list_changed(self) -> Callable[[Side], Any]:
        kind = self.random.choice((*COLLECTIONS, "documents", "service-notices"))
        since = datetime.fromtimestamp(
            self.worlds.scheduler.now - self.random.choice((1, 3000, 10**6)), UTC
        )

        def read(side: Side) -> Any:
            page = side.changed.changed(kind, since, None)
            found = [*page.records]
            while page.cursor is not None:
                page = side.changed.changed(kind, since, page.cursor)
                found += page.records
            return found, page.as_of

        return read

    def list_ids(self) -> Callable[[Side], Any]:
        collection = self.random.choice(("enrollments", "cases"))

        def read(side: Side) -> Any:
            client = side.community
            return (
                _all_pages(client.partner_ids),
                _all_pages(lambda cursor: client.owned_ids(collection, cursor)),
                _all_pages(client.sent_ids),
            )

        return read

    def look_up_partner(self) -> Callable[[Side], Any]:
        partner = self.worlds.tenant.store.get("partners", self.some("partners")) or {}
        address = next(iter(partner.get("tradingAddresses", [])), {"qualifier": "ZZ", "id": "?"})
        text = f"{address['qualifier']}:{address['id']}"
        gln = next(
            (one["value"] for one in partner.get("identifiers", []) if one["scheme"] == "gln"), "1"
        )
        name = partner.get("name", "nobody")
        return lambda side: (
            side.directory.partner_with(text),
            side.directory.listed_partner_with(text),
            side.directory.partner_known_by(IdentifierScheme.GLN, gln),
            side.directory.partner_directory(CompanyId(HUB), partner_company_name=name),
            side.directory.partner_directory(CompanyId(HUB), trading_address=text),
            side.directory.partner_directory(
                CompanyId(HUB), partner_company_id=CompanyId(partner.get("id", "nobody"))
            ),
            [one.raw for one in side.directory.partner_directory(CompanyId(HUB))],
        )

    def put_transaction(self) -> Callable[[Side], Any]:
        chance = self.random
        number = chance.randrange(30)
        entry = {
            "transactionid": f"t{number}",
            "correlationid": f"C*{number // 3}" if number % 2 else None,
            "status": chance.choice("FVSC"),
            "editype": "850",
            "senderaddress": 'ZZ:"QUOTED"',
            "contentkeys": [
                {"key": "invoice number", "value": f"INV-{number}"},
                {"key": "unknown", "value": "x"},
            ],
        }
        if chance.random() < 0.5:
            entry["fastatus"] = chance.choice("ARC")
        delay = chance.choice((0.0, 90.0))
        return lambda side: side.hub.put_transaction(dict(entry), delay)

    def search_transactions(self) -> Callable[[Side], Any]:
        until = datetime.fromtimestamp(self.worlds.scheduler.now, UTC)
        since = until - timedelta(seconds=self.random.choice((60, 5000, 10**6)))
        processes = [f"C*{self.random.randrange(9)}", f"t{self.random.randrange(30)}", 'no"body']
        return lambda side: (
            plain(side.lens.changed_entries(since, until)),
            [plain(page) for page in side.lens.arrived_entries(since, until)],
            plain(side.lens.entries_of(processes)),
        )


def _all_pages(read: Callable[[str | None], Any]) -> list[Any]:
    found, cursor = read(None)
    while cursor is not None:
        more, cursor = read(cursor)
        found = [*found, *more]
    return list(found)


def _notice(identifier: str) -> dict[str, Any]:
    moment = START.isoformat()
    return {
        "id": identifier,
        "kind": "incident",
        "title": "Delayed delivery",
        "impact": "major",
        "status": "investigating",
        "startsAt": moment,
        "audience": {"all": True},
        "updates": [{"id": "u1", "at": moment, "status": "investigating", "bodyHtml": "<p>"}],
    }


@pytest.mark.parametrize("seed", range(2))
def test_random_calls_when_both_get_them_have_equal_results_and_errors(
    worlds: Worlds, seed: int
) -> None:
    Sequence(worlds, seed).run(CALLS)


def test_old_cursor_and_old_token_when_two_weeks_have_passed_are_refused_alike(
    worlds: Worlds,
) -> None:
    sequence = Sequence(worlds, 7)
    cursors = [side.community.head() for side in worlds.sides]
    for _ in range(5):
        worlds.compare(sequence.create_case())
    worlds.advance(15 * 86_400)

    outcomes = [
        outcome(lambda side, at=cursor: side.community.read_events(at, 10), side)  # type: ignore[misc]
        for cursor, side in zip(cursors, worlds.sides, strict=True)
    ]

    assert outcomes[0] == outcomes[1]
    assert outcomes[0][:3] == ("CursorExpired", 410, "cursor-expired")
