"""Whatever one submission does to the intake, and wherever: all others are delivered."""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.errors import InvalidEvent, Refused
from gridwix.form_intake.holding import MAX_WAIT
from gridwix.form_intake.partner_lookup import PartnerLookup
from gridwix.form_intake.reading import SubmissionReader
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.models.trading_grid.cases import Team
from gridwix.partner_requests.submission_table import INDEX, DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Stage, Submission
from tests.examples import examples
from tests.factories import PRAIRIE_GOLD, case
from tests.fakes.aws import OneAtATime, as_client, create_table, dynamodb
from tests.unit.form_intake.intake_bench import Bench

SECRET = "Dana Whitfield <dana@partner.example>"
"""What a submission holds, and no log, metric or reason may."""


def validation_error() -> Exception:
    try:
        Team.model_validate({"key": {"name": SECRET}})
    except ValueError as error:
        return error
    raise AssertionError


FAULTS: dict[str, Callable[[], Exception]] = {
    "KeyError": lambda: KeyError(SECRET),
    "IndexError": lambda: IndexError(SECRET),
    "RecursionError": lambda: RecursionError(SECRET),
    "MemoryError": lambda: MemoryError(SECRET),
    "UnicodeEncodeError": lambda: UnicodeEncodeError("utf-8", SECRET, 0, 1, "surrogates"),
    "key string_type": validation_error,
    "invalid_event": lambda: InvalidEvent("id"),
    "ValidationException": lambda: Refused(
        system="aws", status=400, vendor_code="ValidationException"
    ),
}
"""What a submission can raise, by what its detail names."""


@dataclass
class Stumble:
    """Raises a fault wherever a step handles one of the ``bad`` submissions."""

    bad: frozenset[str]
    fault: Callable[[], Exception]

    def check(self, subject: object) -> None:
        if any(identifier in self.bad for identifier in _identifiers(subject)):
            raise self.fault()


def _identifiers(subject: object) -> Iterator[str]:
    """Ids of the submissions that an argument is about."""
    if isinstance(subject, str):
        yield subject
    elif isinstance(subject, list | tuple):
        for one in subject:
            yield from _identifiers(one)
    else:
        for name in ("id", "source_submission_id", "origin"):
            yield from filter(None, [getattr(subject, name, None)])
        for name in ("submission", "read"):
            if (inner := getattr(subject, name, None)) is not None:
                yield from _identifiers(inner)


STEPS: dict[str, Callable[[Bench], tuple[object, str]]] = {
    "read": lambda bench: (SubmissionReader, "read_submission"),
    "count": lambda bench: (bench.inbox, "count_submission"),
    "look up": lambda bench: (PartnerLookup, "find_partners"),
    "match": lambda bench: (bench.intake._requests, "build_order"),
    "keep": lambda bench: (bench.inbox, "keep_order"),
    "create": lambda bench: (bench.desk, "create_request"),
    "settle": lambda bench: (bench.inbox, "settle_submission"),
    "project": lambda bench: (SubmissionRows, "submission_projection"),
    "publish": lambda bench: (bench.rows._publisher, "publish"),
    "unmark": lambda bench: (bench.inbox, "clear_due_rows"),
    "hold": lambda bench: (bench.inbox, "hold_submission"),
}
"""Each step that is made for single submissions, and what makes it."""

ROWS_ONLY = frozenset({"project", "publish", "unmark"})


@contextmanager
def stumbling(bench: Bench, step: str, stumble: Stumble) -> Iterator[None]:
    """Have one step of the intake raise for some submissions."""
    owner, name = STEPS[step](bench)
    real = getattr(owner, name)
    # Methods of classes get the instance first.
    shift = 1 if isinstance(owner, type) else 0

    def checked(*args: Any, **kwargs: Any) -> Any:
        for argument in args[shift:]:
            stumble.check(argument)
        return real(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, checked)
        yield


class StoredInbox(DynamoDBSubmissionInbox):
    """The inbox in DynamoDB, as a bench fills it."""

    def __init__(self, tables: OneAtATime) -> None:
        self.tables = tables
        self.table = create_table(tables, "id", index=(INDEX, "waiting", "receivedAt"))
        super().__init__(as_client(tables), self.table)

    def accept(self, submission: Submission) -> None:
        """Store a submission as the webhook function does."""
        self.put(
            submission.id,
            form=submission.form,
            receivedAt=submission.received_at.isoformat(timespec="microseconds"),
            submittedAt=submission.submitted_at.isoformat(),
            memberId=submission.member_id or "nobody",
            values=json.dumps(dict(submission.values)),
            stage="open",
            waiting="open",
        )

    def put(self, identifier: str, **texts: str) -> None:
        item: Any = {name: {"S": text} for name, text in {"id": identifier, **texts}.items()}
        as_client(self.tables).put_item(TableName=self.table, Item=item)

    def spoil(self, identifier: str, attribute: str, text: str) -> None:
        """Overwrite an attribute of an item, as another release or a hand may have."""
        as_client(self.tables).update_item(
            TableName=self.table,
            Key={"id": {"S": identifier}},
            UpdateExpression="SET #name = :text",
            ExpressionAttributeNames={"#name": attribute},
            ExpressionAttributeValues={":text": {"S": text}},
        )


def fill(bench: Bench, count: int, bad: Collection[int]) -> tuple[list[str], frozenset[str]]:
    """Accept submissions of two members; return the ids of the good and of the bad ones."""
    ids = [f"sub-{number}" for number in range(count)]
    for number, identifier in enumerate(ids):
        bench.accept(identifier, member=f"member-{number % 2 + 1}")
    spoiled = frozenset(ids[number] for number in bad if number < count)
    return [one for one in ids if one not in spoiled], spoiled


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    step=st.sampled_from(sorted(STEPS)),
    fault=st.sampled_from(sorted(FAULTS)),
    count=st.integers(1, 6),
    bad=st.sets(st.integers(0, 5), min_size=1, max_size=3),
    at_once=st.integers(1, 3),
)
def test_whatever_one_submission_raises_at_whatever_step_all_others_are_delivered(
    step: str, fault: str, count: int, bad: set[int], at_once: int
) -> None:
    bench = Bench()
    good, spoiled = fill(bench, count, bad)
    worker = bench.worker(at_once)
    bench.intake = worker

    with stumbling(bench, step, Stumble(spoiled, FAULTS[fault])):
        report = worker.deliver_submissions(good)

    assert set(good) <= set(report.delivered)
    assert sorted(set(bench.desk.sources()) & set(good)) == sorted(good)
    for identifier in good:
        assert (bench.stage(identifier), bench.row(identifier)["number"]) == (
            Stage.DELIVERED,
            next(
                one.number
                for one in bench.desk.records.values()
                if one.source_submission_id == identifier
            ),
        )
    assert not report.interrupted
    assert SECRET not in repr(report)


@pytest.mark.parametrize("step", sorted(STEPS.keys() - ROWS_ONLY - {"hold"}))
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_what_raises_is_held_with_the_exceptions_class_and_no_value(step: str, fault: str) -> None:
    bench = Bench()
    fill(bench, 3, {1})

    with stumbling(bench, step, Stumble(frozenset({"sub-1"}), FAULTS[fault])):
        report = bench.intake.deliver_submissions()

    held = bench.inbox.submissions["sub-1"]
    assert list(report.held) == ["sub-1"]
    assert (held.stage, fault in held.held_detail, SECRET in held.held_detail) == (
        Stage.HELD,
        True,
        False,
    )
    assert SECRET not in repr((report, held))


def test_what_is_released_and_raises_again_is_held_again_and_says_so() -> None:
    bench = Bench()
    fill(bench, 3, {1})
    stumble = Stumble(frozenset({"sub-1"}), FAULTS["KeyError"])

    with stumbling(bench, "keep", stumble):
        bench.intake.deliver_submissions()
        bench.inbox.release_submission("sub-1", bench.now)
        bench.accept("sub-9", member="member-2")
        report = bench.intake.deliver_submissions()

    held = bench.inbox.submissions["sub-1"]
    assert (report.held, list(report.delivered)) == ({"sub-1": HoldReason.FAILED}, ["sub-9"])
    assert held.held_detail.startswith("released, and held again: KeyError in ")


@pytest.mark.parametrize(
    ("form", "values", "lost"),
    [
        ("issue-comment", {"case_id": "case_1", "comment": "x" * 4_001}, "comment"),
        ("issue-comment", {"comment": "Look"}, "case"),
        ("issue-resolution", {"resolved": "yes"}, "case"),
        ("onboarding-step", {"note": "Done"}, "enrollment"),
        ("edi-setup", {}, "enrollment"),
        ("document-version", {}, "document"),
        ("request-answer", {"comment": "x" * 10_001}, "comment"),
    ],
)
def test_follow_up_without_what_it_is_about_stays_with_a_person_however_often_it_is_released(
    form: str, values: dict[str, Any], lost: str
) -> None:
    bench = Bench()
    bench.cases.put(case("case_1", 3, status="open", partnerId=PRAIRIE_GOLD))
    bench.accept("sub-1", form=form, values=values)
    bench.accept("sub-2")
    first = bench.intake.deliver_submissions()
    bench.inbox.release_submission("sub-1", bench.now)
    bench.accept("sub-3", member="member-2")

    second = bench.intake.deliver_submissions()

    assert first.held == second.held == {"sub-1": HoldReason.INVALID}
    assert (list(first.delivered), list(second.delivered)) == (["sub-2"], ["sub-3"])
    detail = bench.inbox.submissions["sub-1"].held_detail
    assert detail.startswith("released, and held again: it cannot be done without ")
    assert lost in detail
    assert bench.row("sub-1")["message"]


def test_lookup_that_nobody_is_answered_by_holds_nobody() -> None:
    bench = Bench()
    fill(bench, 3, ())

    with stumbling(
        bench, "look up", Stumble(frozenset({"sub-0", "sub-1", "sub-2"}), FAULTS["KeyError"])
    ):
        report = bench.intake.deliver_submissions()

    assert (report.held, list(report.failures)) == ({}, ["sub-0", "sub-1", "sub-2"])
    assert sorted(bench.intake.deliver_submissions().delivered) == ["sub-0", "sub-1", "sub-2"]


def test_lookup_that_a_lone_submission_fails_for_hours_is_its_own() -> None:
    bench = Bench()
    fill(bench, 1, ())

    with stumbling(bench, "look up", Stumble(frozenset({"sub-0"}), FAULTS["KeyError"])):
        bench.intake.deliver_submissions()
        bench.now += MAX_WAIT + timedelta(minutes=1)
        report = bench.intake.deliver_submissions()

    assert report.held == {"sub-0": HoldReason.UNREADABLE}


ITEMS: dict[str, tuple[str, str]] = {
    "order of a later release": ("order", '{"kind": "request", "order_version": 99}'),
    "order of no kind": ("order", f'{{"kind": "{SECRET}"}}'),
    "order that lacks its members": ("order", f'{{"kind": "case_comment", "body": "{SECRET}"}}'),
    "order that is no JSON": ("order", f"{{{SECRET}"),
    "order that is a list": ("order", "[]"),
    "stage": ("stage", SECRET),
    "time": ("submittedAt", SECRET),
    "answers": ("values", f"{{{SECRET}"),
    "answers that are a list": ("values", "[1]"),
    "targets": ("plain", SECRET),
    "try": ("fileTriedAt", SECRET),
    "surrogate": ("values", '{"your_name": "\\\\ud800", "question": "\\\\udc00"}'),
}
"""An attribute of a stored item that this release cannot use."""


@pytest.mark.parametrize("kind", sorted(ITEMS))
def test_item_that_cannot_be_read_is_held_and_the_others_are_delivered(kind: str) -> None:
    attribute, text = ITEMS[kind]
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        inbox = bench.inbox
        assert isinstance(inbox, StoredInbox)
        good, (bad,) = fill(bench, 4, {1})
        inbox.spoil(bad, attribute, text)

        report = bench.intake.deliver_submissions(good)
        again = bench.intake.deliver_submissions(good)
        item = decode(inbox, bad)

    assert sorted(report.delivered) == sorted(good)
    assert sorted(bench.desk.sources()) == sorted(good)
    assert (again.held, again.failures, again.delivered) == ({}, {}, {})
    assert (item["stage"], item["heldFor"] in ("unreadable", "invalid", "failed")) == ("held", True)
    assert SECRET not in repr(report)
    assert SECRET not in item.get("heldDetail", "")
    if attribute == "order":
        # The submission itself is readable, so its sender keeps a row.
        assert item["heldDetail"].startswith("its ")
        assert bench.row(bad)["status"] == "received"


def test_time_of_a_try_for_files_that_nobody_can_have_written_stops_nobody_else() -> None:
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        good, (bad,) = fill(bench, 3, {1})
        file = {"url": "https://static.wixstatic.com/a.pdf", "displayName": "a.pdf"}
        values = json.loads(decode(bench.inbox, bad)["values"])
        bench.inbox.spoil(bad, "values", json.dumps({**values, "attachments": [file]}))
        bench.inbox.spoil(bad, "fileTriedAt", "9999-12-31T23:59:59+00:00")

        report = bench.intake.deliver_submissions(good)

    assert set(good) <= set(report.delivered)


def test_order_of_a_later_release_is_built_again_after_a_release_by_an_operator() -> None:
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        fill(bench, 1, ())
        bench.inbox.spoil("sub-0", *ITEMS["order of a later release"])
        held = bench.intake.deliver_submissions().held
        bench.inbox.release_submission("sub-0", bench.now)

        delivered = bench.intake.deliver_submissions().delivered

    assert (held, list(delivered)) == ({"sub-0": HoldReason.UNREADABLE}, ["sub-0"])


def test_order_of_the_release_before_orders_had_a_version_is_delivered_as_it_is() -> None:
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        bench.cases.put(case("case_1", 3, status="open", partnerId=PRAIRIE_GOLD))
        bench.accept("sub-0", form="issue-comment", values={"case_id": "case_1", "comment": "No"})
        order = {"kind": "case_comment", "partner_id": PRAIRIE_GOLD, "case_id": "case_1"}
        bench.inbox.spoil("sub-0", "order", json.dumps({**order, "body": "Kept", "author": "D"}))

        bench.intake.deliver_submissions()

    assert [one.body for one in bench.cases.comments] == ["Kept"]


def test_row_of_a_submission_that_an_operator_has_removed_goes() -> None:
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        bench.accept("sub-0", form="issue-comment", values={"comment": "Look"})
        bench.accept("sub-1")
        bench.intake.deliver_submissions()
        had = {item for _, item in bench.portal.rows}

        removed = [bench.inbox.remove_submission(one) for one in ("sub-0", "sub-1")]
        bench.now += timedelta(minutes=2)
        bench.intake.deliver_submissions()
        again = bench.intake.deliver_submissions()
        kept = decode(bench.inbox, "sub-0")

    assert (had, removed) == ({"sub-0", "sub-1"}, [True, False])
    assert {item for _, item in bench.portal.rows} == {"sub-1"}
    assert (kept["stage"], "values" in kept, "waiting" in kept) == ("removed", False, False)
    assert (again.held, again.failures, again.not_shown) == ({}, {}, ())


def test_unreadable_submission_that_an_operator_has_removed_is_no_fault_of_later_runs() -> None:
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        good, (bad,) = fill(bench, 2, {1})
        bench.inbox.spoil(bad, *ITEMS["time"])
        held = bench.intake.deliver_submissions(good).held
        bench.inbox.remove_submission(bad)

        report = bench.intake.deliver_submissions()

    assert (held, list(report.record_faults)) == ({bad: HoldReason.UNREADABLE}, [])


def decode(inbox: StoredInbox, identifier: str) -> dict[str, str]:
    found: Any = as_client(inbox.tables).get_item(
        TableName=inbox.table, Key={"id": {"S": identifier}}
    )["Item"]
    return {name: next(iter(value.values())) for name, value in found.items()}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    step=st.sampled_from(sorted(STEPS)),
    fault=st.sampled_from(sorted(FAULTS)),
    bad=st.sets(st.integers(0, 3), min_size=1, max_size=2),
)
def test_whatever_one_submission_of_the_table_raises_all_others_are_delivered(
    step: str, fault: str, bad: set[int]
) -> None:
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        good, spoiled = fill(bench, 4, bad)
        with stumbling(bench, step, Stumble(spoiled, FAULTS[fault])):
            report = bench.intake.deliver_submissions(good)

        assert set(good) <= set(report.delivered)
        stored = bench.inbox.read_submissions(good)
        assert {one.stage for one in stored.values()} == {Stage.DELIVERED}


def test_order_that_does_not_fit_into_an_item_is_held_and_the_others_are_delivered() -> None:
    with dynamodb() as tables:
        bench = Bench(StoredInbox(tables))
        inbox = bench.inbox
        assert isinstance(inbox, StoredInbox)
        good, (bad,) = fill(bench, 3, {0})
        # Larger than the edge takes: only another release can have stored it.
        inbox.spoil(bad, "padding", "x" * 398_000)
        inbox.spoil(
            bad,
            "values",
            '{"question": "' + "y" * 4_000 + '", "invoice_number": "I-1",'
            ' "your_name": "D", "email": "a@b.example"}',
        )

        report = bench.intake.deliver_submissions(good)

        assert (report.held, sorted(report.delivered)) == (
            {bad: HoldReason.TOO_LARGE},
            sorted(good),
        )
