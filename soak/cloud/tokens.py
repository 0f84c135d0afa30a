"""Lexer of DynamoDB's expressions: the tokens of a text, with the names and values that they
use.
"""

import re
from pathlib import Path

from soak.cloud.attribute_values import Refusal, invalid, not_known

type Names = tuple[tuple[str, str], ...]
"""``ExpressionAttributeNames``, in a form that can be the key of a cache."""

_TOKEN = re.compile(r"\s*([#:]?\w+|<=|>=|<>|[=<>(),+-]|\S)", re.ASCII)
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_RESERVED = frozenset(
    Path(__file__).with_name("reserved_words.txt").read_text("utf-8").casefold().split()
)


class Tokens:
    """The tokens of one text after another, for a parser.

    ``values`` are the names of all values that were used, such as ``:now``.
    """

    def __init__(self, names: Names) -> None:
        self._names = dict(names)
        self._used_names: set[str] = set()
        self.values: set[str] = set()
        self._tokens: list[str] = []
        self._place = 0

    def begin(self, text: str) -> None:
        """Start to read a text."""
        if not text.strip():
            raise invalid("The expression can not be empty;")
        self._tokens, self._place = _TOKEN.findall(text), 0

    def finish(self) -> None:
        """Raise Refusal if a part of the text is left."""
        if self._place < len(self._tokens):
            raise self.syntax_error()

    def require_all_names(self) -> None:
        """Raise Refusal for names that no expression uses, as DynamoDB does."""
        if unused := sorted(self._names.keys() - self._used_names):
            raise invalid(
                "Value provided in ExpressionAttributeNames unused in expressions:"
                f" keys: {{{', '.join(unused)}}}"
            )

    def attribute(self) -> str:
        """Read the name of a top-level attribute."""
        token = self.next()
        if token.startswith("#"):
            if token not in self._names:
                raise invalid(f"An expression attribute name is not defined: {token}")
            self._used_names.add(token)
            name = self._names[token]
        elif not _WORD.fullmatch(token):
            self._place -= 1
            raise self.syntax_error()
        elif token.casefold() in _RESERVED:
            raise invalid(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        else:
            name = token
        if self.peek() in {".", "["}:
            raise not_known("paths into an attribute")
        return name

    def value(self) -> str:
        """Read the name of a value, such as ``:now``."""
        if not self.peek().startswith(":"):
            raise self.syntax_error()
        name = self.next()
        self.values.add(name)
        return name

    def peek(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else ""

    def next(self) -> str:
        token = self.peek()
        if not token:
            raise self.syntax_error()
        self._place += 1
        return token

    def take(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self._place += 1
        return True

    def take_word(self, word: str) -> bool:
        if self.peek().upper() != word:
            return False
        self._place += 1
        return True

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise self.syntax_error()

    def expect_word(self, word: str) -> None:
        if not self.take_word(word):
            raise self.syntax_error()

    def syntax_error(self) -> Refusal:
        return invalid(f'Syntax error; token: "{self.peek() or "<EOF>"}"')
