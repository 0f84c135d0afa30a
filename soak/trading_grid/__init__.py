"""A model of Trading Grid as plain functions over dictionaries, for the soak test.

It answers the calls of the product's clients as ``emulators/trading_grid`` does; a contract test
compares the two (``tests/contract/test_soak_trading_grid.py``).
"""

from soak.trading_grid.community import Made
from soak.trading_grid.grid import TradingGrid

__all__ = ["Made", "TradingGrid"]
