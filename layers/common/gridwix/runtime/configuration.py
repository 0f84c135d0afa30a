"""The customer's configuration (``config/``) that is in effect in this execution environment.

It is the published version to which a pointer refers, else the one that was compiled into the
layer. Before each batch a function that uses the configuration reads the pointer, at most every
``LOOK_EVERY`` seconds. A new version drops all objects that were built from the old one. All log
lines of a batch name its version as ``config_version``. See
``docs/adr/0053-a-configuration-version-is-an-item-and-a-pointer.md``.
"""

import os
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.configuration.everything import Configuration
from gridwix.configuration.in_effect import ConfigurationInEffect, LoadedConfiguration, Look
from gridwix.publication.merge import Owner
from gridwix.runtime.aws import aws_clock, dynamodb
from gridwix.runtime.environment import before_each_batch, forget_built
from gridwix.runtime.observability import count_by_reason, count_in_all, log_fields, logger
from gridwix.runtime.settings import ConfigurationSettings

FILE = Path(__file__).parent / "configuration.json"
"""The bundled configuration. Written by ``make config``; a test compares it with ``config/``."""


def configuration() -> Configuration:
    """Return the configuration (``config/``) in effect.

    It changes only between two batches of queue messages, never while a batch is processed.
    """
    return _loaded().configuration


def configuration_version() -> str:
    """Return the version of the configuration in effect, 16 hexadecimal digits."""
    return _loaded().version


def step_owners() -> Mapping[str, Owner]:
    """Return the owner (Trading Grid or the portal) of each field of the rows of onboarding steps.

    If both sides have changed a field, the value of its owner wins.
    """
    return {
        field: Owner(master) for field, master in configuration().ownership.onboarding_steps.items()
    }


@before_each_batch
def refresh_configuration() -> None:
    """Load a new version of the configuration, if a check is due and finds one. Never raises."""
    look = in_effect().look()
    if look is None:
        return
    _report(look)
    if look.changed:
        # Services were built from the old version.
        forget_built()


@cache
def in_effect() -> ConfigurationInEffect:
    """Return the object that holds the configuration which this execution environment uses.

    Without ``CONFIGURATION_TABLE``, as on a developer's machine, it always holds the configuration
    that was compiled into the layer.
    """
    source = (
        DynamoDBConfigurationVersions(
            dynamodb(), ConfigurationSettings.from_environment().configuration_table
        )
        if _has_versions()
        else None
    )
    return ConfigurationInEffect(source, FILE.read_bytes, aws_clock(), form_without_formats)


def form_without_formats(configuration: Configuration) -> str:
    """Return the first form with a locale for which the layer lacks number formats; "" if none.

    The form is given as ``forms.KEY.locale``. A built layer contains the formats of some languages,
    and of the locales of the forms that were deployed with it
    (``docs/adr/0014-numbers-are-read-by-libraries-and-never-guessed.md``).
    """
    babel = find_spec("babel")
    if babel is None or not babel.submodule_search_locations:
        return ""
    formats = Path(babel.submodule_search_locations[0]) / "locale-data"
    for key, form in sorted(configuration.forms.items()):
        language = (form.locale or "").replace("-", "_").partition("_")[0]
        if language and not (formats / f"{language}.dat").is_file():
            return f"forms.{key}.locale"
    return ""


def _loaded() -> LoadedConfiguration:
    used = in_effect()
    # The first batch that needs the configuration may find out only while it runs.
    if used.loaded is None and (look := used.look()) is not None:
        _report(look)
    assert used.loaded is not None
    return used.loaded


def _has_versions() -> bool:
    return "CONFIGURATION_TABLE" in os.environ


def _report(look: Look) -> None:
    """Log the configuration version in use; if a newer one cannot be used, log and count why."""
    if not _has_versions():
        return
    logger.append_keys(config_version=look.loaded.version)
    if look.changed:
        logger.info("configuration_loaded")
    fault = look.fault
    if fault is None:
        return
    count_by_reason("ConfigurationFaults", fault.reason)
    count_in_all("ConfigurationFaults")
    facts = {"reason": fault.reason, "refused_version": fault.version, "members": fault.detail}
    if fault.error is not None:
        facts |= {name: str(value) for name, value in log_fields(fault.error).items()}
    logger.error(
        "configuration_not_used",
        extra={name: value for name, value in facts.items() if value},
    )
