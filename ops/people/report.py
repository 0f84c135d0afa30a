"""Printed output of an import of people, and its JSON document."""

from collections.abc import Callable, Iterable, Sequence

from gridwix.people.persons import PersonKey
from gridwix.people.planning import PeoplePlan
from ops.json_output import JsonOutput
from ops.outputs.people import (
    BadRow,
    DirectoryCounts,
    FailedPerson,
    PeopleImportOutput,
    PeopleOutcomeOutput,
    PeoplePlanOutput,
    PlannedPerson,
)
from ops.people.carrying import Outcome
from ops.people.directory import DirectoryPeople
from ops.people.rows import RowFault

SHOWN = 10
"""Maximum number of printed lines of each kind; ``--json`` has all of them."""

LEFT_OUT: dict[str, str] = {
    "inactive": "not active in the directory",
    "without_status": "without a status in the directory",
    "without_role": "without a role that config/people.yaml maps",
    "without_address": "without an email address",
    "gone": "gone while they were read",
    "doubled": "with the address of another user of the same partner",
}
"""Texts for the reasons for which a user of the directory is not imported."""

type Line = Callable[..., None]
"""Prints a line, as ``ops.console.print_result`` does."""


def print_faults(faults: Sequence[RowFault], line: Line) -> None:
    """Print the rows of a file that have a fault, ``SHOWN`` rows at most."""
    line(f"{len(faults):,} rows are not understood:")
    _print_some([str(fault) for fault in faults], line)


def print_directory(found: DirectoryPeople, line: Line) -> None:
    """Print the number of users that were read from OpenText's directory, and of their partners.

    Then print the numbers of partners that could not be read, and of users who are not imported,
    with the reasons.
    """
    line(f"{len(found.people):,} users of {len(found.read):,} partners of the directory")
    if unread := sum(found.unread.values()):
        codes = ", ".join(sorted(found.unread))
        line(
            f"{unread:,} partners could not be read ({codes}) and are left alone: `gridwix doctor`"
            ' says in the row "users of partners" what is missing'
        )
    for reason, count in sorted(found.left_out.items()):
        line(f"{count:,} users are left out: {LEFT_OUT[reason]}")


def print_people_plan(plan: PeoplePlan, unannounced: int, line: Line) -> None:
    """Print the plan of an import: for each kind of change, its number and the first people.

    ``unannounced`` is the number of people who are invited already, and got no mail yet.
    """
    for title, entries in (
        (
            "new",
            [
                f"{_place(one.person.key)}  {one.person.role}" + _round(one.round)
                for one in plan.new
            ],
        ),
        (
            "changed",
            [
                f"{_place(one.person.key)}  {', '.join(one.before)} → {one.person.role}"
                for one in plan.changed
            ],
        ),
        ("refused", [f"{_place(one.person.key)}  {one.reason}" for one in plan.refused]),
        (
            "leaving",
            [
                f"{_place(one.key)}  {one.role}, {'linked' if one.is_linked else 'invited'}"
                for one in plan.leaving
            ],
        ),
    ):
        if entries:
            line(f"{len(entries):,} {title}", style="bold")
            _print_some(entries, line)
    line(f"{len(plan.unchanged):,} unchanged")
    if unannounced:
        line(f"{unannounced:,} are invited already, and have no mail yet")
    if plan.leaving:
        line(
            "An import takes access from nobody. That happens every hour by itself, and at once"
            " with `gridwix people reconcile`"
        )


def import_output(
    *,
    ignored: Sequence[str] = (),
    faults: Iterable[RowFault] = (),
    directory: DirectoryPeople | None = None,
    plan: PeoplePlan | None = None,
    unannounced: int = 0,
    outcome: Outcome | None = None,
) -> JsonOutput:
    """Return the result of an import of people as a JSON document.

    An argument that is None becomes null: that step of the import did not take place.
    """
    return PeopleImportOutput(
        ignored_columns=tuple(ignored),
        bad_rows=tuple(
            BadRow(line=one.line, column=one.column or None, reason=one.reason) for one in faults
        ),
        directory=None
        if directory is None
        else DirectoryCounts(
            partners=len(directory.read),
            unread=dict(directory.unread),
            left_out=dict(directory.left_out),
        ),
        plan=None if plan is None else _plan_output(plan, unannounced),
        outcome=None
        if outcome is None
        else PeopleOutcomeOutput(
            invited=outcome.invited,
            changed=outcome.changed,
            announced=outcome.announced,
            failures=tuple(
                FailedPerson(partner=one.key.partner_id, email=one.key.email, code=one.code)
                for one in outcome.failures
            ),
        ),
    )


def _plan_output(plan: PeoplePlan, unannounced: int) -> PeoplePlanOutput:
    return PeoplePlanOutput(
        new=tuple(_entry(one.person.key, one.person.role, round_=one.round) for one in plan.new),
        changed=tuple(
            _entry(one.person.key, one.person.role, before=one.before) for one in plan.changed
        ),
        unchanged=len(plan.unchanged),
        leaving=tuple(_entry(one.key, one.role) for one in plan.leaving),
        refused=tuple(
            _entry(one.person.key, one.person.role, reason=one.reason) for one in plan.refused
        ),
        unannounced=unannounced,
    )


def _entry(
    key: PersonKey,
    role: str,
    *,
    before: tuple[str, ...] = (),
    round_: int | None = None,
    reason: str | None = None,
) -> PlannedPerson:
    return PlannedPerson(
        partner=key.partner_id,
        email=key.email,
        role=role,
        before=before,
        round=round_,
        reason=reason,
    )


def _place(key: PersonKey) -> str:
    return f"{key.partner_id}  {key.email}"


def _round(number: int) -> str:
    return "" if number == 1 else f", invitation {number}"


def _print_some(entries: Sequence[str], line: Line) -> None:
    for entry in entries[:SHOWN]:
        line(f"  {entry}")
    if (more := len(entries) - SHOWN) > 0:
        line(f"  … and {more:,} more")
