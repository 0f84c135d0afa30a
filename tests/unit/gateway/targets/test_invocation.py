"""One invocation of the target sender: in which order the targets have their turn."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from gridwix_gateway.targets.invocation import serve_targets
from gridwix_gateway.targets.sender import SendingTarget, TargetReport, TargetSender


class NotingSender:
    """Notes the order of the targets that it serves."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    def run(
        self,
        targets: Sequence[SendingTarget],
        seconds_left: Callable[[], float],
        reopened: Mapping[str, Sequence[int]],
    ) -> Mapping[str, TargetReport]:
        del seconds_left, reopened
        self.orders.append("".join(cast("Sequence[str]", targets)))
        return {}


def test_each_target_is_the_first_in_its_turn() -> None:
    sender = NotingSender()

    for turn in range(7, 11):
        serve_targets(
            {},
            cast("TargetSender", sender),
            cast("Sequence[SendingTarget]", ["a", "b", "c"]),
            seconds_left=lambda: 1.0,
            log=lambda *_: None,
            count=lambda *_: None,
            turn=turn,
        )

    assert sender.orders == ["bca", "cab", "abc", "bca"]


def test_stack_without_targets_has_no_turn() -> None:
    sender = NotingSender()

    serve_targets(
        {},
        cast("TargetSender", sender),
        [],
        seconds_left=lambda: 1.0,
        log=lambda *_: None,
        count=lambda *_: None,
        turn=7,
    )

    assert sender.orders == [""]
