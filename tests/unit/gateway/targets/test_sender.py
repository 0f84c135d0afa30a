"""The target sender: once, in order, or in the dead-letter queue, whatever fails and crashes."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.partner_items import ItemKind
from gridwix_gateway.targets.ports import (
    Delivered,
    DeliveryContext,
    DeliveryResult,
    Postponed,
    Rejected,
    TargetChannel,
)
from gridwix_gateway.targets.sender import MAX_ATTEMPTS, SendingTarget
from tests.examples import examples
from tests.fakes.gateway.targets import (
    Fuse,
    TargetWorld,
    Tickets,
    declared_target,
    rest_channel,
    rest_target,
    sending_target,
)
from tests.fakes.interleaving import Killed, Worker

MAIL = {
    "target": "mail",
    "sender": "gateway@example.com",
    "to": ["desk@example.com"],
    "messages": {
        "request": {"subject": "record.number", "lines": ["record.number"]},
        "comment": {"subject": "record.number", "lines": ["comment.body"]},
    },
}


class Mailbox(TargetChannel):
    """A channel that keeps what it is sent. A second attempt would be a second message.

    ``results`` are used up attempt by attempt.
    """

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.results: list[DeliveryResult | Exception] = []

    @property
    def is_repeatable(self) -> bool:
        return False

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        result = self.results.pop(0) if self.results else Delivered()
        if isinstance(result, Exception):
            raise result
        if isinstance(result, Delivered):
            self.sent.append(context.delivery_id)
        return result


class FusedChannel(TargetChannel):
    """A channel whose worker can be killed before it sends, or after."""

    def __init__(self, channel: TargetChannel, fuse: Fuse) -> None:
        self._channel = channel
        self._fuse = fuse

    @property
    def is_repeatable(self) -> bool:
        return self._channel.is_repeatable

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        return self._fuse.guard(self._channel.deliver)(context)


@pytest.fixture
def world() -> TargetWorld:
    return TargetWorld()


def tickets_target(
    tickets: Tickets, *, world: TargetWorld | None = None, **changes: Document
) -> SendingTarget:
    declaration = rest_target(**changes)
    contents = None if world is None else world.contents
    return sending_target(declaration, rest_channel(tickets, declaration, contents))


def mail_target(mailbox: TargetChannel, **changes: str) -> SendingTarget:
    return sending_target(declared_target({**MAIL, **changes}), mailbox, "mail")


def test_new_target_delivers_what_comes_and_nothing_of_the_past(world: TargetWorld) -> None:
    tickets = Tickets()
    world.send_request("req_1")

    world.run(tickets_target(tickets))
    world.send_request("req_2")
    world.run(tickets_target(tickets))

    assert [one["subject"] for one in tickets.tickets] == ["CR-req_2"]


def test_only_clients_are_delivered_and_neither_desk_nor_source(world: TargetWorld) -> None:
    tickets = Tickets()
    world.run(tickets_target(tickets))
    for number, origin in enumerate(("client", "desk", "")):
        world.send_request(f"req_{number}", origin)

    report = world.run(tickets_target(tickets))["tickets"]

    assert [one["subject"] for one in tickets.tickets] == ["CR-req_0"]
    assert (report.planned, report.delivered) == (1, 1)


def test_number_and_reference_of_the_answer_are_on_the_record_and_are_no_echo(
    world: TargetWorld,
) -> None:
    tickets = Tickets()
    target = tickets_target(tickets)
    world.run(target)
    world.send_request()
    world.run(target)

    record = world.request()
    world.run(target)

    assert record["externalRefs"] == [{"system": "tickets", "id": "t1"}]
    assert record["number"] == "INC0001"
    assert (len(tickets.tickets), world.request()["version"]) == (1, record["version"])


def test_comment_waits_for_its_request_and_refers_to_it(world: TargetWorld) -> None:
    tickets = Tickets()
    target = tickets_target(tickets)
    world.run(target)
    world.send_request()
    world.send_comment()
    tickets.faults = ["500"]

    world.run(target)
    assert world.open_numbers("tickets") == [1, 2]
    world.run_until_idle(target)

    assert [one["text"] for one in tickets.comments.values()] == ["Comment 1"]
    assert tickets.requests[-1].url.path == "/api/tickets/t1/comments"


def test_comment_of_the_hubs_people_is_no_delivery(world: TargetWorld) -> None:
    tickets = Tickets()
    target = tickets_target(tickets)
    world.run(target)
    world.send_request()
    world.send_comment(kind="internal")

    world.run_until_idle(target)

    assert world.endings("tickets") == {1: "delivered", 2: "skipped"}
    assert not tickets.comments


def test_when_decides_what_is_delivered(world: TargetWorld) -> None:
    mailbox = Mailbox()
    target = mail_target(mailbox, when="record.id == 'req_2'")
    world.run(target)
    world.send_request("req_1")
    world.send_request("req_2")

    world.run(target)

    assert world.endings("mail") == {1: "skipped", 2: "delivered"}


def test_refused_delivery_is_dead_with_its_reason_and_stops_no_other(world: TargetWorld) -> None:
    mailbox = Mailbox()
    mailbox.results = [Rejected("refused")]
    target = mail_target(mailbox)
    world.run(target)
    world.send_request("req_1")
    world.send_request("req_2")

    report = world.run(target)["mail"]

    assert world.endings("mail") == {1: "dead", 2: "delivered"}
    assert (report.dead, report.delivered, report.reasons) == (1, 1, ("refused",))
    assert world.letters.messages == [
        {
            "target": "mail",
            "number": 1,
            "kind": "request",
            "record": "collaboration-requests/req_1",
            "reason": "refused",
            "attempts": 1,
        }
    ]


def test_dead_delivery_that_is_brought_back_is_sent_once(world: TargetWorld) -> None:
    mailbox = Mailbox()
    mailbox.results = [Rejected("refused")]
    target = mail_target(mailbox)
    world.run(target)
    world.send_request()
    world.run(target)

    world.run(target, reopened={"mail": [1]})
    world.run(target, reopened={"mail": [1, 9]})

    assert len(mailbox.sent) == 1
    assert world.endings("mail") == {1: "delivered"}


def test_delivery_that_fails_every_time_is_dead_after_bounded_attempts(world: TargetWorld) -> None:
    mailbox = Mailbox()
    mailbox.results = [Postponed("server-error")] * 99
    target = mail_target(mailbox)
    world.run(target)
    world.send_request()

    world.run_until_idle(target)

    (message,) = world.letters.messages
    assert (message["reason"], message["attempts"]) == ("server-error", MAX_ATTEMPTS)


def test_throttled_target_is_left_alone_for_as_long_as_it_asks(world: TargetWorld) -> None:
    tickets = Tickets()
    target = tickets_target(tickets)
    world.run(target)
    for number in range(3):
        world.send_request(f"req_{number}")
    tickets.faults = ["429"]

    world.run(target)
    asked = len(tickets.requests)
    world.advance(seconds=89)
    world.run(target)
    assert len(tickets.requests) == asked == 1
    world.advance(seconds=2)
    world.run(target)

    assert len(tickets.tickets) == 3
    assert not world.open_numbers("tickets")


def test_unreachable_target_loses_nothing_in_a_long_outage(world: TargetWorld) -> None:
    mailbox = Mailbox()
    mailbox.results = [Postponed("unreachable", is_general=True)] * 40
    target = mail_target(mailbox)
    world.run(target)
    world.send_request()
    for _ in range(40):
        world.run(target)
        world.advance(hours=2)

    world.run_until_idle(target)

    assert len(mailbox.sent) == 1


def test_target_that_fails_again_after_a_delivery_is_left_alone_as_long_as_it_asks(
    world: TargetWorld,
) -> None:
    mailbox = Mailbox()
    throttled = Postponed("throttled", 600, is_general=True)
    mailbox.results = [Postponed("unreachable", is_general=True), Delivered(), throttled]
    target = mail_target(mailbox)
    world.run(target)
    world.send_request("req_1")
    world.send_request("req_2")
    world.run(target)
    world.advance(seconds=61)

    world.run(target)
    assert len(mailbox.sent) == 1
    world.advance(seconds=599)
    assert world.run(target)["mail"].reasons == ("paused",)
    world.advance(seconds=2)
    world.run(target)

    assert len(mailbox.sent) == 2


def test_pause_holds_if_an_item_arrives_in_the_run_that_set_it(world: TargetWorld) -> None:
    class BusyMailbox(Mailbox):
        def deliver(self, context: DeliveryContext) -> DeliveryResult:
            result = super().deliver(context)
            if isinstance(result, Postponed):
                world.send_request("req_3")
            return result

    mailbox = BusyMailbox()
    mailbox.results = [Delivered(), Postponed("throttled", 600, is_general=True)]
    target = mail_target(mailbox)
    world.run(target)
    world.send_request("req_1")
    world.send_request("req_2")

    world.run(target)
    report = world.run(target)["mail"]

    assert (len(mailbox.sent), report.reasons) == (1, ("paused",))


def test_first_delivery_resets_the_doubled_pause_of_a_target(world: TargetWorld) -> None:
    mailbox = Mailbox()
    unreachable = Postponed("unreachable", is_general=True)
    mailbox.results = [unreachable, unreachable, Delivered(), unreachable]
    target = mail_target(mailbox)
    world.run(target)
    world.send_request("req_1")
    world.send_request("req_2")
    for seconds in (61, 121, 61):
        world.run(target)
        world.advance(seconds=seconds)

    world.run(target)

    assert len(mailbox.sent) == 2


def test_outage_longer_than_the_age_limit_ends_in_the_dead_letter_queue(
    world: TargetWorld,
) -> None:
    mailbox = Mailbox()
    mailbox.results = [Postponed("unreachable", is_general=True)] * 400
    target = mail_target(mailbox)
    world.run(target)
    world.send_request()

    world.run_until_idle(target)

    assert [one["reason"] for one in world.letters.messages] == ["unreachable"]


def test_target_that_fails_stops_no_other(world: TargetWorld) -> None:
    broken, mailbox = Mailbox(), Mailbox()
    broken.results = [RuntimeError("a bug")]
    targets = (
        sending_target(declared_target(MAIL), broken, "broken"),
        mail_target(mailbox),
    )
    world.run(*targets)
    world.send_request()

    reports = world.run(*targets)

    assert (reports["broken"].fault, reports["mail"].fault) == ("RuntimeError", "")
    assert len(mailbox.sent) == 1


def test_mail_that_was_interrupted_is_not_sent_again(world: TargetWorld) -> None:
    mailbox = Mailbox()
    mailbox.results = [RuntimeError("nobody knows")]
    target = mail_target(mailbox)
    world.run(target)
    world.send_request()
    world.run(target)

    world.run(target)

    assert not mailbox.sent
    assert [one["reason"] for one in world.letters.messages] == ["outcome-unknown"]


def test_feed_that_has_moved_on_is_continued_where_it_begins(world: TargetWorld) -> None:
    mailbox = Mailbox()
    target = mail_target(mailbox)
    world.run(target)
    world.send_request("req_1")
    world.advance(days=15)
    world.send_request("req_2")

    report = world.run(target)["mail"]

    assert (report.delivered, report.reasons) == (1, ("events-lost",))


def test_worker_that_finds_the_lease_taken_sends_nothing(world: TargetWorld) -> None:
    mailbox = Mailbox()
    target = mail_target(mailbox)
    world.run(target)
    world.send_request()
    fuse = Fuse(6)
    with pytest.raises(Killed):
        world.run(target, fuse=fuse)

    assert world.run(target)["mail"].fault == "busy"
    world.advance(seconds=world.seconds + 9)
    assert world.run(target)["mail"].fault == "busy"
    world.advance(seconds=2)
    assert world.run(target)["mail"].delivered == 1


def test_run_without_time_left_begins_no_delivery(world: TargetWorld) -> None:
    mailbox = Mailbox()
    target = mail_target(mailbox)
    world.run(target)
    world.send_request()
    world.seconds = 50

    assert world.run(target)["mail"].planned == 1
    assert not mailbox.sent


FAULTS = (
    "ok",
    "ok",
    "lost-request",
    "lost-answer",
    "500",
    "500-done",
    "429",
    "html",
    "html-done",
    "401",
    "302",
)
CRASHES = st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=6)


@settings(max_examples=examples(25), deadline=None)
@given(faults=st.lists(st.sampled_from(FAULTS), max_size=12), crashes=CRASHES)
def test_each_item_is_at_the_rest_target_once_or_dead_whatever_fails_and_crashes(
    faults: list[str], crashes: list[tuple[int, bool]]
) -> None:
    world, tickets = TargetWorld(), Tickets()
    world.run(tickets_target(tickets))
    for number in range(2):
        world.send_request(f"req_{number}")
        world.send_comment(f"req_{number}")
    tickets.faults = list(faults)

    for at, is_done in crashes:
        fuse = Fuse(at, is_done=is_done)
        declaration = rest_target()
        channel = rest_channel(tickets, declaration)
        # Each request to the ticket system counts, too: so a crash falls between any two calls.
        channel._http.send = fuse.guard(channel._http.send)  # type: ignore[method-assign]
        try:
            world.run(sending_target(declaration, channel), fuse=fuse)
        except Killed:
            world.advance(hours=1)
    world.run_until_idle(tickets_target(tickets))

    endings = world.endings("tickets")
    dead = {message["number"] for message in world.letters.messages}
    assert sorted(endings) == [1, 2, 3, 4]
    assert {number for number, ending in endings.items() if ending == "dead"} == dead
    delivered = [number for number, ending in endings.items() if ending == "delivered"]
    assert sorted(tickets.counts.values()) == [1] * len(delivered)
    assert {int(name[4:16]) for name in tickets.counts} == set(delivered)


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_worker_that_is_killed_at_any_call_delivers_once(is_done: bool) -> None:
    call = 0
    while True:
        call += 1
        world, tickets = TargetWorld(), Tickets()
        world.run(tickets_target(tickets))
        world.send_request()
        world.send_comment()
        fuse = Fuse(call, is_done=is_done)
        declaration = rest_target()
        channel = rest_channel(tickets, declaration)
        channel._http.send = fuse.guard(channel._http.send)  # type: ignore[method-assign]
        with contextlib.suppress(Killed):
            world.run(sending_target(declaration, channel), fuse=fuse)
        if not fuse.is_blown:
            break

        world.advance(hours=1)
        world.run_until_idle(tickets_target(tickets))

        assert sorted(tickets.counts.values()) == [1, 1], f"killed at call {call}"
        assert not world.letters.messages
    assert call > 30


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_worker_that_is_killed_at_any_call_delivers_a_document_and_its_bytes_once(
    is_done: bool,
) -> None:
    call = 0
    while True:
        call += 1
        world, tickets = TargetWorld(), Tickets()
        world.run(tickets_target(tickets, world=world))
        world.send_document(b"%PDF a", file_name="a.pdf")
        world.send_document(b"%PDF b", file_name="b.pdf")
        fuse = Fuse(call, is_done=is_done)
        declaration = rest_target()
        channel = rest_channel(tickets, declaration, fuse.wrap(world.contents))
        channel._http.send = fuse.guard(channel._http.send)  # type: ignore[method-assign]
        with contextlib.suppress(Killed):
            world.run(sending_target(declaration, channel), fuse=fuse)
        if not fuse.is_blown:
            break

        world.advance(hours=1)
        world.run_until_idle(tickets_target(tickets, world=world))

        files = [(one["name"], one["content"]) for one in tickets.files]
        assert files == [("a.pdf", "%PDF a"), ("b.pdf", "%PDF b")], f"killed at call {call}"
        assert len(tickets.tickets) == 2
        assert not world.letters.messages
    assert call > 30


@settings(max_examples=examples(20), deadline=None)
@given(faults=st.lists(st.sampled_from(FAULTS), max_size=12), crashes=CRASHES)
def test_each_document_is_there_once_with_its_bytes_or_dead_whatever_fails_and_crashes(
    faults: list[str], crashes: list[tuple[int, bool]]
) -> None:
    world, tickets = TargetWorld(), Tickets()
    world.run(tickets_target(tickets, world=world))
    for number in range(3):
        world.send_document(b"%PDF " + bytes([number]) * 3_000, f"doc_{number}")
    tickets.faults = list(faults)

    for at, is_done in crashes:
        fuse = Fuse(at, is_done=is_done)
        declaration = rest_target()
        channel = rest_channel(tickets, declaration, fuse.wrap(world.contents))
        channel._http.send = fuse.guard(channel._http.send)  # type: ignore[method-assign]
        try:
            world.run(sending_target(declaration, channel), fuse=fuse)
        except Killed:
            world.advance(hours=1)
    world.run_until_idle(tickets_target(tickets, world=world))

    endings = world.endings("tickets")
    dead = {message["number"] for message in world.letters.messages}
    delivered = {number for number, ending in endings.items() if ending == "delivered"}
    contents = {int(one["reference"][4:16]): one["content"][5:6] for one in tickets.files}
    assert sorted(endings) == [1, 2, 3]
    assert delivered | dead == {1, 2, 3}
    assert set(contents) == delivered
    assert len(tickets.files) == len(contents)
    assert contents == {number: chr(number - 1) for number in delivered}
    assert max(tickets.counts.values(), default=1) == 1


def test_restricted_document_is_delivered_without_its_bytes(world: TargetWorld) -> None:
    tickets = Tickets()
    world.run(tickets_target(tickets, world=world))
    world.send_document(classification="restricted")

    world.run(tickets_target(tickets, world=world))

    assert [one["subject"] for one in tickets.tickets] == ["Tax form"]
    assert (tickets.files, world.contents.reads) == ([], 0)


def test_document_of_the_hubs_people_is_no_delivery(world: TargetWorld) -> None:
    tickets = Tickets()
    world.run(tickets_target(tickets, world=world))
    world.send_document(source="trading_grid")

    world.run(tickets_target(tickets, world=world))

    assert world.endings("tickets") == {1: "skipped"}
    assert not tickets.requests


def test_document_that_is_too_large_is_dead_before_anything_is_sent(world: TargetWorld) -> None:
    tickets = Tickets()
    world.run(tickets_target(tickets, world=world))
    world.send_document(b"x" * 1_000_001)

    world.run(tickets_target(tickets, world=world))

    assert [one["reason"] for one in world.letters.messages] == ["document-too-large"]
    assert not tickets.requests


def test_document_that_is_too_large_is_sent_as_facts_if_that_is_declared(
    world: TargetWorld,
) -> None:
    tickets, deliveries = Tickets(), rest_target().model_dump(mode="json")["deliveries"]
    deliveries["document"]["content"]["above"] = "facts"
    deliveries["document"]["send"]["body"]["subject"] = "attached ? 'with' : 'without'"
    world.run(tickets_target(tickets, world=world, deliveries=deliveries))
    world.send_document(b"x" * 1_000_001, "doc_1")
    world.send_document(b"x" * 1_000_000, "doc_2")

    world.run(tickets_target(tickets, world=world, deliveries=deliveries))

    assert [one["subject"] for one in tickets.tickets] == ["without", "with"]
    assert [one["size"] for one in tickets.files] == [1_000_000]
    assert not world.letters.messages


@pytest.mark.parametrize(
    ("stored", "reason"), [(None, "content-missing"), (b"%PDF others", "content-damaged")]
)
def test_bytes_that_are_gone_or_others_are_never_delivered(
    world: TargetWorld, stored: bytes | None, reason: str
) -> None:
    tickets = Tickets()
    world.run(tickets_target(tickets, world=world))
    world.send_document(b"%PDF upload")
    ((blob, _),) = world.contents.objects.items()
    del world.contents.objects[blob]
    if stored is not None:
        world.contents.objects[blob] = stored

    world.run(tickets_target(tickets, world=world))

    assert [one["reason"] for one in world.letters.messages] == [reason]
    assert not tickets.files


class SlowChannel(Mailbox):
    """A channel whose deliveries take long, by the world's clock."""

    def __init__(self, world: TargetWorld, seconds: float) -> None:
        super().__init__()
        self._world = world
        self._seconds = seconds

    def seconds_needed(self, kind: ItemKind) -> float:
        return self._seconds

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        self._world.seconds -= self._seconds
        return super().deliver(context)


def test_delivery_that_takes_longer_than_its_share_is_made_and_leaves_others_their_turn(
    world: TargetWorld,
) -> None:
    slow, others = SlowChannel(world, 170), [Mailbox() for _ in range(4)]
    targets = [
        mail_target(slow),
        *(
            sending_target(declared_target(MAIL), one, f"other-{number}")
            for number, one in enumerate(others)
        ),
    ]
    world.run(*targets)
    for number in range(3):
        world.send_request(f"req_{number}")
    world.seconds = 240

    world.run(*targets)

    assert (len(slow.sent), world.seconds) == (1, 70)
    assert [len(one.sent) for one in others] == [1, 1, 1, 3]
    world.seconds = 169
    world.run(targets[0])
    assert len(slow.sent) == 1


RESULTS = st.sampled_from(
    [
        Delivered(),
        Delivered(),
        Postponed("server-error"),
        Postponed("throttled", 30, is_general=True),
        Rejected("refused"),
    ]
)


@settings(max_examples=examples(25), deadline=None)
@given(results=st.lists(RESULTS, max_size=8), crashes=CRASHES)
def test_each_mail_is_sent_at_most_once_and_each_other_is_dead_with_a_reason(
    results: list[DeliveryResult], crashes: list[tuple[int, bool]]
) -> None:
    world, mailbox = TargetWorld(), Mailbox()
    world.run(mail_target(mailbox))
    for number in range(3):
        world.send_request(f"req_{number}")
    mailbox.results = list(results)

    for at, is_done in crashes:
        fuse = Fuse(at, is_done=is_done)
        try:
            world.run(mail_target(FusedChannel(mailbox, fuse)), fuse=fuse)
        except Killed:
            world.advance(hours=1)
    world.run_until_idle(mail_target(mailbox))

    endings = world.endings("mail")
    reasons = {message["number"]: message["reason"] for message in world.letters.messages}
    sent = [int(name[4:16]) for name in mailbox.sent]
    assert sorted(endings) == [1, 2, 3]
    assert len(set(sent)) == len(sent)
    assert set(sent) | set(reasons) == {1, 2, 3}
    # In both only if nobody could know: the message went out, and its answer was lost.
    assert {reasons[number] for number in set(sent) & set(reasons)} <= {"outcome-unknown"}


@settings(max_examples=examples(20), deadline=None)
@given(order=st.lists(st.booleans(), max_size=200))
def test_two_workers_at_once_deliver_once(order: list[bool]) -> None:
    world, tickets = TargetWorld(), Tickets()
    world.run(tickets_target(tickets))
    world.send_request()
    world.send_comment()

    def job(worker: Worker) -> None:
        fused = TargetWorld.__new__(TargetWorld)
        fused.__dict__ |= {**world.__dict__, "table": worker.pausing(world.table)}
        fused.run(tickets_target(tickets))

    workers = [Worker(job), Worker(job)]
    for choice in order:
        workers[choice].step()
    for worker in workers:
        worker.run()
    world.run_until_idle(tickets_target(tickets))

    assert sorted(tickets.counts.values()) == [1, 1]
    assert not world.letters.messages
