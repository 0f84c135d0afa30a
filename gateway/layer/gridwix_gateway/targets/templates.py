"""Templates in CEL (Common Expression Language): JSON values in which texts are expressions. Pure.

Expressions see the functions of :mod:`gridwix_gateway.expressions`.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import cel
from pydantic import StringConstraints

from gridwix_gateway.expressions import FUNCTIONS, InvalidProgram, compile_program

type ExpressionText = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]

type TemplateValue = (
    ExpressionText | int | float | bool | list["TemplateValue"] | dict[str, "TemplateValue"] | None
)
"""A JSON value in which each text is an expression: ``{"subject": "record.number"}``."""


class TemplateFault(Exception):
    """A declared template cannot be compiled, or cannot be evaluated for a delivery.

    ``str()`` is the reason. It quotes no value, because values can be personal data.

    Args:
        said: The reason.
        fix: How to correct the template.
        path: Path of the expression in the declaration.
    """

    def __init__(self, said: str, fix: str = "correct it", path: tuple[str, ...] = ()) -> None:
        super().__init__(said)
        self.fix = fix
        self.path = path


class Template:
    """A compiled template: a JSON value in which texts are CEL expressions.

    Args:
        value: The declared value.
        variables: Names of the variables that the expressions may use.
        path: Path of the template in the declaration, for faults.

    Raises:
        TemplateFault: An expression is invalid, or names an unknown variable or function.
    """

    def __init__(
        self, value: TemplateValue, variables: frozenset[str], path: tuple[str, ...] = ()
    ) -> None:
        self._value = value
        self._programs = {
            source: _compile(source, variables, (*path, *members))
            for members, source in _expressions(value, ())
        }

    @property
    def variables(self) -> frozenset[str]:
        """Names of the variables that the template's expressions use."""
        return frozenset(name for one in self._programs.values() for name in one.variables())

    def render(self, variables: Mapping[str, Any]) -> Any:
        """Return the template's JSON value, with each expression replaced by its result.

        Raises:
            TemplateFault: An expression has no value for these variables.
        """
        context = cel.Context(dict(variables), dict(FUNCTIONS))
        return self._render(self._value, context)

    def _render(self, value: TemplateValue, context: cel.Context) -> Any:
        match value:
            case str():
                return _evaluate(self._programs[value], context)
            case list():
                return [self._render(item, context) for item in value]
            case dict():
                return {name: self._render(item, context) for name, item in value.items()}
        return value


def _expressions(
    value: TemplateValue, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    match value:
        case str():
            yield path, value
        case list():
            for number, item in enumerate(value):
                yield from _expressions(item, (*path, str(number)))
        case dict():
            for name, item in value.items():
                yield from _expressions(item, (*path, name))


def _compile(source: str, variables: frozenset[str], path: tuple[str, ...]) -> cel.Program:
    try:
        return compile_program(source, variables)
    except InvalidProgram as fault:
        raise _compile_fault(fault, variables, path) from None


def _compile_fault(
    fault: InvalidProgram, variables: frozenset[str], path: tuple[str, ...]
) -> TemplateFault:
    match fault.kind:
        case "syntax":
            fix = "correct the expression; a text within it stands in quotes of its own"
            return TemplateFault(f"this is no CEL expression{fault.detail}", fix, path)
        case "variable":
            fix = f"use one of {', '.join(sorted(variables))}, or write a text in quotes of its own"
            return TemplateFault(f"there is no variable {fault.detail}", fix, path)
        case "function":
            fix = f"use one of {', '.join(sorted(FUNCTIONS))}, or a function of CEL's core"
            return TemplateFault(f"there is no function {fault.detail}", fix, path)


def _evaluate(program: cel.Program, context: cel.Context) -> Any:
    """Return the value of an expression. Raises TemplateFault.

    CEL's error messages can quote values, so they are not passed on.
    """
    try:
        return program.execute(context)
    except KeyError:
        reason = "a member is missing; test it with has()"
    except IndexError:
        reason = "a list has no such element"
    except OverflowError:
        reason = "a number is out of range"
    except TypeError:
        reason = "a value has another type than the expression needs"
    except (ValueError, RuntimeError):
        reason = "it has no value here"
    raise TemplateFault(f"{program.source[:200]}: {reason}")
