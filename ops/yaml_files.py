"""Reads YAML as plain data, and reports every fault with its line.

Only PyYAML's parser is used, to avoid surprises of YAML 1.1. PyYAML's constructor reports no line
for some faults, and accepts others silently. Examples are invalid dates, numbers with a million
digits, and duplicate names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

MAX_BYTES = 1_000_000
"""Maximum bytes of a YAML file."""
MAX_DEPTH = 50
"""Maximum nesting depth of the values in a YAML file."""
MAX_VALUES = 100_000
"""Maximum number of values in a YAML file. Each use of an anchor counts again."""

MAX_NUMBER = 10**15
"""Maximum absolute value of a number in a YAML file."""

REMEMBERED = 64
"""Number of parsed files that are cached. Parsing takes most of the time of a check of ``config/``,
and its tests change one file out of thirty.
"""

_TAG = "tag:yaml.org,2002:"
_TEXTS = frozenset({f"{_TAG}{kind}" for kind in ("str", "timestamp", "merge", "value")})
"""YAML tags of values that are read as text. Dates are validated by the models."""


@dataclass(frozen=True, slots=True)
class YamlFault:
    """A fault in a line of a YAML file (lines count from 1), with its fix."""

    line: int
    said: str
    fix: str


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The parsed content of a YAML file, with its faults.

    ``value`` has only JSON types, and is complete if there are no ``faults``. ``node`` is the
    syntax tree, in which lines are looked up; None if the file could not be parsed.
    """

    value: Any
    node: yaml.Node | None
    faults: tuple[YamlFault, ...] = ()


def load_trusted_yaml(content: str | bytes) -> Any:
    """Parse YAML that this project or one of its tools wrote.

    Ten times as fast as :func:`read_yaml`, because it uses libyaml where PyYAML was built with
    libyaml. Raises :class:`yaml.YAMLError`.

    >>> load_trusted_yaml("port: 8080")
    {'port': 8080}
    """
    return yaml.load(content, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)  # noqa: S506  # Both are safe loaders.


@lru_cache(maxsize=REMEMBERED)
def read_yaml(content: bytes) -> YamlFile:
    r"""Read the content of a YAML file as plain data.

    The result is cached by content, so do not change it. Never raises: all errors are in
    ``faults``.

    >>> read_yaml(b"port: 8080").value
    {'port': 8080}
    >>> [fault.line for fault in read_yaml(b"a: 1\na: 2").faults]
    [2]
    """
    if len(content) > MAX_BYTES:
        return YamlFile(
            None,
            None,
            (YamlFault(1, f"the file has more than {MAX_BYTES:,} bytes", "make it shorter"),),
        )
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return YamlFile(
            None,
            None,
            (
                YamlFault(
                    line,
                    str(error.problem),
                    "correct the YAML; often an indent or a quotation mark is missing",
                ),
            ),
        )
    except yaml.reader.ReaderError as error:
        line = content[: error.position].count(b"\n") + 1 if isinstance(error.position, int) else 1
        return YamlFile(
            None,
            None,
            (
                YamlFault(
                    line, f"{error.reason}", "save the file as UTF-8, without control characters"
                ),
            ),
        )
    except RecursionError:
        return YamlFile(None, None, (_too_deep(1),))
    if node is None:
        return YamlFile(
            None, None, (YamlFault(1, "the file is empty", "write its settings, or remove it"),)
        )
    reader = _Reader()
    value = reader.value(node, ())
    return YamlFile(value, node, tuple(reader.faults))


def _too_deep(line: int) -> YamlFault:
    return YamlFault(
        line, f"it is nested more than {MAX_DEPTH} levels deep, or in itself", "reduce the nesting"
    )


class _Reader:
    def __init__(self) -> None:
        self.faults: list[YamlFault] = []
        self._values = 0
        self._constructor = SafeConstructor()

    def value(self, node: yaml.Node, ancestors: tuple[yaml.Node, ...]) -> Any:
        self._values += 1
        if self._values > MAX_VALUES:
            if self._values == MAX_VALUES + 1:
                self._fault(
                    node,
                    f"the file has more than {MAX_VALUES:,} values",
                    "make it shorter, and use fewer anchors",
                )
            return None
        if node in ancestors or len(ancestors) >= MAX_DEPTH:
            self.faults.append(_too_deep(_line_number(node)))
            return None
        match node:
            case yaml.MappingNode(tag="tag:yaml.org,2002:map"):
                return self._read_mapping(node, (*ancestors, node))
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq"):
                return [self.value(item, (*ancestors, node)) for item in node.value]
            case yaml.ScalarNode():
                return self._read_scalar(node)
        self._fault(
            node,
            f"{node.tag.removeprefix(_TAG)} is no supported type of value",
            "remove the tag with the exclamation mark",
        )
        return None

    def _read_mapping(
        self, node: yaml.MappingNode, ancestors: tuple[yaml.Node, ...]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: list[dict[str, Any]] = []
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                merged += self._merge_sources(value, ancestors)
            elif not isinstance(key, yaml.ScalarNode):
                self._fault(key, "a name must be a text, not a list or pairs", "write a text")
            elif key.value in found:
                self._fault(
                    key,
                    f"{key.value} is duplicated, first in line {lines[key.value]}",
                    "remove one of the two",
                )
            else:
                # A name is kept as written: 850 and no are names, too.
                lines[key.value] = _line_number(key)
                found[self._check_text(key)] = self.value(value, ancestors)
        for one in merged:
            for name, value in one.items():
                found.setdefault(name, value)
        return found

    def _merge_sources(
        self, node: yaml.Node, ancestors: tuple[yaml.Node, ...]
    ) -> Iterator[dict[str, Any]]:
        for one in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            value = self.value(one, ancestors)
            if isinstance(value, dict):
                yield value
            else:
                self._fault(one, "only pairs can be merged in with <<", "name an anchor of pairs")

    def _read_scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix(_TAG)
        if node.tag in _TEXTS or (kind in ("int", "float") and ":" in node.value):
            # YAML 1.1 reads 17:00 as a number in base 60.
            return self._check_text(node)
        try:
            match kind:
                case "null":
                    return None
                case "bool":
                    return self._constructor.construct_yaml_bool(node)
                case "int":
                    return self._check_number(node, self._constructor.construct_yaml_int(node))
                case "float":
                    return self._check_number(node, self._constructor.construct_yaml_float(node))
        except (ValueError, LookupError, OverflowError):
            self._fault(
                node, f"this is no {kind}", "correct it, or write it in quotes if it is a text"
            )
            return None
        self._fault(
            node,
            f"{kind} is no supported type of value",
            "remove the tag with the exclamation mark",
        )
        return None

    def _check_number(self, node: yaml.ScalarNode, number: float) -> float | None:
        if -MAX_NUMBER <= number <= MAX_NUMBER:
            return number
        self._fault(
            node,
            "this number is out of range",
            "write a smaller one, or write it in quotes if it is a text",
        )
        return None

    def _check_text(self, node: yaml.ScalarNode) -> str:
        text = str(node.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._fault(
                node,
                "this contains half a surrogate pair",
                "write the character itself, not as \\ud...",
            )
            return ""
        return text

    def _fault(self, node: yaml.Node, said: str, fix: str) -> None:
        self.faults.append(YamlFault(_line_number(node), said, fix))


def _line_number(node: yaml.Node) -> int:
    return node.start_mark.line + 1
