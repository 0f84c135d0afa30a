"""The functions' Wix clients on the soak test's model and on the emulator, side by side."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import orjson

from emulators.common.server import thread
from emulators.wix import app as wix_app
from emulators.wix.auth import Identity
from emulators.wix.site import Site, new_site
from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.links import PartnerLinks
from gridwix.clients.wix.media import MediaClient
from gridwix.clients.wix.portal_changes import PortalChanges
from gridwix.clients.wix.site import WixSite
from gridwix.errors import FileRefused, UpstreamError
from gridwix.partner_messenger.mail_automation import MailAutomation
from gridwix.partner_messenger.members import WixMemberDirectory
from gridwix.partner_messenger.wix_inbox import WixInbox
from soak.kernel.edges import Edges, FaultSource, NoFaults
from soak.kernel.tasks import Scheduler
from soak.wix.site import API_URL, Wix
from tests.fakes.wire import CountingBudget

START = 1_772_452_800.0
LAG = 1.0
QUOTA = 1_000_000
PORTAL = Path(__file__).parents[2] / "portal"


@dataclass
class Clients:
    """The clients of one site, and what they were told at last."""

    site: WixSite
    data: WixClient
    media: MediaClient
    directory: WixMemberDirectory
    links: PartnerLinks
    changes: PortalChanges
    inbox: WixInbox
    mail: MailAutomation
    files: FileClient
    budget: CountingBudget
    names: dict[str, str] = field(default_factory=dict)
    """Names for ids that each site makes up, so that both can be compared."""

    def name(self, identifier: str, name: str) -> str:
        self.names[identifier] = name
        return identifier

    def id_of(self, name: str) -> str:
        return next(one for one, known in self.names.items() if known == name)


def clients_of(
    http: httpx.Client,
    files: FileClient,
    base: str,
    key: str,
    mail_url: str,
    clock: Callable[[], float],
    sleep: Callable[[float], None] = lambda _: None,
) -> Clients:
    """The clients of a site."""
    budget, auth = CountingBudget(), wix_auth({"apiKey": key}, Identity().site_id)
    site = WixSite(http, auth, budget, base_url=base, clock=clock, sleep=sleep)
    data = WixClient(http, auth, budget, base_url=base, clock=clock, sleep=sleep)
    return Clients(
        site,
        data,
        MediaClient(site, files),
        WixMemberDirectory(data, site),
        PartnerLinks(data),
        PortalChanges(data),
        WixInbox(site),
        MailAutomation(http, lambda: {"emailUrl": mail_url}, clock=clock, sleep=sleep),
        files,
        budget,
    )


def a_model(
    faults: FaultSource | None = None, *, quota: int = QUOTA
) -> tuple[Wix, Scheduler, Clients]:
    """A model of a site, its time and its clients. A client sleeps in virtual time."""
    scheduler = Scheduler(START)
    model = Wix(Edges(scheduler, Random(1), faults or NoFaults(), {}), Random(2), quota)
    transport = httpx.MockTransport(model.respond)
    clients = clients_of(
        new_client(transport=transport),
        FileClient(exempt={"media.soak"}, trusted=transport),
        API_URL,
        model.api_keys[0],
        model.mail_url,
        lambda: scheduler.now,
        scheduler.sleep,
    )
    return model, scheduler, clients


@dataclass
class Worlds:
    """Both sites. Their clocks show the same time, and stand still until ``advance``."""

    model: Wix
    scheduler: Scheduler
    emulator: Site
    on_model: Clients
    on_emulator: Clients

    def advance(self, seconds: float) -> None:
        self.scheduler.run(self.scheduler.now + seconds)
        self.emulator.clock.freeze(datetime.fromtimestamp(self.scheduler.now, UTC))

    def both(self, call: Callable[[Clients], Any], what: str = "") -> Any:
        """Make a call on both sites, check that the results are equal, and return it."""
        model, emulator = (_outcome(call, one) for one in (self.on_model, self.on_emulator))
        assert model == emulator, f"{what}\nmodel: {model}\nemulator: {emulator}"
        return model


@functools.cache
def _collection_definitions() -> Sequence[Mapping[str, Any]]:
    return [orjson.loads(path.read_bytes()) for path in sorted(PORTAL.glob("collections/*.json"))]


@contextlib.contextmanager
def two_worlds(*, quota: int = QUOTA) -> Iterator[Worlds]:
    """A new model and a new emulator with the portal's collections."""
    model, scheduler, on_model = a_model(quota=quota)
    model.people.replica_lag = model.collections.replica_lag = LAG
    emulator = new_site(replica_lag=LAG, requests_per_minute=quota, reads_per_minute=quota)
    # Before its first write: a replica takes in writes in their order.
    emulator.clock.freeze(datetime.fromtimestamp(START, UTC))
    emulator.media.limits.ready_seconds = 0.0
    indexes = orjson.loads((PORTAL / "indexes.json").read_bytes())
    for definition in _collection_definitions():
        emulator.collections.create(dict(definition))
        for index in indexes.get(definition["id"], ()):
            emulator.indexes.create(definition["id"], index)
    with thread(wix_app.build_app(emulator)) as url, new_client() as http:
        on_emulator = clients_of(
            http,
            FileClient(exempt={url.removeprefix("http://")}),
            url,
            emulator.auth.identity.api_key,
            f"{url}/_api/webhook-trigger/report/{emulator.auth.identity.site_id}/hook",
            lambda: scheduler.now,
        )
        worlds = Worlds(model, scheduler, emulator, on_model, on_emulator)
        worlds.advance(0.0)
        yield worlds


def _outcome(call: Callable[[Clients], Any], clients: Clients) -> Any:
    """What a call returns or raises, with names in place of the ids that a site makes up."""
    try:
        result = call(clients)
    except UpstreamError as error:
        ambiguous = getattr(error, "ambiguous", None)
        return (type(error).__name__, error.vendor_code, error.status, ambiguous)
    except (FileRefused, ValueError) as error:
        return (type(error).__name__, str(error))
    return _named(result, clients.names)


def _named(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str():
            return names.get(value, value)
        case Mapping():
            return {_named(key, names): _named(one, names) for key, one in value.items()}
        case list() | tuple():
            return [_named(one, names) for one in value]
        case set() | frozenset():
            return sorted(_named(one, names) for one in value)
    if isinstance(value, Exception):
        return str(value)
    if is_dataclass(value):
        return {one.name: _named(getattr(value, one.name), names) for one in fields(value)}
    return value
