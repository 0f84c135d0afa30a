"""The settings of the deployed functions: whether each has what it needs, and whether all agree."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gridwix.errors import ConfigurationError
from gridwix.runtime.settings import (
    DocumentSettings,
    FeedSettings,
    IntakeSettings,
    MessengerSettings,
    MonitorSettings,
    PublisherSettings,
    QueueSettings,
    ReconcilerSettings,
    RequestSettings,
    TradingGridSettings,
)
from gridwix.trading_grid_webhook.endpoint import TradingGridEdgeSettings
from gridwix.wix_webhook.endpoint import WixEdgeSettings
from ops.probes import Probe
from ops.stack import Stack

type Environment = Mapping[str, str]
type Reader = Callable[[Environment], object]

READERS: Mapping[str, Sequence[Reader]] = {
    "trading_grid_webhook": [TradingGridEdgeSettings.read],
    "wix_webhook": [WixEdgeSettings.read],
    "trading_grid_feed": [FeedSettings.read],
    "status_publisher": [PublisherSettings.read, QueueSettings.read],
    "onboarding_sync": [PublisherSettings.read, QueueSettings.read],
    "notice_publisher": [PublisherSettings.read, QueueSettings.read],
    "transaction_monitor": [MonitorSettings.read],
    "case_opener": [TradingGridSettings.read, QueueSettings.read],
    "form_intake": [IntakeSettings.read, QueueSettings.read],
    "request_publisher": [RequestSettings.read, QueueSettings.read],
    "document_sync": [DocumentSettings.read, QueueSettings.read],
    "partner_messenger": [MessengerSettings.read, QueueSettings.read],
    "reconciler": [ReconcilerSettings.read],
}
"""What each function reads of its environment."""

OWN = frozenset({"POWERTOOLS_SERVICE_NAME", "QUEUE_URL", "CLAIM_SECONDS"})
"""Variables that every function has for itself. All others are the stack's, and mean the same wherever they stand."""

LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A variable that functions of one stack have with different values; ``values`` names the functions of each."""

    variable: str
    values: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        groups = sorted(self.values.items(), key=lambda group: (-len(group[1]), group[0]))
        return f"{self.variable} is " + ", but ".join(f"{_shorten(value)} for {', '.join(functions)}" for value, functions in groups)


def read_environments(stack: Stack) -> dict[str, Environment]:
    """The environment of every function of the stack, by the function's name. Raises botocore's errors."""
    found: dict[str, Environment] = {}
    for function, name in stack.functions.items():
        answer = stack.aws.functions.get_function_configuration(FunctionName=name)
        found[function] = answer.get("Environment", {}).get("Variables", {})
    return found


def settings_fault(function: str, environment: Environment) -> str | None:
    """What is missing or malformed in a function's settings, without values; None if it would start."""
    said = []
    for read in READERS.get(function, []):
        try:
            read(environment)
        except ConfigurationError as error:
            said.append(str(error))
    return "; ".join(dict.fromkeys(said)) or None


def settings_disagreements(environments: Mapping[str, Environment]) -> list[Disagreement]:
    """The variables that two functions have with different values, but for those that each has for itself."""
    values: dict[str, dict[str, list[str]]] = {}
    for function, environment in sorted(environments.items()):
        for variable, value in environment.items():
            if variable not in OWN:
                values.setdefault(variable, {}).setdefault(value, []).append(function)
    return [
        Disagreement(variable, {value: tuple(functions) for value, functions in found.items()}) for variable, found in sorted(values.items()) if len(found) > 1
    ]


def settings_probes(stack: Stack, environments: Mapping[str, Environment], *, mails: bool) -> list[Probe]:
    """The probes of the functions' settings and of the secrets that they name. ``mails``: an active campaign sends mails, so that it needs its address."""

    def settings() -> str:
        faults = [f"{function}: {fault}" for function, environment in sorted(environments.items()) if (fault := settings_fault(function, environment))]
        if faults:
            raise ConfigurationError("; ".join(faults))
        return f"{len(environments)} functions have what they need"

    def agreement() -> str:
        if found := settings_disagreements(environments):
            raise ConfigurationError(f"{'; '.join(map(str, found))}. Deploy the stack anew")
        return "all functions have the same"

    def secret(variable: str, members: Sequence[str]) -> str:
        named = sorted({environment[variable] for environment in environments.values() if environment.get(variable)})
        if not named:
            raise ConfigurationError(f"no function has {variable}")
        return " ".join(_secret_state(stack, name, members) for name in named)

    signed = any(
        environment.get("TRADING_GRID_WEBHOOK_MODE") != "doorbell" for environment in environments.values() if "TRADING_GRID_WEBHOOK_MODE" in environment
    )
    app = any(environment.get("WIX_INSTANCE_ID", "none") != "none" for environment in environments.values())
    wanted = [("webhooks of Wix", "WIX_WEBHOOK_SECRET", ["publicKeys"] if app else ["signingSecrets"])]
    wanted += [("webhooks of Trading Grid", "TRADING_GRID_WEBHOOK_SECRET", ["secrets"])] if signed else []
    wanted += [("mail automation", "WIX_AUTOMATION_SECRET", ["emailUrl"])] if mails else []
    return [
        ("Stack", "settings", settings),
        ("Stack", "settings agree", agreement),
        *(("Stack", f"secret of the {what}", lambda variable=variable, members=members: secret(variable, members)) for what, variable, members in wanted),
    ]


def _secret_state(stack: Stack, name: str, members: Sequence[str]) -> str:
    """Whether a secret has a value with these members. Nothing of the value is shown."""
    client = stack.aws.secrets
    try:
        text = client.get_secret_value(SecretId=name).get("SecretString", "")
    except client.exceptions.ResourceNotFoundException:
        raise ConfigurationError(f"the secret {_shorten(name)} has no value: see docs/settings.md") from None
    try:
        value = json.loads(text)
    except ValueError:
        raise ConfigurationError(f"the secret {_shorten(name)} is no JSON object: see docs/settings.md") from None
    missing = [member for member in members if not (isinstance(value, dict) and value.get(member))]
    if missing:
        raise ConfigurationError(f"the secret {_shorten(name)} has no {', '.join(missing)}: see docs/settings.md")
    return f"has {', '.join(members)}"


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
