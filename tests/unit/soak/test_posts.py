"""What becomes of a member's submission, by the answers that the portal's backend gets."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from soak.inputs import SubmissionAccepted, SubmissionRefused, Uncertain
from soak.traffic.population import Member
from soak.traffic.posts import Wish, send_wish
from soak.traffic.scene import Scene


@pytest.mark.parametrize(
    ("answers", "reported"),
    [
        ([200], SubmissionAccepted),
        ([None, 200], SubmissionAccepted),
        ([400], SubmissionRefused),
        ([503, 503], Uncertain),
        # The first attempt may have been stored, whatever becomes of the second one.
        ([None, 401], Uncertain),
        ([503, 400], Uncertain),
    ],
)
def test_submission_is_refused_only_if_no_attempt_can_have_been_stored(
    answers: list[int | None], reported: type
) -> None:
    inputs: list[Any] = []
    waiting = list(answers)

    def post(
        path: str,
        headers: Mapping[str, str],
        body: str,
        patience: float,
        answered: Callable[[int | None], None],
    ) -> None:
        del path, headers, body, patience
        answered(waiting.pop(0))

    scene = SimpleNamespace(
        now=1_000.0,
        now_text=lambda: "2026-03-12T14:05:31Z",
        accepted=0,
        report=inputs.append,
        outside=SimpleNamespace(
            keys=SimpleNamespace(site_secret=lambda: "whsec_c2VjcmV0"),
            entrance=SimpleNamespace(post=post),
        ),
    )
    member = cast(Member, SimpleNamespace(id="member-1"))

    send_wish(cast(Scene, scene), member, 1, Wish("issue-comment", "case_comment", "c", "t", {}))

    assert [type(one) for one in inputs] == [reported]
    assert not waiting
