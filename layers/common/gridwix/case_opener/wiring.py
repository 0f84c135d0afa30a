"""Builds what ``case_opener`` runs."""

from gridwix.case_opener.service import CaseOpener
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.opentext import directory, lens
from gridwix.runtime.settings import TradingGridSettings
from gridwix.runtime.trading_grid import community


@once
def case_opener() -> CaseOpener:
    """The service, once for each execution environment."""
    settings = TradingGridSettings.read()
    return CaseOpener(lens(settings), directory(settings), community(settings), configuration())
