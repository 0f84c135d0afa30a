"""Execution environments of Lambda: one function's real handler, with all state that the product
keeps between invocations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any, Self, cast, override

import httpx

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.wix.ring_function import ring_client
from gridwix.configuration.in_effect import ConfigurationInEffect, LoadedConfiguration
from gridwix.ports import Journal
from soak.hosting.modules import ModuleTree, Substitutes, private_modules
from soak.hosting.telemetry import Handler, Logger, Metrics, Telemetry
from soak.lean_http import LeanClient

_spare: dict[str, list["ExecutionEnvironment"]] = {}
_bundled: dict[str, LoadedConfiguration] = {}


@dataclass(frozen=True, slots=True)
class Services:
    """The models that stand for everything that functions call.

    Args:
        new_client: Builds a client with the methods of boto3's, for a service (``dynamodb``,
            ``events``, ``sqs``, ``s3``, ``secretsmanager``).
        signed_caller: Builds what stands for ``gridwix.clients.aws.signed.SignedCaller``.
        http: Leads to Trading Grid and Wix.
        files: The same for files, whose URLs are not trusted.
        telemetry: Takes logs and metrics.
        journal: Builds the journal of a function from a client, in place of the product's; None:
            the product's.
    """

    new_client: Callable[[str], Any]
    signed_caller: Callable[[], Any]
    http: httpx.BaseTransport
    files: httpx.BaseTransport
    telemetry: Telemetry
    journal: Callable[[Any], Journal] | None = None


@dataclass(slots=True, eq=False)
class ExecutionEnvironment:
    """An execution environment of Lambda. It handles one invocation at a time.

    Its modules are executed once in this process. :meth:`begin` resets their state, so that an
    environment that was thrown away serves as the next one.

    Args:
        folder: The function's name below ``functions``.
    """

    folder: str
    skew: float = 0.0
    generation: int = 0
    idle_since: float = 0.0
    _services: Services | None = None
    _variables: dict[str, str] = field(default_factory=dict)
    _logger: Logger = field(init=False)
    _metrics: Metrics = field(init=False)
    _tree: ModuleTree = field(init=False)
    _handler: Handler = field(init=False)
    _clear: list[Callable[[], object]] = field(init=False)

    def __post_init__(self) -> None:
        self._logger = Logger(self.folder, self._telemetry)
        self._metrics = Metrics(self.folder, self._telemetry)
        self._tree = ModuleTree(self._substitutes())
        self._handler = self._tree.load(f"functions.{self.folder}.handler").handler
        self._clear = [self._logger.forget_keys, self._metrics.clear, *_kept_state(self._tree)]

    @classmethod
    def begin(cls, folder: str, variables: Mapping[str, str], services: Services) -> Self:
        """Return a new environment of a function: nothing is cached, and nothing is connected.

        Args:
            folder: The function's name below ``functions``.
            variables: Its environment variables.
            services: What it calls.
        """
        spare = _spare.get(folder)
        found = cast("Self", spare.pop()) if spare else cls(folder)
        for clear in found._clear:
            clear()
        found._variables.clear()
        found._variables.update(variables)
        found._services = services
        found.skew = 0.0
        return found

    def throw_away(self) -> None:
        """End the environment, after the end of its invocation."""
        self._services = None
        _spare.setdefault(self.folder, []).append(self)

    def handle(self, event: dict[str, Any], context: Any) -> Any:
        """Run the function's handler with an event."""
        return self._handler(event, context)

    @property
    def modules(self) -> Mapping[str, ModuleType]:
        """The private modules of this environment, by name."""
        return self._tree.modules

    def _telemetry(self) -> Telemetry:
        return self._current().telemetry

    def _current(self) -> Services:
        assert self._services is not None, "the environment has ended"
        return self._services

    def _substitutes(self) -> Substitutes:
        return {
            "os": {"environ": self._variables},
            "botocore.session": {"Session": lambda: _Session(self._current().new_client)},
            "aws_lambda_powertools": {
                "Logger": lambda: self._logger,
                "Metrics": lambda: self._metrics,
                "single_metric": self._metrics.single_metric,
            },
            "gridwix.clients.aws.journal": {"DynamoDBJournal": self._new_journal},
            "gridwix.clients.aws.signed": {"SignedCaller": lambda: self._current().signed_caller()},
            "gridwix.clients.http": {"new_client": self._new_client},
            "gridwix.clients.files": {"FileClient": self._new_file_client},
            "gridwix.clients.wix.ring_function": {"ring_client": self._new_ring_client},
            "gridwix.configuration.in_effect": {"ConfigurationInEffect": _ConfigurationInEffect},
            # The process has one garbage collector, and many environments.
            "gridwix.runtime.garbage_collection": {"tune_garbage_collection": lambda: None},
        }

    def _new_journal(self, client: Any, table: str, kept_seconds: int = 0) -> Journal:
        new_journal = self._current().journal
        if new_journal is not None:
            return new_journal(client)
        return DynamoDBJournal(client, table, kept_seconds)

    def _new_client(self, **named: Any) -> httpx.Client:
        transport = self._current().http
        return LeanClient(new_client(transport=transport, **named), transport)

    def _new_ring_client(self) -> httpx.Client:
        transport = self._current().http
        return LeanClient(ring_client(transport), transport)

    def _new_file_client(self, **named: Any) -> FileClient:
        transport = self._current().files
        return FileClient(guarded=transport, trusted=transport, **named)


class _Session:
    """Stands for botocore's session: creates clients of the models."""

    def __init__(self, new_client: Callable[[str], Any]) -> None:
        self._new_client = new_client

    def create_client(self, service: str, *, config: object) -> Any:
        """Return the model's client of a service."""
        del config
        return self._new_client(service)


class _ConfigurationInEffect(ConfigurationInEffect):
    """Stands for the product's reader of the configuration: it reads the bundled one once in this
    process.

    The configuration is frozen, so that environments may share it.
    """

    @cached_property
    @override
    def _bundled(self) -> LoadedConfiguration:
        own = super()._bundled
        return _bundled.setdefault(own.version, own)


def _kept_state(tree: ModuleTree) -> list[Callable[[], object]]:
    """Return the functions that clear the state of private modules: caches, faults, a closed
    budget, the correlation.
    """
    private = private_modules()
    caches = {
        id(value): value.cache_clear
        for module in tree.modules.values()
        for value in vars(module).values()
        if hasattr(value, "cache_clear") and getattr(value, "__module__", "") in private
    }
    clear: list[Callable[[], object]] = list(caches.values())
    if faults := tree.modules.get("gridwix.runtime.record_faults"):
        clear.append(faults.fault_log.drain)
    if budget := tree.modules.get("gridwix.runtime.closed_budget"):
        clear.append(budget.closed_budget.forget)
    if correlation := tree.modules.get("gridwix.runtime.correlation"):
        clear.append(correlation._ids.clear)
    return clear
