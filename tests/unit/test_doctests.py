"""The examples in the docstrings of gridwix's modules are true."""

import doctest
import importlib
import pkgutil

import pytest

import gridwix

MODULES = sorted(module.name for module in pkgutil.walk_packages(gridwix.__path__, "gridwix."))


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module_give_what_they_show(module: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(module))

    assert failed == 0
