"""Values that shells complete: names from the checkout, without a call to AWS."""

import re

from ops.paths import ROOT

TEMPLATES = ("template.yaml", "gateway/template.yaml")


def complete_function(incomplete: str) -> list[str]:
    """Return the names of functions with a queue that start with a text, the gateway's included.

    >>> complete_function("status-p")
    ['status-publisher']
    """
    found: list[str] = []
    for path in TEMPLATES:
        # The templates are not parsed: reading their YAML takes longer than anybody waits.
        text = (ROOT / path).read_text(encoding="utf-8")
        found += re.findall(r"^  (\w+)DeadLetterQueue:$", text, re.MULTILINE)
    names = [re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in found]
    if "_" in incomplete:
        # As `status` writes them, which the commands take as well.
        names = [name.replace("-", "_") for name in names]
    return [name for name in names if name.startswith(incomplete)]


def complete_collection(incomplete: str) -> list[str]:
    """Return the collection names for ``gridwix reconcile`` that start with a text."""
    from ops.reconcile import COLLECTIONS

    return [name for name in COLLECTIONS if name.startswith(incomplete)]
