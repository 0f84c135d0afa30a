"""No error of a model repeats what it could not read: such an error may reach a log."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import gridwix
from gridwix.partner_requests.orders import decode_order

SECRET = "dana@partner.example"


def modules() -> list[Any]:
    return [
        import_module(found.name)
        for found in pkgutil.walk_packages(gridwix.__path__, "gridwix.")
        if not found.ispkg
    ]


def models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from models_below(one)


def test_no_model_shows_its_input_in_an_error() -> None:
    modules()

    own = {one for one in models_below(BaseModel) if one.__module__.startswith("gridwix.")}

    assert len(own) > 100
    assert not [
        f"{one.__module__}.{one.__name__}"
        for one in own
        if not one.model_config.get("hide_input_in_errors")
    ]


def adapters() -> dict[str, TypeAdapter[Any]]:
    """The adapters of all modules, by name, but for those that are wrapped: the errors of
    ``record_pages`` go no further than their caller, those of orders are named by their fields.
    """
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, TypeAdapter) and not module.__name__.endswith(".orders")
    }


@pytest.mark.parametrize("stored", [f'{{"kind": "{SECRET}"}}', f'"{SECRET}"', f"{{{SECRET}"])
def test_no_adapter_shows_its_input_in_an_error(stored: str) -> None:
    known = adapters()

    assert len(known) >= 3
    for adapter in known.values():
        with pytest.raises(ValidationError) as raised:
            adapter.validate_json(stored)
        assert SECRET not in str(raised.value)


@pytest.mark.parametrize("stored", [f'{{"kind": "{SECRET}"}}', f'"{SECRET}"', f"{{{SECRET}"])
def test_order_that_cannot_be_read_shows_nothing_of_itself(stored: str) -> None:
    with pytest.raises(ValueError, match=r"^(?!.*dana@)") as raised:
        decode_order(stored)

    assert SECRET not in str(raised.value)
