"""The templates of messages: a small part of Jinja2 that can say what plain data holds, and nothing else. Pure.

A template is looked through before it is compiled: only the kinds of nodes, filters and tests that are listed here are taken, so there are no calls, no
assignments, no macros, no imports and no arithmetic. What is left runs in Jinja2's sandbox, in which a dot or a bracket reads a member of a mapping or an item
of a list, and no attribute of any object. A name that does not exist is an error, and output and loops have an end.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes, pass_context
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from gridwix.mapping.days import format_day

MAX_OUTPUT = 20_000
"""Characters of a rendered text."""

MAX_LOOP = 100
"""Items of a list that a loop goes through."""

MAX_DEPTH = 2
"""Loops inside one another."""

MAX_TITLE = 300

NODES: frozenset[type[nodes.Node]] = frozenset(
    {nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.If, nodes.For}
    | {nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.List, nodes.Tuple}
)
LOOP = frozenset({"index", "first", "last", "length"})

_SPACE = re.compile(r"\s+")
_BLOCK = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class TemplateFault(ValueError):
    """What is wrong with a template. The text names what stands in the template and no value."""


def compiled(source: str, names: frozenset[str], *, html: bool) -> Callable[[Mapping[str, Any], str], str]:
    """What renders a template for a context and a locale. ``names`` are those that the context has.

    Raises TemplateFault for a template that may not run, or cannot; so does the rendering.
    """
    template = _template(source, names, html)

    def render(context: Mapping[str, Any], locale: str) -> str:
        pieces: list[str] = []
        length = 0
        try:
            for piece in template.generate({**context, "_locale": locale}):
                length += len(piece)
                if length > MAX_OUTPUT:
                    raise TemplateFault(f"the text is longer than {MAX_OUTPUT} characters")
                pieces.append(piece)
        except TemplateFault:
            raise
        except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError) as error:
            fault = _said(error)
        else:
            return "".join(pieces)
        # The error of a library may quote a value, so it must not become the context of ours.
        raise TemplateFault(fault)

    return render


def one_line(text: str) -> str:
    """A title: without line breaks and control characters, and not endless."""
    return _SPACE.sub(" ", _BLOCK.sub(" ", text)).strip()[:MAX_TITLE]


@lru_cache(maxsize=256)
def _template(source: str, names: frozenset[str], html: bool) -> Template:
    environment = _HTML if html else _PLAIN
    try:
        tree = environment.parse(source)
        _check(tree, names)
        return environment.from_string(tree)
    except TemplateFault:
        raise
    except TemplateError as error:
        line = f"line {error.lineno}: " if isinstance(error, TemplateSyntaxError) else ""
        fault = line + _said(error)
    except RecursionError:
        fault = "it is nested too deeply"
    raise TemplateFault(fault)


def _check(node: nodes.Node, names: frozenset[str], depth: int = 0) -> None:
    """Raises TemplateFault for what a template may not hold, and puts a bound to its loops."""
    kind = type(node)
    if kind not in NODES:
        raise _at(node, f"{kind.__name__.lower()} cannot be used")
    match node:
        case nodes.Name(name=name) if name not in names:
            raise _at(node, f"there is no {name}; there are {', '.join(sorted(names))}")
        case nodes.Getattr(attr=name) if name.startswith("_"):
            raise _at(node, f"{name} cannot be read")
        case nodes.Filter(name=name) if name not in FILTERS:
            raise _at(node, f"there is no filter {name}; there are {', '.join(sorted(set(FILTERS) - {EACH}))}")
        case nodes.Test(name=name) if name not in TESTS:
            raise _at(node, f"there is no test {name}; there are {', '.join(sorted(TESTS))}")
        case nodes.For():
            _check_loop(node, names, depth)
            return
    for child in node.iter_child_nodes():
        _check(child, names, depth)


def _check_loop(loop: nodes.For, names: frozenset[str], depth: int) -> None:
    if loop.recursive or depth == MAX_DEPTH:
        raise _at(loop, f"loops go {MAX_DEPTH} deep at most")
    if not isinstance(loop.target, nodes.Name) or loop.target.name in names | {"loop"} or loop.target.name.startswith("_"):
        raise _at(loop, "a loop needs one new name for its item")
    _check(loop.iter, names, depth)
    loop.iter = nodes.Filter(loop.iter, EACH, [], [], None, None, lineno=loop.lineno)
    inner = names | {loop.target.name, "loop"}
    for child in [*loop.body, *loop.else_, *([loop.test] if loop.test else [])]:
        _check(child, inner, depth + 1)


def _at(node: nodes.Node, said: str) -> TemplateFault:
    return TemplateFault(f"line {node.lineno}: {said}")


def _said(error: Exception) -> str:
    """What went wrong, if it is Jinja2 that says so, which quotes templates only; else its kind."""
    return _BLOCK.sub(" ", str(error))[:200] if isinstance(error, TemplateError) else f"it cannot be rendered ({type(error).__name__})"


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reads members of mappings and items of lists."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return self.undefined(name=attribute[:60])

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        # What stands in brackets may be a value, which no fault may quote.
        return self.undefined(hint="what is asked for in brackets is not there")

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - nothing can be called
        return False


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, StrictUndefined):
        return iter(value)
    if not isinstance(value, list | tuple):
        raise TemplateFault("only a list can be gone through")
    if len(value) > MAX_LOOP:
        raise TemplateFault(f"a list has more than {MAX_LOOP} items")
    return iter(value)


def _text(value: Any) -> str:
    """A text or a number, as a text: what a filter for texts takes."""
    if isinstance(value, StrictUndefined):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TemplateFault("a filter for texts got something else")
    return str(value)


def _joined(value: Any, between: str = ", ") -> str:
    separator, items = _text(between), [_text(item) for item in _each(value)]
    if sum(map(len, items)) + len(separator) * len(items) > MAX_OUTPUT:
        raise TemplateFault(f"a joined text is longer than {MAX_OUTPUT} characters")
    return separator.join(items)


def _default(value: Any, other: Any = "") -> Any:
    return other if value is None or value == "" else value


@pass_context
def _date(context: Context, value: Any) -> str:
    """A date (or the day of a time, in UTC) as people of the text's locale write it."""
    text = _text(value)
    day: date | None = None
    with suppress(ValueError):
        day = date.fromisoformat(text[:10])
    if day is None:
        raise TemplateFault("date got something that is no date")
    return format_day(day, context["_locale"])


EACH = "each"
FILTERS: Mapping[str, Callable[..., Any]] = {
    EACH: _each,
    "date": _date,
    "default": _default,
    "join": _joined,
    "length": lambda value: len(list(_each(value))) if not isinstance(value, str) else len(value),
    "lower": lambda value: _text(value).lower(),
    "upper": lambda value: _text(value).upper(),
    "trim": lambda value: _text(value).strip(),
}
TESTS: Mapping[str, Callable[..., bool]] = {
    "none": lambda value: value is None,
    "defined": lambda value: not isinstance(value, StrictUndefined),
}


def _environment(*, html: bool) -> _Sandbox:
    environment = _Sandbox(autoescape=html, undefined=StrictUndefined, cache_size=0, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.filters = dict(FILTERS)
    environment.tests = dict(TESTS)
    environment.finalize = _printable
    return environment


def _printable(value: Any) -> Any:
    """What a text can show: no None, no list, no mapping. A value is data, whoever made it: it is escaped even if it says that it need not be."""
    if isinstance(value, Markup):
        return str.__str__(value)
    if isinstance(value, StrictUndefined | str | int | float) and not isinstance(value, bool):
        return value
    raise TemplateFault(f"{'nothing' if value is None else 'something that is no text'} cannot be shown: use an if, a for or the filter default")


_HTML, _PLAIN = _environment(html=True), _environment(html=False)
