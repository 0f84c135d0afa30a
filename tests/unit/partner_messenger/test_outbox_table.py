"""The outbox in DynamoDB. The fake in memory passes the same tests."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gridwix.errors import RecordFault, Throttled, UpstreamError
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger import outbox_table as aws_outbox
from gridwix.partner_messenger.dispatches import Collected, Dispatch, DispatchState
from gridwix.partner_messenger.outbox_table import INDEX, DynamoDBOutbox
from tests.factories import NOW, PRAIRIE_GOLD
from tests.fakes import messaging as fake
from tests.fakes.aws import OneAtATime, as_client, create_table
from tests.fakes.messaging import FakeOutbox

if TYPE_CHECKING:
    from gridwix.partner_messenger.ports import Outbox


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "id", index=(INDEX, "waiting", "dueAt"))


@pytest.fixture(params=["dynamodb", "memory"])
def outbox(request: pytest.FixtureRequest, tables: OneAtATime, table: str) -> "Outbox":
    return (
        DynamoDBOutbox(as_client(tables), table, time.time)
        if request.param == "dynamodb"
        else FakeOutbox()
    )


def dispatch(identifier: str = "d-1", minutes: float = 0, **fields: Any) -> Dispatch:
    due = NOW + timedelta(minutes=minutes)
    known = {
        "campaign": "review",
        "occasion": "evt_1",
        "subject": "cases/case_1",
        "partner_id": PartnerId(PRAIRIE_GOLD),
        "since": due,
        "due_at": due,
    }
    return Dispatch(
        **{
            "id": identifier,
            **known,
            "channel": "email",
            "recipient": "dana",
            "version": 7,
            **fields,
        }
    )


def digest(identifier: str = "digest-1") -> Dispatch:
    return dispatch(
        identifier, 60, campaign="digest-transactional", subject=f"digests/{identifier}"
    )


def test_dispatch_is_planned_once_whatever_became_of_it(outbox: "Outbox") -> None:
    one, other = dispatch(), dispatch("d-2", channel=None, recipient="", version=0)

    assert outbox.add_dispatches([one, other]) == [one, other]
    assert outbox.read_dispatches(["d-1", "d-2", "d-3"]) == {"d-1": one, "d-2": other}
    claimed = outbox.claim_dispatch(one, until=NOW)
    assert claimed is not None
    outbox.settle_dispatch(claimed, DispatchState.SENT)

    assert outbox.add_dispatches([one, dispatch("d-3")]) == [dispatch("d-3")]
    assert outbox.read_dispatches(["d-1"])["d-1"].state is DispatchState.SENT


def test_due_are_those_whose_time_has_come_the_longest_first(outbox: "Outbox") -> None:
    outbox.add_dispatches(
        [
            dispatch("b", 2),
            dispatch("a", 1),
            dispatch("c", 3),
            dispatch("sent", 0),
            dispatch("failed", 0),
        ]
    )
    for identifier, state in (("sent", DispatchState.SENT), ("failed", DispatchState.FAILED)):
        outbox.settle_dispatch(outbox.read_dispatches([identifier])[identifier], state)

    assert [one.id for one in outbox.due_dispatches(NOW + timedelta(minutes=2), 9)] == ["a", "b"]
    assert [one.id for one in outbox.due_dispatches(NOW + timedelta(minutes=9), 2)] == ["a", "b"]


def test_claim_is_given_to_one_and_hides_the_dispatch_while_it_runs(outbox: "Outbox") -> None:
    (one,) = outbox.add_dispatches([dispatch()])

    claimed = outbox.claim_dispatch(one, until=NOW + timedelta(minutes=3))

    assert outbox.claim_dispatch(one, until=NOW + timedelta(minutes=3)) is None
    assert claimed == replace(
        one, state=DispatchState.SENDING, attempts=1, revision=2, due_at=NOW + timedelta(minutes=3)
    )
    assert outbox.due_dispatches(NOW + timedelta(minutes=2), 9) == []
    assert outbox.due_dispatches(NOW + timedelta(minutes=3), 9) == [claimed]


def test_verdict_of_a_worker_whose_claim_was_taken_over_does_not_count(outbox: "Outbox") -> None:
    (one,) = outbox.add_dispatches([dispatch()])
    first = outbox.claim_dispatch(one, until=NOW)
    assert first is not None
    second = outbox.claim_dispatch(first, until=NOW)
    assert second is not None

    assert not outbox.settle_dispatch(first, DispatchState.SENT)
    assert outbox.settle_dispatch(
        second, DispatchState.PLANNED, reason="quiet_hours", due_at=NOW + timedelta(hours=9)
    )

    postponed = outbox.read_dispatches(["d-1"])["d-1"]
    assert postponed == replace(
        second,
        state=DispatchState.PLANNED,
        reason="quiet_hours",
        due_at=NOW + timedelta(hours=9),
        revision=4,
    )
    outbox.settle_dispatch(postponed, DispatchState.SENT)
    assert outbox.read_dispatches(["d-1"])["d-1"].reason == ""


def test_digest_has_its_entries_until_it_is_claimed(outbox: "Outbox") -> None:
    entries = [dispatch(f"e-{number}") for number in range(3)]

    outcomes = [
        outbox.add_to_digest(entry, digest()) for entry in (entries[0], entries[0], entries[1])
    ]

    assert outcomes == [Collected.ADDED, Collected.KNOWN, Collected.ADDED]
    (due,) = outbox.due_dispatches(NOW + timedelta(hours=2), 9)
    assert (due.id, due.entries, due.state) == (
        "digest-1",
        frozenset({"e-0", "e-1"}),
        DispatchState.PLANNED,
    )
    assert outbox.read_dispatches(["e-1"])["e-1"] == replace(
        entries[1], state=DispatchState.COLLECTED, digest="digest-1"
    )
    assert outbox.claim_dispatch(due, until=NOW) is not None
    assert outbox.add_to_digest(entries[2], digest()) is Collected.CLOSED
    assert outbox.read_dispatches(["e-2"]) == {}
    assert outbox.add_to_digest(entries[2], digest("digest-2")) is Collected.ADDED


def test_digest_takes_only_so_many(outbox: "Outbox", monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (aws_outbox, fake):
        monkeypatch.setattr(module, "MAX_ENTRIES", 3)

    outcomes = [outbox.add_to_digest(dispatch(f"e-{number}"), digest()) for number in range(4)]

    assert outcomes == [Collected.ADDED] * 3 + [Collected.CLOSED]


def test_claim_of_a_digest_that_took_an_entry_meanwhile_is_not_given(outbox: "Outbox") -> None:
    outbox.add_to_digest(dispatch("e-1"), digest())
    (read,) = outbox.due_dispatches(NOW + timedelta(hours=2), 9)
    outbox.add_to_digest(dispatch("e-2"), digest())

    assert outbox.claim_dispatch(read, until=NOW) is None


def test_greatest_version_is_kept(outbox: "Outbox") -> None:
    for version in (3, 7, 5):
        outbox.raise_watermark("reminder#cases/case_1", version)

    assert outbox.watermarks(["reminder#cases/case_1", "other"]) == {"reminder#cases/case_1": 7}


def test_first_dispatch_tells_and_tells_again_when_it_is_retried(outbox: "Outbox") -> None:
    told = [outbox.tell_once("k", one) for one in ("d-1", "d-2", "d-1")]

    assert told == [True, False, True]
    assert outbox.tell_once("other", "d-2")


def test_what_failed_is_listed_and_sent_once_more_on_request(
    tables: OneAtATime, table: str
) -> None:
    outbox = DynamoDBOutbox(as_client(tables), table, time.time)
    outbox.add_dispatches([dispatch("f"), dispatch("u"), dispatch("s")])
    for identifier, state in (
        ("f", DispatchState.FAILED),
        ("u", DispatchState.UNKNOWN),
        ("s", DispatchState.SENT),
    ):
        outbox.settle_dispatch(
            outbox.read_dispatches([identifier])[identifier], state, reason="template"
        )

    assert [
        [one.id for one in outbox.list_in_state(state, 9)]
        for state in (DispatchState.FAILED, DispatchState.UNKNOWN)
    ] == [["f"], ["u"]]
    later = NOW + timedelta(days=1)
    assert [
        outbox.release_dispatch(identifier, later) for identifier in ("f", "u", "s", "none")
    ] == [True, True, False, False]
    assert [
        (one.id, one.attempts, one.reason, one.since) for one in outbox.due_dispatches(later, 9)
    ] == [("f", 0, "", later), ("u", 0, "", later)]
    assert outbox.list_in_state(DispatchState.FAILED, 9) == []


def test_stored_dispatch_that_cannot_be_read_is_named_and_stops_no_other(
    tables: OneAtATime, table: str
) -> None:
    noted: list[RecordFault] = []
    outbox = DynamoDBOutbox(as_client(tables), table, time.time, note=noted.append)
    outbox.add_dispatches(
        [
            dispatch(identifier, minutes)
            for minutes, identifier in enumerate(("broken-1", "broken-2", "d-1", "d-2"))
        ]
    )
    for identifier in ("broken-1", "broken-2"):
        as_client(tables).update_item(
            TableName=table,
            Key={"id": {"S": identifier}},
            UpdateExpression="SET #state = :state",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":state": {"S": "of another release"}},
        )

    # Also where a whole page cannot be read.
    assert [one.id for one in outbox.due_dispatches(NOW + timedelta(hours=1), 2)] == ["d-1", "d-2"]
    assert list(outbox.read_dispatches(["broken-1", "d-1"])) == ["d-1"]
    assert {fault.record for fault in noted} == {"dispatches/broken-1", "dispatches/broken-2"}


def test_item_expires_long_after_it_was_due_and_holds_what_it_needs(
    tables: OneAtATime, table: str
) -> None:
    DynamoDBOutbox(as_client(tables), table, time.time).add_dispatches(
        [dispatch(minutes=60 * 24 * 300)]
    )

    item = as_client(tables).get_item(TableName=table, Key={"id": {"S": "d-1"}})["Item"]

    assert int(item["expiration"]["N"]) == int((NOW + timedelta(days=700)).timestamp())
    assert (item["waiting"], item["dueAt"]) == (
        {"S": "due"},
        {"S": "2027-01-06T14:05:31.000000+00:00"},
    )


def test_failures_of_dynamodb_are_upstream_errors(tables: OneAtATime, table: str) -> None:
    outbox = DynamoDBOutbox(as_client(tables), "no-such-table", time.time)

    for call in (
        lambda: outbox.add_dispatches([dispatch()]),
        lambda: outbox.add_to_digest(dispatch(), digest()),
        lambda: outbox.due_dispatches(NOW, 9),
        lambda: outbox.claim_dispatch(dispatch(), until=NOW),
        lambda: outbox.raise_watermark("x", 1),
        lambda: outbox.watermarks(["x"]),
        lambda: outbox.tell_once("x", "d"),
    ):
        with pytest.raises(UpstreamError):
            call()


def test_collection_that_is_in_the_way_of_another_comes_again(
    tables: OneAtATime, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_client(tables)
    canceled = client.exceptions.TransactionCanceledException
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    }

    class Busy:
        exceptions = client.exceptions

        def transact_write_items(self, **_: Any) -> None:
            raise canceled(answer, "TransactWriteItems")

    busy: Any = Busy()
    with pytest.raises(Throttled):
        DynamoDBOutbox(busy, table, time.time).add_to_digest(dispatch(), digest())


def test_dispatch_is_kept_for_the_days_of_the_stack(tables: OneAtATime, table: str) -> None:
    outbox = DynamoDBOutbox(as_client(tables), table, time.time, kept=timedelta(days=380))

    outbox.add_dispatches([dispatch("d-1")])

    (item,) = tables.scan(TableName=table)["Items"]
    assert int(item["expiration"]["N"]) == int((NOW + timedelta(days=380)).timestamp())


def test_watermark_when_raised_expires_after_the_dispatches_by_the_clock_that_was_given(
    tables: OneAtATime, table: str
) -> None:
    outbox = DynamoDBOutbox(as_client(tables), table, lambda: 1e9, kept=timedelta(days=2))

    outbox.raise_watermark("reminder#cases/case_1", 7)

    key = {"id": {"S": "watch#reminder#cases/case_1"}}
    item = as_client(tables).get_item(TableName=table, Key=key)["Item"]
    assert item["expiration"] == {"N": "1000172800"}
