"""A gateway that sends values that nobody expects."""

import json
import random
from dataclasses import replace
from typing import Any

from tests.fakes.gateway.faulty import Answer, Fault, Forward, Request

SHARE = 0.1
"""Share of the successes that are spoilt."""

VALUES = (
    "null",
    "[]",
    "{}",
    "true",
    "-1",
    "1e999",
    "9" * 400,
    '"\\ud800"',
    '"\\u001b[2J"',
    '".."',
    '"a/../b?c#d"',
    '"whsec_"',
    '"2026-13-45T99:99:99.000Z"',
    '"2026-03-12"',
    "[" * 3_000 + "]" * 3_000,
    '"' + "x" * 20_000 + '"',
)
"""JSON texts that a member can have instead of its own value."""

PLACE = "a place that nothing else is at"


def send_hostile_values(seed: int) -> Fault:
    """Return a fault that replaces one member of some answers by a hostile value."""
    chance = random.Random(seed)

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status >= 300 or not answer.is_json or chance.random() > SHARE:
            return answer
        document = answer.document
        _mark_member(document, chance)
        text = json.dumps(document).replace(json.dumps(PLACE), chance.choice(VALUES))
        return replace(answer, body=text.encode())

    return fault


def _mark_member(document: Any, chance: random.Random) -> None:
    """Put ``PLACE`` at one member of a document, at any depth."""
    while True:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        if not keys:
            return
        key = chance.choice(keys)
        if not isinstance(document[key], dict | list) or chance.random() < 0.4:
            document[key] = PLACE
            return
        document = document[key]
