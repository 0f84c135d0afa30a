"""Requests that race: no change is lost, and what follows from two of them follows once."""

from collections.abc import Callable, Sequence
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.api.messages import Response
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft
from tests.examples import examples
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.server import GatewayParts
from tests.fakes.interleaving import Killed, Worker


def create_world(draft: Draft) -> None:
    draft.create("partners", {"id": "p1", "status": "active"}, "partner.created")
    steps = [
        {"key": "a", "status": "submitted", "waitsOn": []},
        {"key": "b", "status": "submitted", "waitsOn": []},
        {"key": "c", "status": "locked", "waitsOn": ["a", "b"]},
    ]
    enrollment = {"id": "e1", "partnerId": "p1", "status": "in_progress", "steps": steps}
    draft.create("enrollments", enrollment, "enrollment.created")


def run_requests(
    table: MemoryTable, data: st.DataObject, requests: Sequence[Callable[[GatewayParts], Response]]
) -> list[Response | None]:
    """Run requests at once, in any order of their calls, and kill some of them.

    Returns:
        The response to each request; None if it was killed.
    """

    def sender(send: Callable[[GatewayParts], Response], worker: Worker) -> Response:
        parts = GatewayParts(
            table=worker.pausing(table), sleep=lambda _: None, announce_commit=worker.pause
        )
        return send(parts)

    workers = [Worker(partial(sender, send)) for send in requests]
    while running := [worker for worker in workers if not worker.finished]:
        worker = data.draw(st.sampled_from(running))
        if data.draw(st.integers(0, 11)) == 0:
            worker.kill()
        else:
            worker.step()
    assert all(isinstance(worker.error, Killed | None) for worker in workers)
    return [worker.result for worker in workers]


def new_table() -> MemoryTable:
    table = MemoryTable()
    GatewayParts(table=table).commits.run(create_world)
    return table


def events(table: MemoryTable) -> list[Document]:
    return list(GatewayParts(table=table).services.feed.read_page(2, 99).events)


@settings(max_examples=examples(20))
@given(data=st.data())
def test_of_writers_with_one_version_one_wins_and_the_others_learn_of_it(
    data: st.DataObject,
) -> None:
    table = new_table()

    def rename(name: str, parts: GatewayParts) -> Response:
        return parts.call("PATCH", "/partners/p1", {"name": name}, {"if-match": '"v1"'})

    answers = run_requests(table, data, [partial(rename, name) for name in ("x", "y", "z")])

    partner = GatewayParts(table=table).services.records.get("partners", "p1")
    assert partner is not None
    written = events(table)
    assert partner["version"] == 1 + len(written) <= 2
    answered = [answer for answer in answers if answer is not None]
    won = [answer for answer in answered if answer.status == 200]
    assert all(answer.document == partner for answer in won)
    assert {answer.status for answer in answered} <= {200, 412}
    assert len(won) <= 1
    if None not in answers:
        assert len(won) == 1


@settings(max_examples=examples(20))
@given(data=st.data())
def test_two_prerequisites_completed_at_once_unlock_a_step_once(data: st.DataObject) -> None:
    table = new_table()

    def complete(key: str, parts: GatewayParts) -> Response:
        path = f"/enrollments/e1/steps/{key}/transitions"
        return parts.call("POST", path, {"to": "completed"}, {"if-match": "*"})

    answers = run_requests(table, data, [partial(complete, key) for key in ("a", "b")])

    enrollment = GatewayParts(table=table).services.records.get("enrollments", "e1")
    assert enrollment is not None
    statuses = {step["key"]: step["status"] for step in enrollment["steps"]}
    unlocked = [event for event in events(table) if event["type"].endswith("step.unlocked")]
    both_done = statuses["a"] == statuses["b"] == "completed"
    assert statuses["c"] == ("available" if both_done else "locked")
    assert len(unlocked) == both_done
    if None not in answers:
        assert both_done
