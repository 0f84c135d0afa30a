"""What one member may do within an hour, and read within a minute, and what a stranger costs."""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.portal_backend.cases import INVALID, an_issue, data_calls
from tests.contract.portal_site import Answer, Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

MOST_SENT, MOST_UPLOADS = 200, 300
HOUR, MINUTE = 3600, 60
READS, CHANGE, STRANGER = 500, 10, 10

ADDRESS = {"fileName": "plan.pdf", "mimeType": "application/pdf", "sizeInBytes": 9}


def now(seconds: int) -> int:
    """Return the number of the hour or the minute, by its seconds."""
    return int(time.time()) // seconds


def within(seconds: int, work: Callable[[], Answer]) -> tuple[Answer, int]:
    """Return what ``work`` returns in one hour, or minute, and its number: the second time, if the
    first one was at its turn.
    """
    for _ in range(2):
        before = now(seconds)
        result = work()
        if now(seconds) == before:
            break
    return result, before


def counted(site: Portal, member: str, kind: str, number: int, *, ago: int = 0) -> str:
    """Store that a member has done something so often in an hour."""
    hour = now(HOUR) - ago
    identifier = f"{member[:8]}-{kind}-{hour}-{number}"
    data: dict[str, Any] = {"memberId": member, "hour": hour, "kind": kind, "number": number}
    return site.row("InvitationAttempts", identifier, **data)


def too_often(kind: str, most: int, until: int) -> Answer:
    end = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"error": {"code": "too_often", "limit": {"kind": kind, "most": most, "until": end}}}


def test_member_sends_a_bounded_number_of_times_an_hour_whatever_it_sends(
    site: Portal, partner: str
) -> None:
    issue = an_issue(site, partner)

    def send() -> Answer:
        member = site.member(partner)
        counted(site, member.id, "send", MOST_SENT - 3)
        answers = [
            member.call("addComment", partner, issue, "One more"),
            member.call(
                "sendRequest", partner, "partner-question", {"topic": "tax", "question": "?"}
            ),
            member.call("addComment", partner, issue, "Too much"),
        ]
        posts = site.webhook.seen
        return (
            answers,
            data_calls(site, lambda: member.call("addComment", partner, issue, "x")),
            posts,
        )

    (answers, cost, posts), hour = within(HOUR, send)

    assert [set(answer) for answer in answers[:2]] == [{"reference"}] * 2
    assert answers[2] == too_often("send", MOST_SENT, (hour + 1) * HOUR)
    # The link and the issue: nothing is counted, written or sent any more.
    assert cost == (2, 0)
    assert site.webhook.seen == posts
    # A colleague, and the same member at another time, are not concerned.
    assert "reference" in site.member(partner).call("addComment", partner, issue, "Mine")


@pytest.mark.parametrize("method", ["getAttachmentUrl", "getUploadUrl"])
def test_member_gets_a_bounded_number_of_upload_addresses_an_hour(
    site: Portal, partner: str, method: str
) -> None:
    document = site.row(
        "PartnerDocuments",
        f"doc-{partner}-{method}",
        partnerId=partner,
        category="insurance",
        classification="internal",
        restricted=False,
        version=1,
        partnerIds=[partner],
        forEverybody=False,
    )
    target = document if method == "getUploadUrl" else "partner-question"

    def ask() -> Answer:
        member = site.member(partner, role="admin")
        counted(site, member.id, "upload", MOST_UPLOADS - 2)
        wrong = {**ADDRESS, "sizeInBytes": 0}
        # What is not accepted is not counted.
        assert member.call(method, partner, target, wrong)["error"]["code"] == "invalid"
        return [member.call(method, partner, target, ADDRESS) for _ in range(2)]

    (first, second), hour = within(HOUR, ask)

    assert set(first) == {"uploadUrl"}
    assert second == too_often("upload", MOST_UPLOADS, (hour + 1) * HOUR)


def test_limit_is_exact_when_instances_of_the_backend_count_at_once_and_old_counts_go(
    site: Portal, partner: str
) -> None:
    issue = an_issue(site, partner)
    with site.host() as other:

        def send() -> Answer:
            here = site.member(partner)
            there = Visitor(other, here.id, here.http.__class__(headers={"origin": other}))
            there.http.post(f"{other}/login", data={"member": here.id})
            # A gap, as an insert that failed leaves it, gives nothing back.
            counted(site, here.id, "send", MOST_SENT - 9)
            old = [
                counted(site, here.id, "send", 1, ago=1),
                counted(site, "gone", "send", 1, ago=2),
            ]
            calls = zip(itertools.cycle([here, there]), range(20), strict=False)
            with ThreadPoolExecutor(8) as pool:
                answers = list(
                    pool.map(
                        lambda one: one[0].call("addComment", partner, issue, f"{one[1]}"), calls
                    )
                )
            return answers, old

        (answers, old), _ = within(HOUR, send)

    assert sum("reference" in answer for answer in answers) == 8
    assert {answer["error"]["code"] for answer in answers if "error" in answer} == {"too_often"}
    # Those of a member who does not come back go as well, once an hour in each instance.
    assert not set(old) & set(site.rows("InvitationAttempts"))


@pytest.mark.parametrize("path", ["/wix-data/v2/items", "/wix-data/v2/items/query"])
def test_what_is_sent_arrives_while_wix_cannot_count(
    site: Portal, partner: str, member: Visitor, path: str
) -> None:
    issue = an_issue(site, partner)
    # The link and the issue are read before.
    skip = 2 if path.endswith("query") else 0
    fault = {"kind": "status", "status": 429, "path": path, "method": "POST", "skip": skip}
    site.control("faults", fault)

    assert "reference" in member.call("addComment", partner, issue, "Counted or not")
    assert "reference" in member.call("addComment", partner, issue, "And again")


def test_member_makes_a_bounded_number_of_calls_a_minute_and_then_costs_nothing(
    site: Portal, partner: str
) -> None:
    def call() -> Answer:
        member = site.member(partner)
        # A change counts like ten reads, and one that is refused counts as well.
        answers = [member.call("markRead", partner, None) for _ in range(READS // CHANGE)]
        last: list[Answer] = []
        cost = data_calls(site, lambda: last.append(member.call("getChanges", partner)))
        return answers, last[0], cost

    (answers, last, cost), minute = within(MINUTE, call)

    assert answers == [INVALID] * (READS // CHANGE)
    assert last == too_often("call", READS, (minute + 1) * MINUTE)
    assert cost == (0, 0)


def test_stranger_gets_few_answers_a_minute_and_then_costs_nothing(site: Portal) -> None:
    def call() -> Answer:
        stranger = site.member()
        methods: Iterator[tuple[str, list[Any]]] = itertools.cycle(
            [("getSession", []), ("getChanges", [None]), ("getSettings", ["en"])]
        )
        asked = list(itertools.islice(methods, READS // STRANGER))
        codes = [
            stranger.call(method, *args).get("error", {}).get("code") for method, args in asked
        ]
        last: list[Answer] = []
        cost = data_calls(
            site, lambda: last.extend(stranger.call(method, *args) for method, args in asked[:3])
        )
        return codes, last, cost

    (codes, last, cost), minute = within(MINUTE, call)

    # Nobody meets it who loads the page a few times, before it is invited.
    assert set(codes[:15]) == {None, "not_linked"}
    assert last == [too_often("call", READS, (minute + 1) * MINUTE)] * 3
    assert cost == (0, 0)
    assert site.nobody().send("getSession", []).status_code != 200


def test_guesses_of_codes_that_are_used_up_cost_nothing_more(site: Portal) -> None:
    def guess() -> Answer:
        stranger = site.member()
        counted(site, stranger.id, "redeem", 9)
        code = "A" * 32
        assert stranger.call("acceptInvitation", code)["error"]["code"] == "too_often"
        return data_calls(site, lambda: stranger.call("acceptInvitation", code))

    cost, _ = within(HOUR, guess)

    assert cost == (0, 0)


def test_stranger_who_asks_to_listen_again_and_again_costs_nothing_more(site: Portal) -> None:
    def listen() -> Answer:
        stranger = site.member()
        with stranger.listen() as listener:
            # Each takes one read, and counts like nine.
            told = {listener.subscribe("everybody") for _ in range(READS // 9 + 1)}
            return told, data_calls(site, lambda: listener.subscribe("everybody"))

    (told, cost), _ = within(MINUTE, listen)

    assert told == {403}
    assert cost == (0, 0)
