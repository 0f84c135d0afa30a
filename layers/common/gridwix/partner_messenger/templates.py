"""Templates of messages: a subset of Jinja2 that can only show plain data. Pure.

The syntax tree is checked against an allowlist of nodes, filters and tests before it is compiled:
no calls, assignments, macros, imports or arithmetic. The rest runs in Jinja2's sandbox, where a dot
or bracket reads a member of a mapping or an item of a list, and never an attribute of an object. An
unknown name is an error. Output and loops are limited.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, Protocol

from jinja2 import StrictUndefined, Template, TemplateError, nodes, pass_context
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from gridwix.mapping.cuts import cut_text
from gridwix.mapping.days import format_day, format_instant, format_instant_day
from gridwix.partner_messenger.template_faults import TemplateFault

MAX_OUTPUT = 20_000
"""Maximum length of a rendered text, in characters."""

MAX_LOOP = 100
"""Maximum number of items that a loop can iterate over."""

MAX_DEPTH = 2
"""Maximum depth of nested loops."""

MAX_TITLE = 300
"""Maximum length of a title, in characters; longer ones are cut."""

NODES: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.Const,
        nodes.Getattr,
        nodes.Getitem,
        nodes.Filter,
        nodes.Test,
        nodes.If,
        nodes.For,
    }
    | {
        nodes.CondExpr,
        nodes.Compare,
        nodes.Operand,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.List,
        nodes.Tuple,
    }
)
"""Nodes of Jinja2's syntax tree that a template can use (allowlist)."""

LOOP = frozenset({"index", "first", "last", "length"})
"""Attributes of ``loop`` that a template can read."""

_SPACE = re.compile(r"\s+")
_BLOCK = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class Renderer(Protocol):
    """A compiled template, which is called to render it."""

    def __call__(self, context: Mapping[str, Any], locale: str, zone: tzinfo = UTC) -> str:
        """Render the template with the values of ``context``, in a language. Raises TemplateFault.

        Instants are shown in the time zone ``zone``, with its name.
        """


def compile_template(source: str, names: frozenset[str], *, html: bool) -> Renderer:
    """Compile a template to a function that renders it for a context, a locale and a time zone.

    Raises TemplateFault for a template that is invalid or not allowed. The returned function raises
    it if the rendering fails.

    >>> render = compile_template("{{ record.due_on | date }}", frozenset({"record"}), html=False)
    >>> render({"record": {"due_on": "2026-03-04"}}, "en")
    '4 Mar 2026'

    Args:
        source: The template.
        names: Top-level names that the context will have.
        html: True to escape values as HTML.
    """
    template = _parse_template(source, names, html)

    def render(context: Mapping[str, Any], locale: str, zone: tzinfo = UTC) -> str:
        pieces: list[str] = []
        length = 0
        try:
            for piece in template.generate({**context, "_locale": locale, "_zone": zone}):
                length += len(piece)
                if length > MAX_OUTPUT:
                    raise TemplateFault(f"the text is longer than {MAX_OUTPUT} characters")
                pieces.append(piece)
        except TemplateFault:
            raise
        except (
            TemplateError,
            TypeError,
            ValueError,
            LookupError,
            ArithmeticError,
            RecursionError,
        ) as error:
            fault = _error_text(error)
        else:
            return "".join(pieces)
        # Raised outside of the except block: an error of Jinja2 can quote a value, so it must not
        # become the context of this one.
        raise TemplateFault(fault)

    return render


def single_line(text: str) -> str:
    r"""Return a text in a form for titles: one line, without control characters.

    It is cut at ``MAX_TITLE``.

    >>> single_line("Done\r\nBcc: all@example.com")
    'Done Bcc: all@example.com'
    """
    return cut_text(_SPACE.sub(" ", _BLOCK.sub(" ", text)).strip(), MAX_TITLE)


@lru_cache(maxsize=256)
def _parse_template(source: str, names: frozenset[str], html: bool) -> Template:
    environment = _HTML if html else _PLAIN
    try:
        tree = environment.parse(source)
        _check_node(tree, names)
        return environment.from_string(tree)
    except TemplateFault:
        raise
    except TemplateError as error:
        line = f"line {error.lineno}: " if isinstance(error, TemplateSyntaxError) else ""
        fault = line + _error_text(error)
    except RecursionError:
        fault = "it is nested too deeply"
    raise TemplateFault(fault)


def _check_node(node: nodes.Node, names: frozenset[str], depth: int = 0) -> None:
    """Raise TemplateFault for a template node that is not allowed.

    It also changes the nodes of loops, so that rendering fails for a list that is too long.
    """
    kind = type(node)
    if kind not in NODES:
        raise _fault_at(node, f"{kind.__name__.lower()} cannot be used")
    match node:
        case nodes.Name(name=name) if name not in names:
            raise _fault_at(node, f"there is no {name}; there are {', '.join(sorted(names))}")
        case nodes.Getattr(attr=name) if name.startswith("_"):
            raise _fault_at(node, f"{name} cannot be read")
        case nodes.Filter(name=name) if name not in FILTERS:
            raise _fault_at(
                node,
                f"there is no filter {name}; there are {', '.join(sorted(set(FILTERS) - {EACH}))}",
            )
        case nodes.Test(name=name) if name not in TESTS:
            raise _fault_at(node, f"there is no test {name}; there are {', '.join(sorted(TESTS))}")
        case nodes.For():
            _check_loop(node, names, depth)
            return
    for child in node.iter_child_nodes():
        _check_node(child, names, depth)


def _check_loop(loop: nodes.For, names: frozenset[str], depth: int) -> None:
    if loop.recursive or depth == MAX_DEPTH:
        raise _fault_at(loop, f"loops go {MAX_DEPTH} deep at most")
    if (
        not isinstance(loop.target, nodes.Name)
        or loop.target.name in names | {"loop"}
        or loop.target.name.startswith("_")
    ):
        raise _fault_at(loop, "a loop needs one new name for its item")
    _check_node(loop.iter, names, depth)
    # The filter raises for a list that is too long, and for anything that is no list.
    loop.iter = nodes.Filter(loop.iter, EACH, [], [], None, None, lineno=loop.lineno)
    inner = names | {loop.target.name, "loop"}
    for child in [*loop.body, *loop.else_, *([loop.test] if loop.test else [])]:
        _check_node(child, inner, depth + 1)


def _fault_at(node: nodes.Node, said: str) -> TemplateFault:
    return TemplateFault(f"line {node.lineno}: {said}")


def _error_text(error: Exception) -> str:
    """Return a text for an error of rendering, without any value of the context.

    For an error of Jinja2 it is the error's message, which quotes only the template. For any other
    error it names the error's type.
    """
    return (
        _BLOCK.sub(" ", str(error))[:200]
        if isinstance(error, TemplateError)
        else f"it cannot be rendered ({type(error).__name__})"
    )


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 sandbox in which a template reads only members of mappings and items of lists."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return self.undefined(name=attribute[:60])

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if (
            isinstance(obj, list | tuple)
            and isinstance(argument, int)
            and -len(obj) <= argument < len(obj)
        ):
            return obj[argument]
        # The expression in brackets may be a value, which no error may quote.
        return self.undefined(hint="what is asked for in brackets is not there")

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - nothing can be called
        return False


def _list_items(value: Any) -> Iterator[Any]:
    if isinstance(value, StrictUndefined):
        return iter(value)
    if not isinstance(value, list | tuple):
        raise TemplateFault("only a list can be gone through")
    if len(value) > MAX_LOOP:
        raise TemplateFault(f"a list has more than {MAX_LOOP} items")
    return iter(value)


def _text_value(value: Any) -> str:
    """Return the text or number that a text filter gets, as a text.

    Raises TemplateFault for any other value.
    """
    if isinstance(value, StrictUndefined):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TemplateFault("a filter for texts got something else")
    return str(value)


def _joined_text(value: Any, between: str = ", ") -> str:
    separator, items = _text_value(between), [_text_value(item) for item in _list_items(value)]
    if sum(map(len, items)) + len(separator) * len(items) > MAX_OUTPUT:
        raise TemplateFault(f"a joined text is longer than {MAX_OUTPUT} characters")
    return separator.join(items)


def _value_or_default(value: Any, other: Any = "") -> Any:
    return other if value is None or value == "" else value


@pass_context
def _local_date(context: Context, value: Any) -> str:
    """Format a date for the language of the text.

    An instant is formatted as its day in the reader's time zone, with the name of the zone.
    """
    return _local_text(context, value, format_instant_day)


@pass_context
def _local_time(context: Context, value: Any) -> str:
    """Format day and time of an instant in the reader's time zone, with the name of the zone.

    A date without a time is formatted as a date.
    """
    return _local_text(context, value, format_instant)


def _local_text(
    context: Context, value: Any, format_at: Callable[[datetime, tzinfo, str], str]
) -> str:
    text, locale = _text_value(value), context["_locale"]
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return format_at(at, context["_zone"], locale)
    with suppress(ValueError):
        return format_day(date.fromisoformat(text[:10]), locale)
    raise TemplateFault("date got something that is no date")


EACH = "each"
FILTERS: Mapping[str, Callable[..., Any]] = {
    EACH: _list_items,
    "date": _local_date,
    "time": _local_time,
    "default": _value_or_default,
    "join": _joined_text,
    "length": lambda value: (
        len(list(_list_items(value))) if not isinstance(value, str) else len(value)
    ),
    "lower": lambda value: _text_value(value).lower(),
    "upper": lambda value: _text_value(value).upper(),
    "trim": lambda value: _text_value(value).strip(),
}
TESTS: Mapping[str, Callable[..., bool]] = {
    "none": lambda value: value is None,
    "defined": lambda value: not isinstance(value, StrictUndefined),
}


def _environment(*, html: bool) -> _Sandbox:
    environment = _Sandbox(
        autoescape=html,
        undefined=StrictUndefined,
        cache_size=0,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    environment.filters = dict(FILTERS)
    environment.tests = dict(TESTS)
    environment.finalize = _printable_value
    return environment


def _printable_value(value: Any) -> Any:
    """Return a value in the form in which the output shows it.

    Raises TemplateFault for None, a boolean, a list or a mapping. A value that is marked as safe
    HTML loses that mark, so that every value is escaped.
    """
    if isinstance(value, Markup):
        return str.__str__(value)
    if isinstance(value, StrictUndefined | str | int | float) and not isinstance(value, bool):
        return value
    raise TemplateFault(
        f"{'nothing' if value is None else 'something that is no text'} cannot be shown:"
        " use an if, a for or the filter default"
    )


_HTML, _PLAIN = _environment(html=True), _environment(html=False)
