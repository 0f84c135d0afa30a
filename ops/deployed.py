"""Checks settings and secrets of the deployed functions: complete, and equal across functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gridwix.activity_publisher.settings import ActivitySettings
from gridwix.document_sync.settings import DocumentSettings
from gridwix.errors import ConfigurationError
from gridwix.form_intake.settings import IntakeSettings
from gridwix.partner_messenger.settings import MessengerSettings
from gridwix.portal_ringer.settings import RingerSettings
from gridwix.reconciler.settings import ReconcilerSettings
from gridwix.runtime.settings import (
    ConfigurationSettings,
    PollerSettings,
    PublisherSettings,
    QueueSettings,
    RequestSettings,
    TradingGridSettings,
)
from gridwix.trading_grid_webhook.endpoint import TradingGridEdgeSettings
from gridwix.transaction_monitor.settings import MonitorSettings
from gridwix.wix_webhook.endpoint import WixEdgeSettings
from ops.probes import Probe
from ops.secret_probes import secret_probes
from ops.stack import Stack

type Environment = Mapping[str, str]
type Reader = Callable[[Environment], object]


READERS: Mapping[str, Sequence[Reader]] = {
    "trading_grid_webhook": [TradingGridEdgeSettings.from_environment],
    "wix_webhook": [WixEdgeSettings.from_environment],
    "trading_grid_feed": [PollerSettings.from_environment],
    "status_publisher": [
        PublisherSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "onboarding_sync": [
        PublisherSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "notice_publisher": [
        PublisherSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "transaction_monitor": [
        MonitorSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "activity_publisher": [
        ActivitySettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "case_opener": [
        TradingGridSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "form_intake": [
        IntakeSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "request_publisher": [
        RequestSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "document_sync": [
        DocumentSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "partner_messenger": [
        MessengerSettings.from_environment,
        QueueSettings.from_environment,
        ConfigurationSettings.from_environment,
    ],
    "portal_ringer": [RingerSettings.from_environment],
    "reconciler": [ReconcilerSettings.from_environment, ConfigurationSettings.from_environment],
}
"""The settings models that each function reads from its environment."""

OWN = frozenset({"POWERTOOLS_SERVICE_NAME", "QUEUE_URL", "CLAIM_SECONDS"})
"""Environment variables that may differ by function. All others have one value in the whole stack.
"""

LONGEST_SHOWN = 80
"""Maximum number of characters shown of a value."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An environment variable with different values in the functions of one stack.

    ``values`` maps each value to the functions that have it.
    """

    variable: str
    values: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        groups = sorted(self.values.items(), key=lambda group: (-len(group[1]), group[0]))
        return f"{self.variable} is " + ", but ".join(
            f"{_shorten(value)} for {', '.join(functions)}" for value, functions in groups
        )


def read_environments(stack: Stack) -> dict[str, Environment]:
    """Return the environment variables of every function, by the function's name.

    Raises botocore's errors.
    """
    found: dict[str, Environment] = {}
    for function, name in stack.functions.items():
        answer = stack.aws.functions.get_function_configuration(FunctionName=name)
        found[function] = answer.get("Environment", {}).get("Variables", {})
    return found


def settings_fault(function: str, environment: Environment) -> str | None:
    """Return the missing or malformed settings of a function; None if all are valid.

    They are named without their values.
    """
    said = []
    for read in READERS.get(function, []):
        try:
            read(environment)
        except ConfigurationError as error:
            said.append(f"{error.name} {error.fault}")
    return "; ".join(dict.fromkeys(said)) or None


def settings_disagreements(environments: Mapping[str, Environment]) -> list[Disagreement]:
    """Return the environment variables that differ between functions, except those in ``OWN``."""
    values: dict[str, dict[str, list[str]]] = {}
    for function, environment in sorted(environments.items()):
        for variable, value in environment.items():
            if variable not in OWN:
                values.setdefault(variable, {}).setdefault(value, []).append(function)
    return [
        Disagreement(variable, {value: tuple(functions) for value, functions in found.items()})
        for variable, found in sorted(values.items())
        if len(found) > 1
    ]


def settings_probes(
    stack: Stack, environments: Mapping[str, Environment], *, mails: bool
) -> list[Probe]:
    """Return the probes (checks of ``gridwix doctor``) of the functions' settings and secrets.

    The secrets are those that the settings name.

    Args:
        stack: The deployed stack.
        environments: Environments by function (:func:`read_environments`).
        mails: True if an active campaign sends emails, which needs the automation's URL.
    """

    def settings() -> str:
        faults = [
            f"{fault} in {function}"
            for function, environment in sorted(environments.items())
            if (fault := settings_fault(function, environment))
        ]
        if faults:
            name, _, first = faults[0].partition(" ")
            raise ConfigurationError(
                "; ".join([first, *faults[1:]]), setting=name, remedy="deploy the stack again"
            )
        return f"{len(environments)} functions have what they need"

    def agreement() -> str:
        if found := settings_disagreements(environments):
            raise ConfigurationError(
                f"differs between functions ({'; '.join(map(str, found))})",
                setting=", ".join(one.variable for one in found),
                remedy="deploy the stack again",
            )
        return "all functions have the same"

    return [
        ("Stack", "settings", settings),
        ("Stack", "settings agree", agreement),
        *secret_probes(stack, environments, mails=mails),
    ]


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
