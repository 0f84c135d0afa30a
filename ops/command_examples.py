"""One example of each command. The help of the command and ``docs/cli.md`` show it."""

from collections.abc import Callable


def example[**P](line: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Return a decorator that gives a command its example: a command line, as people type it.

    The decorator stands above ``with_aws_options`` and below the line that registers the command. A
    test parses each example with the command's own parser.
    """

    def give_example(command: Callable[P, None]) -> Callable[P, None]:
        command.example = line  # type: ignore[attr-defined]
        return command

    return give_example


def example_of(command: object) -> str:
    """Return the example that :func:`example` gave to a command's function; "" if it has none."""
    return getattr(command, "example", "")
