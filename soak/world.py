"""A world of the soak test: the functions of the stack, and models of everything around them, in
virtual time.
"""

from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any, Self

from soak.cloud.bus import USUAL, Bus, Deliveries
from soak.cloud.dynamodb import DynamoDB
from soak.cloud.messages import NO_CHANCES, Chances
from soak.cloud.objects import Objects
from soak.cloud.queues import Queues
from soak.cloud.schedules import Schedules
from soak.cloud.secret_values import SecretValues
from soak.cloud.signed import SignedCall, signed_call
from soak.cloud.sqs import SqsClient
from soak.hosting.determinism import make_deterministic, stop_determinism
from soak.hosting.environments import Services
from soak.hosting.functions import Functions
from soak.hosting.garbage import keep_old_objects, stop_keeping
from soak.hosting.mappings import Mappings
from soak.hosting.telemetry import Telemetry
from soak.hosting.transport import GuardedTransport, ModelTransport
from soak.hosting.unkept_journal import UnkeptJournal
from soak.kernel.edges import Edges, FaultSource, NoFaults
from soak.kernel.tasks import Scheduler
from soak.kernel.virtual_time import stop_virtual_time, use_scheduler
from soak.secrets import Secrets
from soak.template import Template
from soak.trading_grid import TradingGrid
from soak.trading_grid.grid import HUB
from soak.wix.site import API_URL, CALLS_PER_MINUTE, MEDIA_URL, RING_URL, SITE_URL, Wix

START = 1_790_000_000.0
"""Unix seconds at which worlds begin: a Monday in September 2026, 14:13 UTC."""

GRID_URL = "https://grid.soak"
EXPIRY_SECONDS = 3600.0
"""Seconds between two deletions of expired items and objects."""

LATENCIES: Mapping[str, float] = {
    "dynamodb": 0.005,
    "sqs": 0.01,
    "events": 0.02,
    "s3": 0.03,
    "secrets": 0.02,
    "trading_grid": 0.15,
    "wix": 0.3,
    "media": 0.3,
    "ring": 0.5,
}
"""Usual duration of a call in seconds, by edge."""


class World:
    """The functions and all models of one run. One world at a time has the process's clock and
    random numbers.

    A seed decides all that happens in it, together with the caller's acts. Use it as a context
    manager, or call :meth:`close`, to restore the process's own clock.

    Args:
        seed: Any text or number.
        faults: Decides which calls fail.
        start: Virtual time at the beginning, in Unix seconds.
        parameters: The template's parameters, in place of a world's usual ones.
        latencies: Usual seconds of a call, by edge.
        chances: What the queues do to messages.
        deliveries: How the bus delivers events.
        schedule_twice: Share of the schedules' messages (0 to 1) that come twice.
        site_quota: Calls in a minute above which Wix answers 429.
        journal: Whether the journal is kept. No function reads it, and of all tables it has the
            most items.
    """

    def __init__(
        self,
        seed: int | str,
        *,
        faults: FaultSource | None = None,
        start: float = START,
        parameters: Mapping[str, str] | None = None,
        latencies: Mapping[str, float] = LATENCIES,
        chances: Chances = NO_CHANCES,
        deliveries: Deliveries = USUAL,
        schedule_twice: float = 0.0,
        site_quota: int = CALLS_PER_MINUTE,
        journal: bool = True,
    ) -> None:
        self.seed = str(seed)
        self._journal = journal
        make_deterministic(self.seed)
        keep_old_objects()
        self.random = self.new_random("world")
        self.scheduler = Scheduler(start)
        use_scheduler(self.scheduler)
        self.edges = Edges(
            self.scheduler, self.new_random("edges"), faults or NoFaults(), latencies
        )
        self.grid = TradingGrid(self.edges, self.new_random("trading grid"))
        self.wix = Wix(self.edges, self.new_random("wix"), site_quota)
        self.template = Template({**self._parameters(), **(parameters or {})})
        self.dynamodb = DynamoDB(self.template.tables, self.edges, self.new_random("dynamodb"))
        self.dynamodb.tables["JournalTable"].kept = journal
        self.queues = Queues(self.template, self.scheduler, self.new_random("queues"), chances)
        self.bus = Bus(self.template, self.queues, self.edges, deliveries)
        self.objects = Objects(self.template, self.edges, self.new_random("objects"))
        self.secrets = SecretValues(self.template, self.edges, self.new_random("secrets"), {})
        self.rotation = Secrets(self.secrets, self.grid, self.wix, self.new_random("rotation"))
        self.schedules = Schedules(self.template, self.queues, jitter=5.0, twice=schedule_twice)
        self.telemetry = Telemetry(lambda: self.scheduler.now)
        self.functions = Functions(
            self.template.functions,
            self.scheduler,
            self.new_random("functions"),
            self._services(),
        )
        self.mappings = Mappings(
            self.template.event_sources,
            {name: one.folder for name, one in self.template.functions.items()},
            self.queues,
            self.functions,
            self.scheduler,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def new_random(self, purpose: str) -> Random:
        """Return a source of chance that depends only on the seed and the purpose."""
        return Random(f"{self.seed}/{purpose}")

    def begin(self) -> None:
        """Start the stack: its schedules, its event sources, and the expiry of items."""
        self.schedules.start()
        self.mappings.start()
        self._expire_again()

    def run(self, seconds: float) -> None:
        """Advance virtual time by some seconds."""
        self.scheduler.run(self.scheduler.now + seconds)

    def run_until_quiet(
        self, most: float, pause: float = 5.0, look: Callable[[], None] = lambda: None
    ) -> bool:
        """Advance virtual time until no message waits or is processed, dead letters aside.

        Args:
            most: Seconds after which it gives up.
            pause: Seconds between two looks.
            look: Called at each look that finds work left.

        Returns:
            True if it is quiet.
        """
        until = self.scheduler.now + most
        while self.scheduler.now < until:
            self.run(min(pause, until - self.scheduler.now))
            if self.is_quiet:
                return True
            look()
        return False

    @property
    def is_quiet(self) -> bool:
        """True if no message waits or is processed, dead letters aside, and no function runs."""
        return (
            not self.functions.running
            and self.mappings.are_idle
            and not any(self.queues.depth(one.queue) for one in self.template.event_sources)
        )

    @property
    def waiting(self) -> dict[str, int]:
        """Number of messages that wait or are processed, by function; dead letters aside."""
        sources = self.template.event_sources
        folders = {name: one.folder for name, one in self.template.functions.items()}
        return {folders[one.function]: self.queues.depth(one.queue) for one in sources}

    def dead_letters(self) -> dict[str, list[str]]:
        """Return the messages of each dead-letter queue that is not empty."""
        names = sorted(
            one.dead_letters for one in self.template.queues.values() if one.dead_letters
        )
        return {name: bodies for name in names if (bodies := self.queues.bodies(name))}

    def close(self) -> None:
        """Restore the process's own clock, random numbers and threads."""
        stop_virtual_time()
        stop_determinism()
        stop_keeping()

    def _parameters(self) -> dict[str, str]:
        identity = self.wix.identity
        return {
            "TradingGridBaseUrl": GRID_URL,
            "TradingGridCommunityUrl": f"{GRID_URL}/community/v1",
            "TradingGridCompanyId": HUB,
            "WixBaseUrl": API_URL,
            "WixSiteId": identity.site_id,
            "WixInstanceId": identity.instance_id,
            "PortalUrl": f"{SITE_URL}/partner-portal",
            "PortalRingUrl": RING_URL,
        }

    def _services(self) -> Services:
        clients: Mapping[str, Callable[[], Any]] = {
            "dynamodb": self.dynamodb.new_client,
            "events": lambda: self.bus,
            "sqs": partial(SqsClient, self.queues, self.edges),
            "s3": lambda: self.objects,
            "secretsmanager": lambda: self.secrets,
        }
        hosts = {
            "grid.soak": self.grid.respond,
            **{
                url.removeprefix("https://"): self.wix.respond
                for url in (API_URL, MEDIA_URL, SITE_URL)
            },
        }
        call = signed_call(self.dynamodb, self.bus, self.secrets, self.edges)
        return Services(
            new_client=lambda service: clients[service](),
            signed_caller=lambda: _SignedCaller(call),
            http=ModelTransport(hosts),
            files=GuardedTransport(hosts),
            telemetry=self.telemetry,
            journal=None if self._journal else UnkeptJournal,
        )

    def _expire_again(self) -> None:
        self.dynamodb.expire(self.scheduler.now)
        self.scheduler.after(EXPIRY_SECONDS, self._expire_again)


class _SignedCaller:
    """Stands for ``gridwix.clients.aws.signed.SignedCaller`` in one execution environment."""

    def __init__(self, call: SignedCall) -> None:
        self._call = call

    def call(
        self,
        service: Any,
        operation: str,
        payload: Mapping[str, Any],
        *,
        expected_code: str = "",
    ) -> Any:
        """Send a request to the models and return the response."""
        caller: Any = self
        return self._call(caller, service, operation, payload, expected_code=expected_code)
