"""The examples in the docstrings of the gateway's modules are true."""

import doctest
import importlib
import pkgutil

import pytest

import gridwix_gateway

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(gridwix_gateway.__path__, "gridwix_gateway.")
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module_give_what_they_show(module: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(module))

    assert failed == 0
