"""Checks settings that become wrong with time: holidays that are all past, missing translations."""

from collections.abc import Callable
from datetime import date

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError
from ops.checks.languages import check_languages as language_remarks
from ops.configuration import FOLDERS, ConfigurationFault
from ops.errors import OpsError
from ops.probes import Probe, SharedRead

SYSTEM = "Configuration"


def configuration_probes(today: date, load: Callable[[], Configuration]) -> list[Probe]:
    """Return the probes (checks of ``gridwix doctor``) of settings that become wrong with time.

    They check holidays and languages.

    Args:
        today: Decides which holidays are past.
        load: Returns the settings in effect. Raises ConfigurationFault for an invalid folder.
    """

    def read() -> Configuration:
        try:
            return load()
        except ConfigurationFault as fault:
            raise GridwixError(f"`make config` refuses it: {fault}") from None
        except OpsError as error:
            raise GridwixError(str(error)) from None

    shared = SharedRead(read)
    return [
        (SYSTEM, "holidays", lambda: check_holidays(shared(), today)),
        (SYSTEM, "languages", lambda: check_languages(shared())),
    ]


def check_holidays(configuration: Configuration, today: date) -> str:
    """Return a text on the coming holidays of the business calendar.

    Raises GridwixError if all holidays are past.
    """
    holidays = configuration.routing.desk.holidays
    if not holidays:
        return "the desk has none"
    ahead = [day for day in holidays if day >= today]
    if not ahead:
        raise GridwixError(
            f"the list of holidays has run out: the last was {max(holidays)}, so due dates fall on"
            " holidays. List those of the next year under desk.holidays in config/routing.yaml,"
            " then `gridwix config apply`, or `make config` and deploy"
        )
    return f"{len(ahead)} ahead, until {max(ahead)}"


def check_languages(configuration: Configuration) -> str:
    """Return the portal's languages. Raises GridwixError if labels or texts are not translated."""
    remarks = list(language_remarks(configuration))
    if remarks:
        first = remarks[0]
        file = "/".join(first.members[:2] if first.members[0] in FOLDERS else first.members[:1])
        more = f" (and {len(remarks) - 1} more)" if len(remarks) > 1 else ""
        raise GridwixError(f"config/{file}.yaml: {first.said}: {first.fix}{more}")
    return ", ".join(configuration.texts.languages)
