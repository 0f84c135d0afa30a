"""Planted faults of the collections with a source (``GET /capabilities``).

Each function returns a new fault.
"""

from collections.abc import Callable
from typing import Any

from tests.fakes.gateway.faulty import Answer, Fault, json_answer, problem_answer
from tests.fakes.gateway.faulty_tools import match, spoil_answer, spoil_success

CAPABILITIES = match("GET", "/capabilities")


def answer_capabilities(status: int, kind: str = "") -> Fault:
    """Answer with an error: a problem, or what a server says about a path it does not know."""
    absent = Answer(status, {"content-type": kind}, b"<h1>No such page</h1>")
    answer = absent if kind else problem_answer(status, "forbidden")
    return spoil_answer(CAPABILITIES, lambda *_: answer)


def spoil_names(spoil: Callable[[list[str]], Any]) -> Fault:
    """Change the names of the collections."""
    return spoil_success(
        CAPABILITIES, lambda document: {**document, "collections": spoil(document["collections"])}
    )


def leave_out(*names: str) -> Fault:
    """Leave collections out."""
    return spoil_names(lambda found: [name for name in found if name not in names])


def answer_bare_list() -> Fault:
    """Answer the names without the member that holds them."""
    return spoil_answer(
        CAPABILITIES, lambda _, answer: json_answer(200, answer.document["collections"])
    )


def refuse_list(collection: str, status: int) -> Fault:
    """Have no list of a collection that is named all the same."""
    code = "not-found" if status == 404 else "unavailable"
    return spoil_answer(match("GET", f"/{collection}"), lambda *_: problem_answer(status, code))
