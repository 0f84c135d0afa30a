"""Makes the tables of rules for ``docs/gateway-check.md``. A test compares the page with them."""

import re

from ops.gateway.check.capabilities import CAPABILITIES
from ops.gateway.check.rules import Need, Rule

NEEDS = {Need.READ: "reads", Need.WRITE: "`--write`", Need.WEBHOOKS: "`--webhook-listen`"}

_MEMBER = re.compile(r"\b[a-z]+[A-Z]\w*(: false)?|\bsha256\b|\bcursor=now\b|\bexpand=versions\b")


def rule_tables() -> str:
    """Return Markdown with a heading and a table for each group of rules of the conformance kit.

    A group (capability) has the rules on one part of the gateway's OpenAPI contract, such as lists.
    A table lists its rules.
    """
    return "\n\n".join(
        "\n".join(
            [
                f"### {capability.title}",
                "",
                "| rule | what holds | needs |",
                "|---|---|---|",
                *(_row(rule) for rule in capability.rules),
            ]
        )
        for capability in CAPABILITIES
    )


def _row(rule: Rule) -> str:
    return f"| `{rule.name}` | {_marked(rule.text)} | {NEEDS[rule.need]} |"


def _marked(text: str) -> str:
    """Return a rule's text as Markdown, with the names of JSON members marked as code."""
    parts = text.split("`")
    parts[::2] = [_MEMBER.sub(r"`\g<0>`", part) for part in parts[::2]]
    return "`".join(parts)
