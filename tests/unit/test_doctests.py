"""The examples in the docstrings of gridwix's and the gateway's modules are true."""

import doctest
import importlib
import pkgutil

import pytest

import gridwix
import gridwix_gateway

MODULES = sorted(
    module.name
    for package in (gridwix, gridwix_gateway)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module_give_what_they_show(module: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(module))

    assert failed == 0
