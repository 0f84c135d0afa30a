"""Benchmark: the burst of ``benchmarks.bursts`` through the deployed stack in the local cloud.

``make bench ARGS="bursts --cloud"`` changes a case in Trading Grid, which sends webhooks to the
deployed functions. Bursts alternate between functions with the row pace and functions without it,
which have ``ROW_PACE`` set to 0. The writes are those that the emulator of Wix received.

The fewer changes a function reads at once, the more it writes without the pace. On a machine that
is busy with other work, changes wait for each other, and there is little left to save.
"""

import contextlib
import io
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import OPEN_ISSUES, PARTNER_STATUS
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import ROOT, new_run
from ops.waiting import wait_for_answers

wait_for_answers()

ROUNDS = 5
"""Number of measured bursts with the row pace, and of those without it."""

SINGLES = 10
"""Number of isolated changes in each round, for which the time to the row is measured."""

CASE = "case_01JA3B"

PACED = ("status_publisher", "notice_publisher", "onboarding_sync", "request_publisher")
"""Functions that limit the write rate of a row (``ROW_PACE``)."""

REST = 1.5
"""Seconds without any message after which the row pace no longer delays a write."""

MOST_WRITES, MOST_CALLS, LATEST, SLOWER = 4, 1 / 5, 1.5, 1.1
"""Goals with the pace: writes of a row in a burst, share of the calls without it, seconds from the
last change until the row shows it, and the ratio of a change by itself that is taken for noise."""

_NO_PACE = """\
from gridwix.publication import publisher

publisher.ROW_PACE = 0.0
"""


@dataclass(frozen=True, slots=True)
class Burst:
    """Writes, calls and delays that one burst of changes caused.

    ``issue`` and ``status`` are the writes of each row, and ``calls`` the calls of Wix. ``lasted``
    are the seconds from the first change to the last, and ``latest`` those from the last change
    until its issue was written.
    """

    issue: int
    status: int
    calls: int
    lasted: float
    latest: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All bursts with the row pace or all without it, and the seconds from each isolated change
    until its issue was written.
    """

    bursts: Sequence[Burst]
    singles: Sequence[float]

    def median(self, name: str) -> float:
        """Return the median over the bursts of one of their figures."""
        return float(median(getattr(one, name) for one in self.bursts))

    def most(self, name: str) -> float:
        """Return the maximum over the bursts of one of their figures."""
        return float(max(getattr(one, name) for one in self.bursts))

    @property
    def single(self) -> float:
        """Median seconds from an isolated change until its issue was written."""
        return median(self.singles)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures([*self.bursts, *other.bursts], [*self.singles, *other.singles])


def handler_archive(source: str, *, pace: bool) -> bytes:
    """Return the ZIP archive of a function's code for Lambda, with the row pace or without it."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        member = zipfile.ZipInfo("handler.py")
        member.external_attr = 0o644 << 16
        archive.writestr(member, source if pace else _NO_PACE + source)
    return code.getvalue()


class Desk:
    """Changes a case in Trading Grid, and reads from the Wix emulator when its rows are written."""

    def __init__(self, found: LocalEnvironment) -> None:
        self._found = found
        self._case: Mapping[str, Any] = found.gateway.get_record("cases", CASE)
        self._changes = 0

    def set_pace(self, *, pace: bool) -> None:
        """Deploy the functions again, with the row pace or without it."""
        stack = self._found.stack
        for name in PACED:
            source = (ROOT / "functions" / name / "handler.py").read_text()
            stack.aws.functions.update_function_code(
                FunctionName=stack.functions[name], ZipFile=handler_archive(source, pace=pace)
            )

    def time_single(self) -> float:
        """Return the seconds from an isolated change until its issue is written."""
        self._found.wait_until_idle(REST)
        last = self._last_write(OPEN_ISSUES)
        changed_at = self._change()
        self._found.wait_for(lambda: self._writes(OPEN_ISSUES, last), "the change of the case")
        return self._writes(OPEN_ISSUES, last)[0] - changed_at

    def play(self, changes: int, seconds: float) -> Burst:
        """Play one burst of changes, and wait until all of it is published."""
        self._found.wait_until_idle(REST)
        last = {one: self._last_write(one) for one in (OPEN_ISSUES, PARTNER_STATUS)}
        began, moments = time.time(), []
        for number in range(changes):
            due = began + number * seconds / (changes - 1)
            time.sleep(max(0.0, due - time.time()))
            moments.append(self._change())
        self._found.wait_until_idle()
        issue, status = (self._writes(one, number) for one, number in last.items())
        self._require_last_state()
        return Burst(
            issue=len(issue),
            status=len(status),
            calls=len(self._found.wix.requests(began)),
            lasted=moments[-1] - moments[0],
            latest=issue[-1] - moments[-1],
        )

    def _change(self) -> float:
        """Change the text of the case. Return the time (Unix seconds)."""
        now = time.time()
        self._changes += 1
        self._case = self._found.gateway.change_case(
            self._case, {"nextStep": f"Send carton {self._changes} again."}
        )
        return now

    def _require_last_state(self) -> None:
        row = self._found.wix.writes(OPEN_ISSUES)[-1]["data"]
        assert f"carton {self._changes} again" in str(row), row

    def _last_write(self, collection: CollectionId) -> int:
        return max((one["number"] for one in self._found.wix.writes(collection)), default=0)

    def _writes(self, collection: CollectionId, after: int) -> list[float]:
        """Return the times at which the rows of a collection were written (Unix seconds).

        Only the case is changed, so they are its issue and its partner's status.
        """
        return [one["at"] for one in self._found.wix.writes(collection, after=after)]


def measure(changes: int, seconds: float) -> tuple[Figures, Figures]:
    """Play bursts with the row pace and without it in turn; return the figures without, then with
    it.

    The first burst after each deployment is not counted: it starts the functions.
    """
    kinds = {False: Figures((), ()), True: Figures((), ())}
    with start_local_environment(
        new_run("bench"), lambda _: contextlib.nullcontext(), partners=3
    ) as found:
        desk = Desk(found)
        for _ in range(ROUNDS):
            for pace in kinds:
                desk.set_pace(pace=pace)
                desk.play(changes, seconds)
                singles = [desk.time_single() for _ in range(SINGLES)]
                kinds[pace] += Figures([desk.play(changes, seconds)], singles)
    return kinds[False], kinds[True]


def judge(without: Figures, paced: Figures) -> Sequence[tuple[str, bool]]:
    """Return the goals of the benchmark, each with True if it is reached."""
    return (
        (
            f"at most {MOST_WRITES} writes of each row in each burst",
            max(paced.most("issue"), paced.most("status")) <= MOST_WRITES,
        ),
        (
            "a fifth of the calls of Wix, or less",
            paced.median("calls") <= MOST_CALLS * without.median("calls"),
        ),
        (
            f"last state at most {LATEST} s after the last change in each burst",
            paced.most("latest") <= LATEST,
        ),
        (
            f"a change by itself is no slower (p50, up to {SLOWER} is noise)",
            paced.single <= SLOWER * without.single,
        ),
    )


def main(changes: int, seconds: float) -> None:
    """Print the figures with the row pace and without it, and which goals are reached."""
    without, paced = measure(changes, seconds)
    print(
        f"\n{changes} changes of a case within {seconds} s, through the local cloud"
        f" (medians of {ROUNDS} bursts each, in turns; largest in brackets)"
    )
    print(f"{'':18}{'without':>16}{'with pace':>16}{'ratio':>8}")
    for name, what in (
        ("issue", "writes, issue"),
        ("status", "writes, status"),
        ("calls", "calls of Wix"),
        ("latest", "last state in s"),
        ("lasted", "burst in s"),
    ):
        one, two = without.median(name), paced.median(name)
        print(
            f"{what:18}{_shown(one, without.most(name))}{_shown(two, paced.most(name))}"
            f"{two / one:8.2f}"
        )
    print(
        f"{'single, p50 in s':18}{without.single:9.3g}{'':7}{paced.single:9.3g}{'':7}"
        f"{paced.single / without.single:8.2f}"
    )
    for goal, holds in judge(without, paced):
        print(f"  {'holds' if holds else 'FAILS'}: {goal}")


def _shown(middle: float, most: float) -> str:
    return f"{middle:9.3g}{f'({most:.3g})':>7}"
