"""``make words``: reports unclear wordings in docstrings, and statistics of names and docstrings.

A statistic is, for example, the share of names that begin with a verb.
``ARGS="--against CHECKOUT"`` compares the statistics with those of another checkout.
"""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

from ops.paths import ROOT
from ops.words.figures import FIGURES
from ops.words.names import Definition, repeated_names
from ops.words.survey import TREES, Survey, survey_tree

LISTED_METHODS = 20
"""Number of method names that the report lists."""
LISTED_PLACES = 4
"""Maximum number of places that the report lists for a name."""


def report_findings(surveys: Mapping[str, Survey], trees: Iterable[str]) -> list[str]:
    """Return one line per wording to replace: file, line, wording, and the plain alternative."""
    return [
        f"{path}:{finding.line}: {finding.message}"
        for tree in trees
        for path, findings in surveys[tree].findings.items()
        for finding in findings
    ]


def report_names(title: str, definitions: list[Definition]) -> list[str]:
    """Return the lines of the report on public names that have more than one definition.

    All functions and classes are listed, and the ``LISTED_METHODS`` most frequent methods.
    ``title`` is the name of the group of folders with the definitions.
    """
    names = repeated_names(definitions, methods=False)
    methods = repeated_names(definitions, methods=True)
    lines = [f"{title}: {len(names)} public functions and classes that are two things"]
    lines += [_name_line(name, found) for name, found in names.items()]
    lines += [f"{title}: methods that most classes declare, of {len(methods)} declared twice"]
    lines += [_name_line(name, found) for name, found in [*methods.items()][:LISTED_METHODS]]
    return lines


def _name_line(name: str, found: list[Definition]) -> str:
    places = ", ".join(f"{one.path}:{one.line}" for one in found[:LISTED_PLACES])
    more = f" and {len(found) - LISTED_PLACES} more" if len(found) > LISTED_PLACES else ""
    return f"  {name:28}{len(found):4}  {places}{more}"


def report_figures(
    surveys: Mapping[str, Survey], against: Mapping[str, Survey] | None = None
) -> list[str]:
    """Return a table with statistics of names and docstrings, with one column per tree.

    A statistic is, for example, the share of names that begin with a verb; the last row has the
    number of unclear wordings. A tree is a group of folders, such as ``tests``. With ``against``,
    each cell has the values of both checkouts, as ``before > after``.

    Args:
        surveys: Surveys of this checkout, by tree.
        against: Surveys of another checkout, shown as the state before.
    """
    width = 16 if against else 11
    lines = [f"{'':46}" + "".join(f"{tree:>{width}}" for tree in surveys)]
    rows = {title: _shares(title, surveys, against) for title in FIGURES}
    rows["docstrings to reword, findings"] = _totals(surveys, against)
    lines += [
        f"{title:46}" + "".join(f"{cell:>{width}}" for cell in cells)
        for title, cells in rows.items()
    ]
    return lines


def _shares(
    title: str, surveys: Mapping[str, Survey], against: Mapping[str, Survey] | None
) -> list[str]:
    figure = FIGURES[title]
    after = [f"{figure(survey.counts):.1f}" for survey in surveys.values()]
    if against is None:
        return after
    return [
        f"{figure(against[tree].counts):.1f} > {now}"
        for tree, now in zip(surveys, after, strict=True)
    ]


def _totals(surveys: Mapping[str, Survey], against: Mapping[str, Survey] | None) -> list[str]:
    after = [str(_finding_count(survey)) for survey in surveys.values()]
    if against is None:
        return after
    return [
        f"{_finding_count(against[tree])} > {now}" for tree, now in zip(surveys, after, strict=True)
    ]


def _finding_count(survey: Survey) -> int:
    return sum(len(found) for found in survey.findings.values())


def survey_checkout(checkout: Path) -> dict[str, Survey]:
    """Return the number of names and docstrings, and the unclear wordings, of a checkout, by tree.

    A tree is a group of folders, such as ``tests``.
    """
    return {tree: survey_tree(checkout, folders) for tree, folders in TREES.items()}


def main() -> None:
    """Print the ``make words`` report on docstrings and names. Always exits with 0."""
    parser = argparse.ArgumentParser(prog="make words", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout")
    parser.add_argument("--tests", action="store_true", help="list findings in tests, too")
    arguments = parser.parse_args()
    surveys = survey_checkout(ROOT)
    listed = [tree for tree in TREES if arguments.tests or tree != "tests"]
    against = survey_checkout(arguments.against.resolve()) if arguments.against else None
    print("\n".join(report_findings(surveys, listed)))
    for tree in ("product", "gateway"):
        print("\n" + "\n".join(report_names(tree, surveys[tree].definitions)))
    print("\n" + "\n".join(report_figures(surveys, against)))


if __name__ == "__main__":
    main()
