"""The examples in the clients' docstrings are run."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import gridwix.clients

MODULES = [module.name for module in walk_packages(gridwix.clients.__path__, "gridwix.clients.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
