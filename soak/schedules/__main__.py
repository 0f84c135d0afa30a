"""``python -m soak.schedules``: plays many small worlds, and shrinks those that fail."""

from argparse import ArgumentParser, Namespace

from soak.arguments import natural, positive
from soak.command import run_command
from soak.schedules.many import DEFAULT, Settings, play_many


def main() -> int:
    """Play schedules; return exit code 1 if one of them fails."""
    given = _parse()
    settings = Settings(given.partners, given.events, given.tries)
    return play_many(given.first, given.count, given.jobs, settings)


def _parse() -> Namespace:
    parser = ArgumentParser(prog="python -m soak.schedules", description=__doc__)
    parser.add_argument("--count", type=positive, default=100, help="number of schedules")
    parser.add_argument("--first", type=natural, default=1, help="seed of the first one")
    parser.add_argument("--jobs", type=positive, default=1, help="number of processes")
    parser.add_argument("--partners", type=positive, default=DEFAULT.partners)
    parser.add_argument("--events", type=positive, default=DEFAULT.events)
    parser.add_argument(
        "--tries", type=natural, default=DEFAULT.tries, help="most plays to shrink a failing one"
    )
    return parser.parse_args()


if __name__ == "__main__":
    run_command("soak.schedules", main)
