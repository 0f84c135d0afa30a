"""Finds the log events in the source of the Lambda functions: name, levels, fields and functions.

The functions of a log event are the Lambda functions with code that can write the event. A logging
call can be analyzed if the name of the event is a literal, and the fields are the keys of
dictionaries in the code, or of a ``TypedDict``. Any other call is an error, so that the docs can
list every log event with its fields.
"""

import ast
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TypeGuard

from ops.paths import ROOT

SOURCES = MappingProxyType(
    {
        "gridwix": ROOT / "layers/common/gridwix",
        "gridwix_gateway": ROOT / "gateway/layer/gridwix_gateway",
        "functions": ROOT / "functions",
        "gateway": ROOT / "gateway/functions",
    }
)
"""Folders with the code of the functions, by the package name of their modules."""

LOGGERS = frozenset({"logger", "_logger"})
"""Names of loggers in the code of the functions."""

LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)

type Symbol = tuple[str, str]
"""A module and one of its top-level names; "" for the statements that its import runs."""


@dataclass(frozen=True, slots=True)
class LogCall:
    """A logging call in the source.

    ``place`` is its module and line, ``symbol`` the top-level definition that contains it.
    """

    name: str
    level: str
    fields: frozenset[str]
    place: str
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A log event: all logging calls with the same name.

    ``functions`` are the Lambda functions with code that reaches one of these calls.
    """

    name: str
    levels: tuple[str, ...]
    fields: tuple[str, ...]
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    """A top-level statement of a module, with all nodes of its syntax tree."""

    module: str
    node: ast.stmt
    nodes: Sequence[ast.AST]

    @property
    def symbol(self) -> Symbol:
        return self.module, _defined(self.node)


class FunctionCode:
    """The parsed source of the Lambda functions and their layers, to find logging calls in it."""

    def __init__(self, sources: Mapping[str, Path] = SOURCES) -> None:
        self._sources = sources

    @cached_property
    def modules(self) -> Mapping[str, ast.Module]:
        """Modules that are searched for logging calls, by dotted name."""
        return {
            _module_name(package, path.relative_to(folder)): ast.parse(path.read_text(), str(path))
            for package, folder in self._sources.items()
            for path in sorted(folder.rglob("*.py"))
        }

    @cached_property
    def _statements(self) -> list["_Statement"]:
        """The top-level statements of all modules."""
        # Each is walked once: there are a million nodes.
        return [
            _Statement(module, one, list(ast.walk(one)))
            for module, tree in self.modules.items()
            for one in tree.body
        ]

    @cached_property
    def calls(self) -> list[LogCall]:
        """All logging calls in the source.

        Raises ValueError with module and line for a call that cannot be analyzed.
        """
        return [call for statement in self._statements for call in self._calls_of(statement)]

    def events(self) -> dict[str, LogEvent]:
        """Return the log events by name, in alphabetical order."""
        reached = {
            ("gateway " if module.startswith("gateway.") else "") + module.split(".")[1]: (
                self._reached_from((module, "handler"))
            )
            for module in self.modules
            if module.endswith((".handler", ".app"))
            and module.startswith(("functions.", "gateway."))
        }
        found: dict[str, list[LogCall]] = {}
        for call in self.calls:
            found.setdefault(call.name, []).append(call)
        return {
            name: LogEvent(
                name,
                tuple(sorted({call.level for call in calls})),
                tuple(sorted(frozenset[str]().union(*(call.fields for call in calls)))),
                tuple(
                    sorted(
                        function
                        for function, symbols in reached.items()
                        if any(call.symbol in symbols for call in calls)
                    )
                ),
            )
            for name, calls in sorted(found.items())
        }

    def _calls_of(self, statement: "_Statement") -> Iterator[LogCall]:
        methods = {node for node in statement.nodes if _is_method(node)}
        if not methods:
            return
        scopes = [node for node in statement.nodes if isinstance(node, _FUNCTION)]
        # Innermost functions first: a call belongs to the one whose variables it uses.
        for scope in [*reversed(scopes), statement.node]:
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and node.func in methods:
                    methods.remove(node.func)
                    yield self._read_call(statement, scope, node)
        for method in methods:
            raise ValueError(
                f"{statement.module}:{method.lineno}: a method of the logger is called where it"
                " stands"
            )

    def _read_call(self, statement: "_Statement", scope: ast.AST, call: ast.Call) -> LogCall:
        assert isinstance(call.func, ast.Attribute)
        place = f"{statement.module}:{call.lineno}"
        name = call.args[0] if call.args else None
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            raise ValueError(f"{place}: the name of a log event is a literal")  # noqa: TRY004
        if len(call.args) > 1:
            raise ValueError(f"{place}: the values of a log event are in `extra`")
        fields: frozenset[str] = frozenset()
        for keyword in call.keywords:
            if keyword.arg != "extra":
                raise ValueError(f"{place}: a log event takes only `extra`, not {keyword.arg}")
            fields = self._keys(keyword.value, scope, place)
        return LogCall(name.value, call.func.attr, fields, place, statement.symbol)

    def _keys(self, node: ast.expr, scope: ast.AST, place: str) -> frozenset[str]:
        """Return the keys that a dictionary expression in a logging call can have.

        Raises ValueError if the expression cannot be analyzed.
        """
        match node:
            case ast.Dict():
                return _union(
                    self._keys(value, scope, place) if key is None else _literal(key, place)
                    for key, value in zip(node.keys, node.values, strict=True)
                )
            case ast.DictComp(
                generators=[ast.comprehension(iter=ast.Call(func=ast.Attribute(value=of)))]
            ):
                # {name: ... for name, value in MAPPING.items() ...}
                return self._keys(of, scope, place)
            case ast.Call(func=ast.Name(id=function)) if function in self._returned:
                return self._returned[function]
            case ast.Name(id=variable):
                return self._keys_of_variable(variable, scope, place)
        raise ValueError(f"{place}: the fields of a log event are keys that stand in the code")

    def _keys_of_variable(self, variable: str, scope: ast.AST, place: str) -> frozenset[str]:
        found = [
            self._keys(value, scope, place)
            for node in ast.walk(scope)
            if (value := _assigned(node, variable)) is not None
        ]
        if isinstance(scope, _FUNCTION):
            found += [
                self._entries[kind]
                for one in scope.args.args
                if one.arg == variable and (kind := _annotated(one)) in self._entries
            ]
        if not found:
            raise ValueError(f"{place}: nothing says which fields {variable} has")
        return _union(found)

    @cached_property
    def _entries(self) -> Mapping[str, frozenset[str]]:
        """The keys of each ``TypedDict`` in the source, by the class's name."""
        return {
            node.name: frozenset(
                one.target.id
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            )
            for tree in self.modules.values()
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)
        }

    @cached_property
    def _returned(self) -> Mapping[str, frozenset[str]]:
        """Names of the log fields that Python functions in the source return, by function name.

        Only top-level functions count that have a name ending with ``_fields`` or ``_entry``. The
        field names are the keys of all dictionaries in the function's code.
        """
        return {
            node.name: frozenset(
                key.value
                for one in ast.walk(node)
                if isinstance(one, ast.Dict)
                for key in one.keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )
            for tree in self.modules.values()
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.endswith(("_fields", "_entry"))
        }

    @cached_property
    def _references(self) -> Mapping[Symbol, frozenset[Symbol]]:
        """The definitions that each definition's code mentions: the edges of the call graph."""
        own = {statement.symbol for statement in self._statements}
        names: dict[str, dict[str, Symbol]] = {}
        for statement in self._statements:
            names.setdefault(statement.module, {}).update(_imported_names(statement.nodes))
        found: dict[Symbol, set[Symbol]] = {}
        for statement in self._statements:
            module, known = statement.module, names[statement.module]
            mentioned = found.setdefault(statement.symbol, set())
            for node in statement.nodes:
                if isinstance(node, ast.Name):
                    if (module, node.id) in own:
                        mentioned.add((module, node.id))
                    elif node.id in known:
                        mentioned |= {known[node.id], (known[node.id][0], "")}
                elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    # module.name, where the module was imported as a whole
                    whole = ".".join(known.get(node.value.id, ()))
                    if whole in self.modules:
                        mentioned |= {(whole, node.attr), (whole, "")}
            if _is_registered(statement.node):
                found.setdefault((module, ""), set()).add(statement.symbol)
        return {symbol: frozenset(mentioned) for symbol, mentioned in found.items()}

    def _reached_from(self, start: Symbol) -> frozenset[Symbol]:
        reached, waiting = {start}, deque([start])
        while waiting:
            for symbol in self._references.get(waiting.popleft(), frozenset()) - reached:
                reached.add(symbol)
                waiting.append(symbol)
        return frozenset(reached)


def _is_method(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in LEVELS
        and isinstance(node.value, ast.Name)
        and node.value.id in LOGGERS
    )


def _is_registered(statement: ast.stmt) -> bool:
    """Return True for a function that a decorator registers.

    Such a function runs although no code mentions it.
    """
    return isinstance(statement, ast.FunctionDef) and any(
        isinstance(one, ast.Name) and one.id == "before_each_batch"
        for one in statement.decorator_list
    )


def _defined(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return statement.name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def _imported_names(nodes: Iterable[ast.AST]) -> Mapping[str, Symbol]:
    """Return the definition behind each name that is imported from the Lambda functions' packages.

    The packages are those of ``SOURCES``. Only ``from ... import`` statements count, also those
    within a Python function.
    """
    return {
        one.asname or one.name: (node.module, one.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        and node.module is not None
        and node.module.partition(".")[0] in SOURCES
        for one in node.names
    }


def _assigned(node: ast.AST, variable: str) -> ast.expr | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == variable:
            return value
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if name == variable:
            return value
        case ast.AugAssign(target=ast.Name(id=name), value=value) if name == variable:
            return value
    return None


def _annotated(argument: ast.arg) -> str:
    """Return the type name in an argument's annotation; "" if the annotation is no plain name."""
    match argument.annotation:
        case ast.Name(id=name) | ast.Constant(value=str(name)):
            return name
    return ""


def _literal(key: ast.expr, place: str) -> frozenset[str]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return frozenset({key.value})
    raise ValueError(f"{place}: the name of a field is a literal")


def _union(found: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*found)


def _module_name(package: str, path: Path) -> str:
    parts = [package, *path.with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
