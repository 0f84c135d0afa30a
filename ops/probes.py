"""What of the two systems works with the configured credentials, one harmless read for each capability."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from gridwix.clients.wix.client import WixClient
from gridwix.errors import GridwixError
from gridwix.models.ids import CollectionId
from ops import indexes
from ops.collections import definitions
from ops.connections import Connections
from ops.indexes import Index, Standing

LOOK_BACK = timedelta(hours=1)

ADMIN_ONLY = {"insert": "ADMIN", "update": "ADMIN", "remove": "ADMIN", "read": "ADMIN"}


@dataclass(frozen=True, slots=True)
class Finding:
    """``found`` says what was seen if the capability works, else why it does not. It holds no secret and no record's content."""

    system: str
    capability: str
    works: bool
    found: str


type Probe = tuple[str, str, Callable[[], str]]


def examine(connections: Connections) -> Iterator[Finding]:
    """Probe after probe; one that fails does not stop the others."""
    for system, capability, probe in probes(connections):
        yield examine_one(system, capability, probe)


def examine_one(system: str, capability: str, probe: Callable[[], str]) -> Finding:
    try:
        return Finding(system, capability, True, probe())
    except GridwixError as error:
        return Finding(system, capability, False, f"{error.code}: {error}")


def probes(connections: Connections) -> list[Probe]:
    """The probes. A failing one raises GridwixError."""
    directory, community, lens, wix = connections.directory, connections.community, connections.lens, connections.wix
    wanted_indexes = indexes.definitions()
    now = datetime.now(UTC)
    company = connections.settings.trading_grid_company_id
    return [
        ("Trading Grid", "partner directory", lambda: _count(len(directory.partner_directory(company)), "partner")),
        ("Trading Grid", "partners", lambda: _count(len(community.partner_ids(None)[0]), "partner") + " on the first page"),
        ("Trading Grid", "onboarding programs", lambda: _count(len(community.programs().records), "program")),
        (
            "Trading Grid",
            "enrollments",
            lambda: _count(len(community.enrollments(community.partner_ids(None)[0][:1]).records), "enrollment") + " of one partner",
        ),
        (
            "Trading Grid",
            "compliance checks",
            lambda: _count(len(community.compliance_checks(community.partner_ids(None)[0][:1]).records), "check") + " of one partner",
        ),
        ("Trading Grid", "cases", lambda: _count(len(community.open_cases(community.partner_ids(None)[0][:1]).records), "open case") + " of one partner"),
        ("Trading Grid", "service notices", lambda: _count(len(community.notices().records), "notice")),
        ("Trading Grid", "collaboration requests", lambda: _count(len(community.sent_ids(None)[0]), "request") + " from the portal on the first page"),
        ("Trading Grid", "documents", lambda: _count(len(community.documents().records), "document")),
        ("Trading Grid", "transactions (Lens)", lambda: _count(len(lens.changed(now - LOOK_BACK, now).records), "entry", "entries") + " of the last hour"),
        ("Trading Grid", "event feed", lambda: "has a head" if community.head() else "is empty"),
        *(
            ("Wix", f"collection {collection}", partial(collection_state, wix, collection, wanted_indexes.get(collection, ())))
            for collection in (CollectionId(wanted["id"]) for wanted in definitions())
        ),
    ]


def collection_state(wix: WixClient, collection: CollectionId, wanted: Sequence[Index] = ()) -> str:
    """How many items a collection has, once it is sure that only administrators can get at them and that the wanted indexes stand. Raises GridwixError."""
    existing = wix.get_collection(collection)
    if existing is None:
        raise GridwixError("it does not exist; `gridwix setup` creates it")
    if existing.get("permissions") != ADMIN_ONLY:
        raise GridwixError("others than administrators may get at it; `gridwix setup` locks it")
    found = _count(wix.count_items(collection), "item") + ", administrators only"
    if not wanted:
        return found
    if wrong := indexes.faults(wanted, [Standing.read(each) for each in wix.list_indexes(collection)]):
        raise GridwixError(f"{'; '.join(wrong)}; `gridwix setup` makes it anew")
    return f"{found}, {_count(len(wanted), 'index', 'indexes')}"


def _count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"
