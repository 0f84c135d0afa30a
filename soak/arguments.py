"""The options of ``python -m soak``: its modes, and the options that each mode uses."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

RUN = "a run"
"""Name of the mode that runs if no option chooses another one."""

USED: Mapping[str, Sequence[str]] = {
    RUN: ("--short", "--seed", "--partners", "--events", "--storm", "--report"),
    "--malformed": ("--short", "--seed", "--partners"),
    "--planted": (),
    "--schedules": ("--seed", "--jobs"),
}
"""The options that each mode of the soak test uses."""

_DEFAULTS: Mapping[str, object] = {"storm": 1.0, "jobs": 1}

_EPILOG = """\
A run is the default; --malformed, --planted and --schedules are modes of their own. The exit code
is 0 if nothing was found, 1 if something was, 2 if the options are wrong, 130 after Ctrl-C."""


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line. Ends the process with an error message if it is invalid.

    Args:
        given: The arguments; None for those of the process.
    """
    parser = _new_parser()
    arguments = parser.parse_args(given)
    mode = next((one for one in USED if one != RUN and _is_given(arguments, one)), RUN)
    options = dict.fromkeys(option for used in USED.values() for option in used)
    unused = [one for one in options if one not in USED[mode] and _is_given(arguments, one)]
    if unused:
        goes_with = ", ".join(USED[mode]) or "no other option"
        parser.error(f"{mode} does not use {', '.join(unused)}: it goes with {goes_with}")
    if arguments.schedules:
        seed = "1" if arguments.seed is None else arguments.seed
        if not (seed.isascii() and seed.isdecimal()):
            parser.error(f"--seed is a whole number with --schedules, not {seed!r}")
        arguments.seed = int(seed)
    for name, value in _DEFAULTS.items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    if arguments.report is not None:
        try:
            # A path that cannot be written is known before hours of work.
            arguments.report.touch()
        except OSError as error:
            parser.error(f"--report {arguments.report}: {error.strerror}")
    return arguments


def positive(text: str) -> int:
    """Parse a whole number above 0. Raises ArgumentTypeError."""
    return int(_number(text, int, lambda number: number >= 1, "a whole number above 0"))


def natural(text: str) -> int:
    """Parse a whole number that is not negative. Raises ArgumentTypeError."""
    return int(_number(text, int, lambda number: number >= 0, "a whole number from 0"))


def _strength(text: str) -> float:
    return _number(text, float, lambda number: 0 <= number < float("inf"), "a number from 0")


def _seed(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _number(
    text: str, kind: Callable[[str], float], is_good: Callable[[float], bool], wanted: str
) -> float:
    try:
        number = kind(text)
    except ValueError:
        number = float("nan")
    if not is_good(number):
        raise argparse.ArgumentTypeError(f"it is {wanted}, not {text!r}")
    return number


def _is_given(arguments: argparse.Namespace, option: str) -> bool:
    value = getattr(arguments, option.removeprefix("--"))
    # 0 is a value of --storm.
    return value is not None and value is not False


def _new_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m soak",
        description="Play the soak test, and say whether its judges found anything: docs/soak.md.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--malformed", type=positive, metavar="N", help="publish a world with N malformed records"
    )
    modes.add_argument(
        "--planted", action="store_true", help="plant faults in the product, and let them be found"
    )
    modes.add_argument("--schedules", type=positive, metavar="N", help="play N small worlds")
    parser.add_argument("--short", action="store_true", help="a form of about a minute")
    parser.add_argument(
        "--seed",
        type=_seed,
        help="decides everything. Of a run and of --malformed: any text, by default the time of"
        " day. Of --schedules: the number of the first world, by default 1; the next one has the"
        " next number",
    )
    parser.add_argument("--partners", type=positive, metavar="N", help="number of partners")
    parser.add_argument("--events", type=positive, metavar="N", help="number of events")
    parser.add_argument(
        "--storm", type=_strength, help="0: no faults, 2: twice as many; by default 1"
    )
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="processes for small worlds; by default 1"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="file that gets the figures as Markdown"
    )
    return parser
