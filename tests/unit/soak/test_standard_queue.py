"""Standard queues of the soak test, in virtual time."""

from dataclasses import replace

import pytest

from soak.cloud.messages import Chances, SqsRefusal
from soak.cloud.standard_queue import MAX_IN_FLIGHT
from tests.unit.soak.cloud_world import DEAD_LETTERS, QUEUE, START, CloudWorld

VISIBILITY = 365
RECEIVES = 20
FOURTEEN_DAYS = 1_209_600


def test_message_when_received_is_a_record_of_lambda() -> None:
    world = CloudWorld()
    identifier = world.queues.send(QUEUE, '{"a":1}')
    world.wait(2)

    (record,) = world.queues.receive(QUEUE, 10)

    assert record == {
        "messageId": identifier,
        "receiptHandle": record["receiptHandle"],
        "body": '{"a":1}',
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": f"{START * 1000:.0f}",
            "SenderId": "AROASOAK",
            "ApproximateFirstReceiveTimestamp": f"{(START + 2) * 1000:.0f}",
        },
        "messageAttributes": {},
        "md5OfBody": "bb6cb5c68df4652941caf652a366f2d8",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{QUEUE}",
        "awsRegion": "us-east-1",
    }


def test_message_when_received_is_hidden_for_the_visibility_timeout() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "a")

    assert world.receive() == ["a"]
    world.wait(VISIBILITY - 1)
    assert world.receive() == []
    assert world.queues[QUEUE].hidden == 1
    world.wait(1)
    (record,) = world.queues.receive(QUEUE, 10)

    assert record["attributes"]["ApproximateReceiveCount"] == "2"
    assert record["attributes"]["ApproximateFirstReceiveTimestamp"] == f"{START * 1000:.0f}"


def test_messages_when_received_come_in_order_and_within_the_limit() -> None:
    world = CloudWorld()
    for body in "abc":
        world.queues.send(QUEUE, body)

    assert world.receive(2) == ["a", "b"]
    assert world.receive(2) == ["c"]
    assert (world.queues.depth(QUEUE), world.queues[QUEUE].visible) == (3, 0)


def test_message_when_deleted_is_gone() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "a")
    (record,) = world.queues.receive(QUEUE, 1)

    world.queues.delete(QUEUE, record["receiptHandle"])
    world.queues.delete(QUEUE, record["receiptHandle"])
    world.wait(VISIBILITY)

    assert world.receive() == []
    assert (world.queues.depth(QUEUE), world.queues[QUEUE].deleted) == (0, 1)


def test_message_when_deleted_after_its_timeout_is_gone_unless_it_was_received_again() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "a")
    world.queues.send(QUEUE, "b")
    first, second = world.queues.receive(QUEUE, 2)
    world.wait(VISIBILITY)
    assert world.receive(1) == ["a"]

    world.queues.delete(QUEUE, first["receiptHandle"])
    world.queues.delete(QUEUE, second["receiptHandle"])

    assert world.queues.bodies(QUEUE) == ["a"]


def test_message_when_its_visibility_is_changed_comes_at_that_time() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "a")
    (record,) = world.queues.receive(QUEUE, 1)

    world.queues.change_visibility(QUEUE, record["receiptHandle"], 1000)
    world.wait(999)
    assert world.receive() == []
    world.wait(1)
    (record,) = world.queues.receive(QUEUE, 1)
    world.queues.change_visibility(QUEUE, record["receiptHandle"], 0)

    assert world.receive() == ["a"]


def test_message_when_not_in_flight_cannot_change_its_visibility() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "a")
    (record,) = world.queues.receive(QUEUE, 1)
    receipt = record["receiptHandle"]

    for seconds in (-1, 43_201):
        with pytest.raises(SqsRefusal, match="VisibilityTimeout is invalid"):
            world.queues.change_visibility(QUEUE, receipt, seconds)
    world.wait(VISIBILITY)
    with pytest.raises(SqsRefusal, match="not available for visibility timeout change"):
        world.queues.change_visibility(QUEUE, receipt, 10)
    world.queues.delete(QUEUE, receipt)
    with pytest.raises(SqsRefusal, match="not available for visibility timeout change"):
        world.queues.change_visibility(QUEUE, receipt, 10)


def test_message_when_hidden_again_and_again_is_hidden_for_half_a_day_at_most() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "a")
    (record,) = world.queues.receive(QUEUE, 1)
    world.queues.change_visibility(QUEUE, record["receiptHandle"], 43_200)
    world.wait(3600)

    with pytest.raises(SqsRefusal, match="beyond the limit"):
        world.queues.change_visibility(QUEUE, record["receiptHandle"], 43_200)


@pytest.mark.parametrize("receipt", ["", "x", f"{QUEUE}/x/1", f"{DEAD_LETTERS}/1/1"])
def test_receipt_when_it_is_of_no_message_of_the_queue_is_refused(receipt: str) -> None:
    world = CloudWorld()

    with pytest.raises(SqsRefusal) as error:
        world.queues.delete(QUEUE, receipt)

    assert error.value.code == "ReceiptHandleIsInvalid"


def test_message_when_delayed_comes_after_its_delay() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "later", 900)
    world.queues.send(QUEUE, "now")

    assert world.receive() == ["now"]
    assert world.queues[QUEUE].delayed == 1
    world.wait(900)

    assert world.receive() == ["now", "later"]


def test_message_when_received_too_often_goes_to_the_dead_letter_queue() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "poison")
    for _ in range(RECEIVES):
        assert world.receive() == ["poison"]
        world.wait(VISIBILITY)

    assert world.queues.depth(DEAD_LETTERS) == 0
    assert world.receive() == []

    assert world.queues.bodies(DEAD_LETTERS) == ["poison"]
    assert world.queues[QUEUE].dead_lettered == 1
    assert world.queues.oldest_age(DEAD_LETTERS) == 0
    assert world.queues.depth(QUEUE) == 0


def test_message_when_in_the_dead_letter_queue_is_kept_from_its_first_send_on() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "poison")
    for _ in range(RECEIVES):
        world.receive()
        world.wait(VISIBILITY)
    world.receive()

    world.wait(FOURTEEN_DAYS - RECEIVES * VISIBILITY - 1)
    assert world.queues.depth(DEAD_LETTERS) == 1
    world.wait(1)

    assert world.queues.depth(DEAD_LETTERS) == 0
    assert world.queues[DEAD_LETTERS].expired == 1


def test_dead_letters_when_redriven_are_new_messages_of_their_source() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "poison")
    for _ in range(RECEIVES):
        world.receive()
        world.wait(VISIBILITY)
    world.receive()

    assert world.queues.redrive(DEAD_LETTERS) == 1

    (record,) = world.queues.receive(QUEUE, 1)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert world.queues.depth(DEAD_LETTERS) == 0


def test_message_when_kept_for_the_retention_period_is_dropped_wherever_it_is() -> None:
    world = CloudWorld()
    for body in ("in flight", "visible", "delayed"):
        world.queues.send(QUEUE, body, 900 if body == "delayed" else 0)
    world.receive(1)
    world.wait(FOURTEEN_DAYS - 1)
    assert world.queues.oldest_age(QUEUE) == FOURTEEN_DAYS - 1
    (record,) = world.queues.receive(QUEUE, 1)
    world.wait(1)

    queue = world.queues[QUEUE]
    assert (queue.depth, queue.hidden, queue.delayed, queue.expired) == (0, 0, 0, 3)
    assert world.receive() == []
    world.queues.delete(QUEUE, record["receiptHandle"])
    assert queue.deleted == 0


def test_queue_when_too_many_messages_are_in_flight_gives_none() -> None:
    world = CloudWorld()
    for number in range(MAX_IN_FLIGHT):
        world.queues.send(QUEUE, str(number))
    world.receive(MAX_IN_FLIGHT)
    world.queues.send(QUEUE, "one more")

    with pytest.raises(SqsRefusal) as error:
        world.receive()

    assert error.value.code == "OverLimit"


def test_message_when_received_twice_goes_to_two_consumers() -> None:
    world = CloudWorld(chances=Chances(received_twice=1.0))
    world.queues.send(QUEUE, "a")
    (first,) = world.queues.receive(QUEUE, 10)
    world.wait(30)
    (second,) = world.queues.receive(QUEUE, 10)

    assert first["messageId"] == second["messageId"]
    assert first["receiptHandle"] != second["receiptHandle"]
    assert world.queues[QUEUE].doubled == 2
    world.queues.delete(QUEUE, first["receiptHandle"])
    assert world.queues.depth(QUEUE) == 2


def test_message_when_deleted_can_come_back_once() -> None:
    chances = Chances(comes_back=1.0)
    world = CloudWorld(chances=replace(chances, until=START + 1))
    world.queues.send(QUEUE, "a")
    (first,) = world.queues.receive(QUEUE, 10)
    world.queues.delete(QUEUE, first["receiptHandle"])
    world.wait(30)
    (second,) = world.queues.receive(QUEUE, 10)
    world.queues.delete(QUEUE, second["receiptHandle"])

    assert second["attributes"]["ApproximateReceiveCount"] == "2"
    assert world.queues.depth(QUEUE) == 0


def test_messages_when_late_or_out_of_order_all_come() -> None:
    world = CloudWorld(chances=Chances(late=0.3, out_of_order=0.3))
    sent = [str(number) for number in range(100)]
    for body in sent:
        world.queues.send(QUEUE, body)

    at_once = world.receive(100)
    world.wait(30)
    later = world.receive(100)

    assert sorted(at_once + later) == sorted(sent)
    assert 10 < len(later) < 60
    assert at_once != sorted(at_once, key=int)


def test_queues_when_the_seed_is_equal_do_the_same() -> None:
    def seen(seed: int) -> list[str]:
        chances = Chances(received_twice=0.2, comes_back=0.2, late=0.2, out_of_order=0.2)
        world = CloudWorld(chances=chances, seed=seed)
        found = []
        for number in range(50):
            world.queues.send(QUEUE, str(number))
            for record in world.queues.receive(QUEUE, 3):
                found.append(f"{record['messageId']} {record['body']}")
                world.queues.delete(QUEUE, record["receiptHandle"])
            world.wait(1)
        return found

    assert seen(1) == seen(1)
    assert seen(1) != seen(2)


def test_waiter_when_a_message_is_visible_is_called_once() -> None:
    world = CloudWorld()
    called: list[float] = []

    def wait() -> None:
        world.queues.when_visible(QUEUE, lambda: called.append(world.scheduler.now - START))

    wait()
    world.wait(10)
    world.queues.send(QUEUE, "a", 20)
    world.wait(100)
    assert called == [30]

    wait()
    world.wait(0)
    assert called == [30, 110]
    world.queues.receive(QUEUE, 1)
    wait()
    world.wait(1000)
    assert called == [30, 110, 110 + VISIBILITY]


def test_waiter_when_messages_are_deleted_meanwhile_waits_for_the_next_one() -> None:
    world = CloudWorld()
    called: list[float] = []
    for body in "ab":
        world.queues.send(QUEUE, body)
    first, second = world.queues.receive(QUEUE, 2)
    world.queues.change_visibility(QUEUE, first["receiptHandle"], 10)
    world.queues.when_visible(QUEUE, lambda: called.append(world.scheduler.now - START))
    world.queues.delete(QUEUE, first["receiptHandle"])
    world.wait(VISIBILITY - 1)
    world.queues.delete(QUEUE, second["receiptHandle"])
    world.wait(100)
    assert called == []

    world.queues.send(QUEUE, "c")
    world.wait(0)

    assert called == [VISIBILITY + 99]


def test_waiter_when_the_next_message_is_deleted_waits_for_the_one_after_it() -> None:
    world = CloudWorld()
    called: list[float] = []
    for body in "ab":
        world.queues.send(QUEUE, body)
    first, _ = world.queues.receive(QUEUE, 2)
    world.queues.change_visibility(QUEUE, first["receiptHandle"], 10)
    world.queues.when_visible(QUEUE, lambda: called.append(world.scheduler.now - START))

    world.queues.delete(QUEUE, first["receiptHandle"])
    world.wait(1000)

    assert called == [VISIBILITY]


def test_queue_when_millions_come_and_go_keeps_only_what_is_there() -> None:
    world = CloudWorld()
    world.queues.send(QUEUE, "stays")
    world.receive(1)
    for number in range(5000):
        world.queues.send(QUEUE, str(number))
        (record,) = world.queues.receive(QUEUE, 1)
        world.queues.delete(QUEUE, record["receiptHandle"])

    queue = world.queues[QUEUE]
    assert queue.depth == 1
    assert len(queue._expiring) < 1100
    assert len(queue._waiting) < 1100
