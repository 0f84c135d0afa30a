"""Conditional writes to DynamoDB: what becomes of one that botocore has repeated is thought of."""

import re
from pathlib import Path

from gridwix.clients.aws import repeats

LAYER = Path(repeats.__file__).parents[2]


def conditional_writers() -> dict[str, str]:
    """Sources of the modules that write by a condition, by their names."""
    sources = {path.stem: path.read_text() for path in LAYER.rglob("*.py")}
    return {
        name: source
        for name, source in sources.items()
        if re.search(r"\bConditionExpression\b", source)
    }


def test_module_with_conditional_writes_when_added_knows_its_repeated_writes_or_says_why_not() -> (
    None
):
    documented = set(re.findall(r"^``(\w+)``:", repeats.__doc__ or "", re.MULTILINE))
    writers = conditional_writers()
    checked = {name for name, source in writers.items() if "was_carried_out(" in source}
    transactions = {name for name, source in writers.items() if "transact_write_items(" in source}

    assert writers.keys() == checked | documented | transactions
    assert documented <= writers.keys()
