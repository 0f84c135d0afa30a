"""Builds the service of ``case_opener`` from its settings."""

from gridwix.case_opener.service import CaseOpener
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.opentext import directory, lens
from gridwix.runtime.settings import TradingGridSettings
from gridwix.runtime.trading_grid import community


@once
def case_opener() -> CaseOpener:
    """Return the case opener, built once per execution environment."""
    settings = TradingGridSettings.from_environment()
    return CaseOpener(lens(settings), directory(settings), community(settings), configuration())
