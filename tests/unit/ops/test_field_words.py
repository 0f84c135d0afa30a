"""The words that an engineer of the field searches for lead to their places."""

import ast
import re

import pytest

from ops.paths import ROOT

PRODUCT, GATEWAY = "layers/common/gridwix", "gateway/layer/gridwix_gateway"

PLACES = {
    "retry": (f"{PRODUCT}/clients/http.py", f"{PRODUCT}/runtime/queue_runner.py"),
    "backoff": (f"{PRODUCT}/runtime/queue_runner.py", f"{GATEWAY}/webhooks/attempts.py"),
    "rate limit": (f"{PRODUCT}/clients/aws/budget.py", f"{PRODUCT}/mapping/call_rate.py"),
    "idempotent": (f"{PRODUCT}/clients/aws/repeats.py", f"{GATEWAY}/api/idempotency.py"),
    "deduplicate": (f"{PRODUCT}/publication/passage.py", f"{PRODUCT}/mapping/handovers.py"),
    "checkpoint": (f"{PRODUCT}/reconciler/checkpoints.py",),
    "lease": (f"{PRODUCT}/publication/models.py", f"{GATEWAY}/webhooks/lease.py"),
    "tombstone": (f"{PRODUCT}/models/trading_grid/entities.py",),
    "dead letter": ("ops/dead_letters.py", f"{GATEWAY}/targets/sender.py"),
    "redrive": ("ops/queues.py", "ops/commands/redrive.py"),
    "replay": ("ops/replay.py", f"{PRODUCT}/edge/standard_webhooks.py"),
    "cursor": (f"{PRODUCT}/models/cursors.py", f"{PRODUCT}/trading_grid_feed/service.py"),
    "watermark": (f"{PRODUCT}/reconciler/sweep.py",),
    "conflict": (f"{PRODUCT}/publication/merge.py",),
    "merge": (f"{PRODUCT}/publication/merge.py",),
    "webhook signature": (f"{PRODUCT}/edge/standard_webhooks.py",),
    "rotation": (f"{PRODUCT}/edge/responses.py",),
    "quota": (f"{PRODUCT}/clients/vendor_errors.py", f"{PRODUCT}/ports.py"),
    "circuit breaker": (f"{GATEWAY}/webhooks/attempts.py", f"{PRODUCT}/ports.py"),
    "drift": (f"{PRODUCT}/publication/drift.py",),
}
"""Modules by word. Those of ``lease`` are its holders; others are in the glossary."""


def docstrings(path: str) -> str:
    """Return the docstrings of a module and of all that it defines, attributes too."""
    return "\n".join(
        node.value.value
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@pytest.mark.parametrize("word", PLACES)
def test_word_is_in_the_docstrings_of_its_places_and_in_the_glossary(word: str) -> None:
    pattern = re.compile(re.escape(word).replace(r"\ ", r"[\s-]+"), re.IGNORECASE)

    assert [path for path in PLACES[word] if not pattern.search(docstrings(path))] == []
    assert pattern.search((ROOT / "docs/glossary.md").read_text())
