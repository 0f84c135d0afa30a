"""One run of each ``gridwix people`` command with ``--json``, and what its document must have."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from gridwix.clients.trading_grid.directory_users import DirectoryUser
from gridwix.errors import Forbidden
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.people_runs import (
    CompanyCounts,
    EndReason,
    InvitationCounts,
    PartnerInvitations,
    PeopleReport,
    RowCounts,
)
from gridwix.models.portal.collection_ids import (
    PARTNER_INVITATIONS,
    PARTNER_LINKS,
    PARTNER_STATUS,
    PEOPLE_HISTORY,
)
from gridwix.models.reconciliation import RunRequest
from gridwix.models.wix import BulkOutcome, DataItem, Page
from gridwix.partner_messenger.outbox_table import INDEX
from gridwix.people.persons import Person
from gridwix.people.planning import NewInvitation
from gridwix.people.rows import invitation_row
from ops.configuration import load_configuration
from ops.erasure.subject import Subject
from tests.command_output import printed_document
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.fakes.aws import create_table
from tests.fakes.people import CAMPAIGNS, NOW, FakeRows
from tests.unit.ops.erasure.test_run import FakeStore
from tests.unit.ops.json_runs import MEMBER, Deployed

ADA, BO, CY = "ada@x.example", "bo@x.example", "cy@x.example"
UNUSED = InvitationCounts(expired=2, bounced=1)
ROWS = "partner,email,role,phone\n{},{},edi,1\n"


class PeopleSite(FakeRows):
    """A site with two partners. Bo acts for one of them; Cy was invited to it in another role."""

    def __init__(self) -> None:
        super().__init__()
        cy = NewInvitation(Person(PartnerId(PRAIRIE_GOLD), CY, "edi"), 1)
        self.items: dict[str, list[DataItem]] = {
            PARTNER_STATUS: [
                DataItem(WixItemId(one), {"partnerId": one, "status": "active"})
                for one in (PRAIRIE_GOLD, BALTIC)
            ],
            PARTNER_LINKS: [
                DataItem(
                    WixItemId("link-1"),
                    {"memberId": MEMBER, "partnerId": PRAIRIE_GOLD, "role": "admin"},
                )
            ],
            PEOPLE_HISTORY: [],
            PARTNER_INVITATIONS: [
                invitation_row(cy, b"key", bound=True, now=datetime.now(UTC), days=14)
            ],
        }

    def query_pages(self, collection: CollectionId, **_: Any) -> Iterator[Page]:
        yield Page(tuple(self.items[collection]), None)

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        return [one for one in self.items[collection] if one.data.get(field) == value]

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        self.items[collection] += items
        return super().bulk_insert(collection, items)

    def call(self, *_: Any, **__: Any) -> Mapping[str, Any]:
        bounced = {"primaryEmail": {"email": CY.upper(), "deliverabilityStatus": "BOUNCED"}}
        return {"members": [{"id": MEMBER, "loginEmail": BO.upper()}], "contacts": [bounced]}


class Directory:
    """The users of Prairie Gold; those of any other company cannot be read."""

    def company_users(self, company_id: CompanyId) -> Sequence[DirectoryUser]:
        if company_id != PRAIRIE_GOLD:
            raise Forbidden(system="tg")
        return [
            DirectoryUser("U1", "ada", ADA, "Ada", "Active", roles=("Partner Admin",)),
            DirectoryUser("U2", "di", "di@x.example", "Di", "Inactive"),
        ]


@dataclass
class Bus:
    """An EventBridge client that takes every event."""

    entries: list[Mapping[str, Any]] = field(default_factory=list)

    def put_events(self, Entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        self.entries += Entries
        return {"Entries": [{} for _ in Entries]}


def serve_people(world: Deployed) -> tuple[PeopleSite, Bus]:
    """Let the commands find a stack and a site."""
    bus, site = Bus(), PeopleSite()
    secret = json.dumps({"invitationKey": "k" * 64})
    secrets = SimpleNamespace(get_secret_value=lambda **_: {"SecretString": secret})
    table = create_table(world.tables, "id", index=(INDEX, "waiting", "dueAt"))
    outputs = {
        "DispatchTableName": table,
        "BusName": "bus",
        "InvitationKeySecretName": "gridwix/people/invitation-key",
    }
    world.serve(outputs, events=bus, secrets=secrets)
    settings = SimpleNamespace(trading_grid_company_id="GC00700011NR")

    @contextmanager
    def connected(*_: Any, **__: Any) -> Iterator[Any]:
        yield SimpleNamespace(wix=site, site=site, directory=Directory(), settings=settings)

    configuration = load_configuration().model_copy(update={"campaigns": CAMPAIGNS})
    world.replace("people.connect", connected)
    world.replace("people.configuration_in_effect", lambda *_: configuration)
    return site, bus


def run_import(world: Deployed) -> None:
    site, bus = serve_people(world)
    file = world.folder / "people.csv"
    file.write_text(ROWS.format(PRAIRIE_GOLD, ADA) + f"{PRAIRIE_GOLD},{BO},edi,\nGC9,{ADA},edi,\n")

    stopped = printed_document("people import", str(file), code=1)
    dry = printed_document("people import", str(file), "--skip-bad-rows", "--dry-run", code=3)
    assert site.calls == []
    done = printed_document("people import", str(file), "--skip-bad-rows", "--yes")

    assert (stopped["plan"], stopped["outcome"]) == (None, None)
    assert [(one["line"], one["column"]) for one in stopped["badRows"]] == [(4, "partner")]
    assert stopped["ignoredColumns"] == ["phone"]
    assert [one["email"] for one in dry["plan"]["new"]] == [ADA]
    assert [(one["email"], one["before"]) for one in dry["plan"]["changed"]] == [(BO, ["admin"])]
    assert dry["outcome"] is None
    assert done["outcome"] == {"invited": 1, "changed": 1, "announced": 1, "failures": []}
    # The history comes first.
    assert site.calls == ["insert", "set", "insert"]
    lines = printed_document("people history", PRAIRIE_GOLD)["lines"]
    assert [(one["act"], one["email"], one["roleBefore"], one["roleAfter"]) for one in lines] == [
        ("invited", ADA, None, "edi"),
        ("role_changed", BO, "admin", "edi"),
    ]
    assert [one["DetailType"] for one in bus.entries] == ["invitation.created"]
    assert "@" not in str(bus.entries)

    found = printed_document("people import", "--from-directory", "--dry-run", code=3)
    assert found["directory"] == {
        "partners": 1,
        "unread": {"upstream_forbidden": 1},
        "leftOut": {"inactive": 1},
    }
    # The file's role differs from the directory's.
    assert [one["role"] for one in found["plan"]["changed"]] == ["admin"]


def run_remind(world: Deployed) -> None:
    site, bus = serve_people(world)
    (former,) = site.items[PARTNER_INVITATIONS]
    early = printed_document("people remind", "--dry-run", code=3)
    ago = {"invitedAt": datetime.now(UTC) - timedelta(days=3)}
    site.items[PARTNER_INVITATIONS] = [DataItem(former.id, {**former.data, **ago})]

    dry = printed_document("people remind", "--dry-run", code=3)
    other = printed_document("people remind", "--email", ADA)
    assert (site.calls, bus.entries) == ([], [])
    done = printed_document("people remind", "--partner", PRAIRIE_GOLD, "--email", CY, "--yes")

    assert (early["plan"]["new"], early["plan"]["unchanged"]) == ([], 1)
    assert [(one["email"], one["round"]) for one in dry["plan"]["new"]] == [(CY, 2)]
    assert (other["plan"]["new"], other["outcome"]) == ([], None)
    assert done["outcome"] == {"invited": 1, "changed": 0, "announced": 1, "failures": []}
    # The line of the history, the next invitation, and the end of the former one.
    assert site.calls == ["insert", "insert", "set"]
    (line,) = printed_document("people history", PRAIRIE_GOLD)["lines"]
    assert (line["act"], line["email"]) == ("sent_again", CY)


def run_list(world: Deployed) -> None:
    serve_people(world)

    found = printed_document("people list")["people"]
    pending = printed_document("people list", "--pending", "--partner", PRAIRIE_GOLD)["people"]

    assert [(one["email"], one["access"], one["mail"]) for one in found] == [
        (BO, "linked", None),
        (CY, "invited", "bounced"),
    ]
    assert [one["email"] for one in pending] == [CY]
    assert datetime.fromisoformat(pending[0]["until"]) > datetime.now(UTC) + timedelta(days=13)


def run_history(world: Deployed) -> None:
    site, _ = serve_people(world)
    site.items[PEOPLE_HISTORY] = [
        DataItem(
            WixItemId("line-1"),
            {"partnerId": PRAIRIE_GOLD, "at": datetime.now(UTC), "actor": MEMBER, "act": "removed"},
        ),
        DataItem(WixItemId("line-2"), {"partnerId": PRAIRIE_GOLD, "at": "soon"}),
    ]

    lines = printed_document("people history", PRAIRIE_GOLD)["lines"]

    assert [(one["actor"], one["act"], one["member"]) for one in lines] == [
        (MEMBER, "removed", None),
        ("", "", None),
    ]
    assert lines[1]["at"] is None


def run_forget(world: Deployed) -> None:
    world.serve({})
    store = FakeStore("rows", {"row-1"})
    person = Subject(emails=frozenset({ADA}))
    world.replace("erase.connect", lambda *_: nullcontext())
    world.replace("erase.find_subject", lambda *_: person)
    world.replace("erase.personal_stores", lambda *_: (store,))

    dry = printed_document("people forget", ADA, "--dry-run")
    done = printed_document("people forget", ADA, "--yes")

    assert [one["outcome"] for one in (dry, done)] == ["dry_run", "erased"]
    assert [one["removed"] for one in done["stores"]] == [1]
    assert ADA not in str((dry, done))


def run_reconcile(world: Deployed) -> None:
    world.serve({})
    reports = {
        dry_run: PeopleReport(
            run="people-1",
            begun=NOW,
            finished=NOW,
            dry_run=dry_run,
            total=RowCounts(links=40),
            found={EndReason.DIRECTORY: RowCounts(links=20)},
            waiting=1,
            ended={},
            companies=CompanyCounts(read=1, unread=1, empty=1),
            stopped=() if dry_run else (EndReason.DIRECTORY,),
            ids=(WixItemId("link-1"),),
            unused=UNUSED,
            unused_of=(PartnerInvitations(partner_id=PartnerId(PRAIRIE_GOLD), counts=UNUSED),),
        )
        for dry_run in (True, False)
    }
    asked: list[RunRequest] = []
    world.replace("people.request_run", lambda _, request: asked.append(request))
    world.replace("people.wait_for_people_report", lambda *_, **__: reports[asked[-1].dry_run])

    dry = printed_document("people reconcile", "--dry-run", "--accept-shrink", code=3)
    stopped = printed_document("people reconcile", "--yes", code=1)

    assert [(one.mode, one.dry_run, one.accept_shrink) for one in asked] == [
        ("people", True, True),
        ("people", False, False),
    ]
    assert dry["unused"] == {"expired": 2, "expiring": 0, "bounced": 1, "unknown": 0}
    assert dry["unusedOf"] == [{**dry["unused"], "partner": PRAIRIE_GOLD}]
    assert dry["found"] == {"directory": {"links": 20, "invitations": 0}}
    assert (stopped["stopped"], stopped["companiesUnread"]) == (["directory"], 2)


RUNS: Mapping[str, Callable[[Deployed], None]] = {
    "people forget": run_forget,
    "people import": run_import,
    "people list": run_list,
    "people history": run_history,
    "people reconcile": run_reconcile,
    "people remind": run_remind,
}
