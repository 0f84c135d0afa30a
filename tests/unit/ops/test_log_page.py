"""The vocabulary of the logs: the code, the page, and all that reads or names a log line agree."""

import ast
import logging
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from gridwix.runtime import build_report, time_zones
from ops.log_calls import FunctionCode, LogEvent
from ops.log_page import PAGE, log_page
from ops.log_vocabulary import EVENTS, FIELDS, LOGGER_FIELDS
from ops.paths import ROOT
from soak.hosting.telemetry import _RESERVED

SNAKE_CASE = re.compile(r"[a-z]+(_[a-z]+)*")
ALL_LINES = {"correlation_id", "config_version"}
"""Fields that are added to all further lines."""

METRICS_LINES = {
    build_report.RELEASE,
    build_report.CONFIGURATION,
    build_report.BYTE_CODE,
    time_zones.MEMBER,
}

PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "gateway/README.md"]
TEMPLATES = [
    ROOT / "template.yaml",
    ROOT / "gateway/template.yaml",
    *(ROOT / "ops").rglob("*.y*ml"),
]
IN_TEXT = (
    re.compile(r"logs\.md#([^)\s]+)"),
    re.compile(r"""(?:\$\.|filter |and |or )message\s*=\s*\\?["']([^"'\\]+)"""),
    re.compile(r"[Ll]og lines? \[?`([^`]+)`"),
)
"""How a text names a log event: a link, a query or metric filter, or as a log line."""

IS_CODE = {"webhook_rejected"}
"""Events that share their name with the code of an error."""


@cache
def events() -> Mapping[str, LogEvent]:
    return FunctionCode().events()


def module(text: str, tmp_path: Path) -> FunctionCode:
    """Return the code of a function whose handler has these lines."""
    folder = tmp_path / "functions" / "one"
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text(textwrap.dedent(text))
    return FunctionCode({"functions": tmp_path / "functions"})


def names_in_text(text: str) -> Iterator[str]:
    for pattern in IN_TEXT:
        yield from pattern.findall(text)


def names_in_python(tree: ast.Module) -> Iterator[str]:
    """Yield the event names that code compares lines with, or that it writes lines of."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=sides) if any(map(_reads_name, [left, *sides])):
                yield from _texts(node)
            case ast.Call(func=ast.Name(id="lines_named"), args=[_, ast.Constant(value=str(name))]):
                yield name
            case ast.Dict(keys=keys, values=values):
                known = {key.value: value for key, value in zip(keys, values, strict=True)
                         if isinstance(key, ast.Constant)}  # fmt: skip
                if "errorType" not in known and known.keys() & {"level", "service"}:
                    yield from _texts(known.get("message", ast.Dict()))
            case ast.Call(keywords=keywords):
                given = {one.arg: one.value for one in keywords}
                if "message" in given and given.keys() & {"level", "service"}:
                    yield from _texts(given["message"])


def _reads_name(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr in ("event_name", "getMessage")) or (
        isinstance(node, ast.Call) and _reads_name(node.func)
    )


def _texts(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def test_each_event_and_field_of_the_code_has_a_meaning_and_no_other_has() -> None:
    fields = {name for event in events().values() for name in event.fields}

    assert set(EVENTS) == set(events())
    assert set(FIELDS) == fields | ALL_LINES | METRICS_LINES
    assert list(EVENTS) == sorted(EVENTS)
    assert list(FIELDS) == sorted(FIELDS)


def test_names_and_fields_are_snake_case_and_none_is_the_loggers_own() -> None:
    assert not [name for name in {*EVENTS, *FIELDS} if not SNAKE_CASE.fullmatch(name)]
    assert not {*FIELDS} & {*LOGGER_FIELDS, *_RESERVED, *vars(logging.makeLogRecord({}))}
    assert not {*EVENTS} & {*FIELDS}


def test_each_event_is_logged_by_a_function_and_each_fault_says_what_to_do() -> None:
    for name, event in events().items():
        assert event.functions, name
        if "error" in event.levels:
            assert EVENTS[name].section, name


def test_page_is_that_of_the_code() -> None:
    assert log_page(events()) == PAGE.read_text(), "make logs writes the page"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("logger.info(text)", "one.handler:3: the name of a log event is a literal"),
        ("logger.info(f'row {text}')", "the name of a log event is a literal"),
        ("logger.info('a', text)", "the values of a log event are in `extra`"),
        ("logger.info('a', exc_info=True)", "takes only `extra`, not exc_info"),
        ("logger.info('a', extra={text: 1})", "the name of a field is a literal"),
        ("logger.info('a', extra=text)", "nothing says which fields text has"),
        ("logger.info('a', extra=text.model_dump())", "keys that stand in the code"),
        ("write = logger.info; write('a')", "a method of the logger is called where it stands"),
    ],
)
def test_call_that_does_not_say_its_name_and_fields_is_named(
    tmp_path: Path, call: str, said: str
) -> None:
    code = module(f"\ndef handler(text):\n    {call}\n", tmp_path)

    with pytest.raises(ValueError, match=re.escape(said)):
        code.events()


def test_fields_are_found_where_they_stand(tmp_path: Path) -> None:
    code = module(
        """
        class Entry(TypedDict):
            by_type: int

        def error_fields(error):
            if error:
                return {"by_function": 1}
            return {"by_other_return": 1}

        def unused():
            logger.error("not_reached")

        def log(entry: Entry):
            logger.warning("b", extra=entry)

        def handler(event, context):
            found = {"by_variable": 1}
            found |= {name: value for name, value in error_fields(event).items() if value}
            logger.info("a", extra={"literal": {"inner": 1}, **found})
            log({"by_type": 1})
        """,
        tmp_path,
    )

    assert [
        (one.name, one.levels, one.fields, one.functions) for one in code.events().values()
    ] == [
        ("a", ("info",), ("by_function", "by_other_return", "by_variable", "literal"), ("one",)),
        ("b", ("warning",), ("by_type",), ("one",)),
        ("not_reached", ("error",), (), ()),
    ]


def test_texts_name_only_events_that_exist_and_pages_link_them() -> None:
    for path in [*PAGES, *TEMPLATES]:
        text = path.read_text()
        assert not [name for name in names_in_text(text) if name not in EVENTS], path
        if path.suffix == ".md" and path != PAGE:
            unlinked = re.findall(r"(?<!\[)`(\w+)`", text)
            assert not {*unlinked} & {*EVENTS} - IS_CODE, f"{path}: link them to docs/logs.md"


def test_code_that_reads_log_lines_names_only_events_that_exist() -> None:
    found: dict[str, Path] = {}
    for folder in ("ops", "soak", "benchmarks", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            if path == Path(__file__) or not re.search(
                r"event_name|getMessage|lines_named|LogLine|logs\.write|logs\.md#", text
            ):
                continue
            for name in names_in_python(ast.parse(text)):
                found.setdefault(name, path)
            if path.is_relative_to(ROOT / "ops") or path.is_relative_to(ROOT / "soak"):
                found |= dict.fromkeys(names_in_text(text), path)

    assert {"rows_published", "row_refused", "call_failed", "request_answered"} <= found.keys()
    assert not {name: path for name, path in found.items() if name not in EVENTS}
