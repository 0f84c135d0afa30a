"""CEL expressions (Common Expression Language) over the typed columns of one row. Pure.

An expression sees the variable ``row`` and the functions of :mod:`gridwix_gateway.expressions`.
"""

import re
from collections.abc import Mapping
from typing import Any

import cel

from gridwix_gateway.expressions import (
    FUNCTIONS,
    InvalidProgram,
    compile_program,
    without_texts,
)

ROW = "row"
"""Name of the variable that holds the typed columns of the row."""


_MEMBER = re.compile(r"\brow\s*\.\s*([A-Za-z_]\w*)")


class ExpressionFault(Exception):
    """An expression cannot be compiled or evaluated.

    ``str()`` is the reason, without values of rows.
    """


class Expression:
    """A compiled CEL expression over the columns of a row.

    Args:
        source: Source of the expression.

    Raises:
        ExpressionFault: The source is no CEL expression, or names an unknown variable or function.
    """

    def __init__(self, source: str) -> None:
        try:
            self._program = compile_program(source, frozenset({ROW}))
        except InvalidProgram as fault:
            raise ExpressionFault(_compile_reason(fault)) from None
        self.source = source
        # One context for all rows: adding the functions takes longer than an evaluation.
        self._context = cel.Context({}, dict(FUNCTIONS))
        self.columns = frozenset(_MEMBER.findall(without_texts(source)))

    def evaluate(self, row: Mapping[str, Any]) -> Any:
        """Return the value of the expression for a row. Raises ExpressionFault if it has none."""
        try:
            self._context.add_variable(ROW, row)
            return self._program.execute(self._context)
        except KeyError as error:
            raise ExpressionFault(f"there is no member {error.args[0]}") from None
        except (ValueError, TypeError, RuntimeError, OverflowError, IndexError) as error:
            raise ExpressionFault(_runtime_error(error)) from None


def _compile_reason(fault: InvalidProgram) -> str:
    match fault.kind:
        case "syntax":
            return f"it is no CEL expression{fault.detail.replace(' at', ': at', 1)}"
        case "variable":
            return f"there is no variable {fault.detail}; a column is row.{fault.detail}"
        case "function":
            known = ", ".join(sorted(FUNCTIONS))
            return f"there is no function {fault.detail}; there are {known}"


def _runtime_error(error: Exception) -> str:
    """Return the reason of an evaluation error without CEL's message, which can quote a cell."""
    if isinstance(error, OverflowError):
        return "a number is out of range"
    if isinstance(error, IndexError):
        return "a list has no such element"
    if isinstance(error, TypeError):
        return "a value has another type than the expression needs, or there is no value"
    if found := re.match(r"Function '(\w+)' error", str(error)):
        return f"the function {found[1]} cannot read its argument"
    if found := re.match(r"Undefined variable or function: '(\w+)'", str(error)):
        return f"the function {found[1]} cannot read its argument"
    return "it has no value for this row"
