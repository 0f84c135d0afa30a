"""The site's ring function: signatures, bounds, what it publishes, and for how long pages wait."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.emulator import Emulator
from tests.contract.portal_site import (
    RING,
    SECRET,
    Portal,
    needs_node,
    portal,
    sign_ring,
    site_secrets,
)

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = json.dumps(
    {"type": "gridwix.ring", "rings": [{"resource": "everybody", "numbers": {"notices": 1}}]}
)
WINDOW = 300
MAX_BYTES = 64 * 1024

type Headers = dict[str, str]


@pytest.fixture
def site() -> Iterator[Portal]:
    site = portal()
    Emulator(site.url).clear("realtime")
    yield site
    Emulator(site.url).clear("realtime")
    Emulator(site.wix).clear("faults")


def post(site: Portal, body: str | bytes, headers: Headers) -> httpx.Response:
    return site.http.post(f"{site.url}{RING}", content=body, headers=headers)


def published(site: Portal) -> int:
    return int(Emulator(site.url).read("realtime")["published"])


def spoil(**changes: str | None) -> Callable[[Headers], Headers]:
    """Return a function that replaces or removes headers."""

    def spoiled(headers: Headers) -> Headers:
        merged = {**headers, **{name.replace("_", "-"): value for name, value in changes.items()}}
        return {name: value for name, value in merged.items() if value is not None}

    return spoiled


SPOILED: dict[str, Callable[[Headers], Headers]] = {
    "no headers": lambda _: {},
    "no id": spoil(webhook_id=None),
    "no timestamp": spoil(webhook_timestamp=None),
    "no signature": spoil(webhook_signature=None),
    "another id": spoil(webhook_id="ring-2"),
    "another time": lambda headers: {
        **headers,
        "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1),
    },
    "a time that is no number": spoil(webhook_timestamp="now"),
    "a time with a fraction": lambda headers: {
        **headers,
        "webhook-timestamp": f"{headers['webhook-timestamp']}.0",
    },
    "an empty signature": spoil(webhook_signature=""),
    "a signature without its version": lambda headers: {
        **headers,
        "webhook-signature": headers["webhook-signature"].removeprefix("v1,"),
    },
    "another version": lambda headers: {
        **headers,
        "webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,"),
    },
    "a shorter signature": lambda headers: {
        **headers,
        "webhook-signature": headers["webhook-signature"][:-4],
    },
    "another secret": lambda _: sign_ring(BODY, secret=OTHER_SECRET),
    "the signature of another body": lambda _: sign_ring(f"{BODY} "),
    "too old": lambda _: sign_ring(BODY, at=time.time() - WINDOW - 2),
    "from the future": lambda _: sign_ring(BODY, at=time.time() + WINDOW + 60),
    "signed as a submission of the site": lambda _: sign_ring(BODY, message_id="web-0123456789"),
    "an id without a prefix": lambda _: sign_ring(BODY, message_id="1"),
    "an id that is too long": lambda _: sign_ring(BODY, message_id="ring-" + "1" * 96),
    "the right signature after ten others": lambda headers: {
        **headers,
        "webhook-signature": " ".join(["v1,AAAA"] * 10 + [headers["webhook-signature"]]),
    },
}


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=SPOILED)
def test_a_ring_without_a_valid_signature_gets_401_whatever_the_reason(
    site: Portal, spoiled: Callable[[Headers], Headers]
) -> None:
    headers = sign_ring(BODY)
    assert post(site, BODY, headers).status_code == 200
    before = published(site)

    answer = post(site, BODY, spoiled(headers))

    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})
    assert published(site) == before


@pytest.mark.parametrize(
    "headers",
    [
        lambda: sign_ring(BODY, at=time.time() - WINDOW + 60),
        lambda: sign_ring(BODY, at=time.time() + WINDOW - 60),
        lambda: sign_ring(BODY, message_id="ring-" + "1" * 95),
        lambda: {
            **sign_ring(BODY),
            "webhook-signature": " ".join(
                [
                    sign_ring(BODY, secret=OTHER_SECRET)["webhook-signature"],
                    "v2,unknown",
                    sign_ring(BODY)["webhook-signature"],
                ]
            ),
        },
        lambda: {**sign_ring(BODY), "origin": "https://elsewhere.example", "cookie": "a=b"},
    ],
    ids=["nearly too old", "a clock ahead", "the longest id", "rotated secrets", "from anywhere"],
)
def test_a_ring_with_a_valid_signature_is_published(
    site: Portal, headers: Callable[[], Headers]
) -> None:
    answer = post(site, BODY, headers())

    assert (answer.status_code, answer.json()) == (200, {"published": 1, "failed": 0})
    assert answer.headers["content-type"] == "application/json"
    assert published(site) == 1


def test_a_session_is_no_signature(site: Portal) -> None:
    member = site.member(site.partner())

    answer = member.http.post(f"{site.url}{RING}", content=BODY)

    assert answer.status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_the_ring_function_takes_no_other_method(site: Portal, method: str) -> None:
    answer = site.http.request(method, f"{site.url}{RING}", content=BODY, headers=sign_ring(BODY))

    assert answer.status_code == 404
    assert published(site) == 0


def a_ring(**changes: Any) -> Any:
    ring = {"resource": "everybody", "numbers": {"notices": 1}, **changes}
    return {"type": "gridwix.ring", "rings": [ring]}


INVALID = {
    "no JSON": b"{",
    "null": None,
    "a list": [],
    "a text": "gridwix.ring",
    "no type": {"rings": a_ring()["rings"]},
    "an unknown type": {**a_ring(), "type": "gridwix.rings"},
    "a submission": {"submissionId": "1", "values": {}},
    "no rings": {"type": "gridwix.ring"},
    "an empty list": {"type": "gridwix.ring", "rings": []},
    "rings that are no list": {"type": "gridwix.ring", "rings": {"0": a_ring()["rings"][0]}},
    "201 rings": {"type": "gridwix.ring", "rings": a_ring()["rings"] * 201},
    "one that is null": {"type": "gridwix.ring", "rings": [*a_ring()["rings"], None]},
    "no resource": a_ring(resource=None),
    "another resource": a_ring(resource="anybody"),
    "a resource without a partner": a_ring(resource="partner/"),
    "a resource below a partner": a_ring(resource="partner/GC1/issues"),
    "a partner that is too long": a_ring(resource="partner/" + "1" * 101),
    "a resource that is a list": a_ring(resource=["everybody"]),
    "no numbers": a_ring(numbers=None),
    "numbers in a list": a_ring(numbers=[1]),
    "no number": a_ring(numbers={}),
    "a negative number": a_ring(numbers={"notices": -1}),
    "a fraction": a_ring(numbers={"notices": 1.5}),
    "a number in a text": a_ring(numbers={"notices": "1"}),
    "a number that is not exact": a_ring(numbers={"notices": 2**53}),
    "a section that is no name": a_ring(numbers={"Notices 1": 1}),
    "too many sections": a_ring(numbers={"s" * n: 1 for n in range(1, 22)}),
}


@pytest.mark.parametrize("order", INVALID.values(), ids=INVALID)
def test_a_signed_request_that_is_no_ring_gets_400_and_publishes_nothing(
    site: Portal, order: Any
) -> None:
    body = order if isinstance(order, bytes) else json.dumps(order).encode()

    answer = post(site, body, sign_ring(body))

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid"})
    assert published(site) == 0


def test_a_request_has_up_to_200_rings_and_64_kib(site: Portal) -> None:
    full = json.dumps({"type": "gridwix.ring", "rings": a_ring()["rings"] * 200})
    largest = BODY + " " * (MAX_BYTES - len(BODY))
    # Three bytes in UTF-8, one character.
    wide = json.dumps({"type": "gridwix.ring", "note": "€" * (MAX_BYTES // 3)}, ensure_ascii=False)

    answers = [post(site, body, sign_ring(body)) for body in (full, largest, f"{largest} ", wide)]

    assert [answer.status_code for answer in answers] == [200, 200, 413, 413]
    assert answers[0].json() == {"published": 200, "failed": 0}
    assert published(site) == 201


def test_a_section_that_the_site_does_not_know_is_passed_on(site: Portal) -> None:
    partner = site.partner()
    with site.member(partner).listen() as hears:
        hears.subscribe(f"partner/{partner}")
        site.ring((f"partner/{partner}", {"activity": 2, "later": 1}))
        [heard] = hears.wait_for(1)

    assert heard["payload"]["numbers"] == {"activity": 2, "later": 1}


def test_messages_that_fail_are_counted_and_stop_no_other(site: Portal) -> None:
    Emulator(site.url).order("realtime", {"unpublished": 0.5, "seed": 3})

    answer = site.ring(*[("everybody", {"notices": n}) for n in range(60)])

    assert answer["published"] + answer["failed"] == 60
    assert 0 < answer["failed"] < 60
    assert published(site) == answer["published"]


def test_a_check_reports_what_strangers_may_do(site: Portal) -> None:
    body = '{"type":"gridwix.check"}'

    answer = post(site, body, sign_ring(body))

    assert answer.status_code == 200
    assert answer.json() == {
        "version": 1,
        "stranger": {"read": False},
        "unlinked": {"read": False},
    }
    assert published(site) == 0


@pytest.mark.parametrize(
    ("hook", "stranger", "unlinked"),
    [
        ("({ read: true })", True, True),
        ("({})", True, True),
        ("undefined", True, True),
        ("({ read: subscriber.type === 'Member' })", False, True),
        ("({ read: subscriber.type === 'Visitor' })", True, False),
        ("({ read: channel.resourceId === 'everybody' })", True, True),
        ("({ read: channel.resourceId.startsWith('partner/') })", True, True),
        ("Promise.resolve({ read: false })", False, False),
    ],
)
def test_a_check_reports_the_most_that_the_sites_own_hook_allows(
    site: Portal, tmp_path: Path, hook: str, stranger: bool, unlinked: bool
) -> None:
    backend = site.copy_backend(tmp_path)
    (backend / "realtime-permissions.js").write_text(
        f"export const realtime_check_permission = (channel, subscriber) => {hook};\n"
    )
    body = '{"type":"gridwix.check"}'

    with site.host("--portal", str(tmp_path)) as url:
        answer = httpx.post(f"{url}{RING}", content=body, headers=sign_ring(body))

    assert answer.json() == {
        "version": 1,
        "stranger": {"read": stranger},
        "unlinked": {"read": unlinked},
    }


@pytest.mark.parametrize(
    ("secrets", "logged"),
    [
        ({}, "SECRET_NOT_FOUND"),
        ({"gridwix-signing-secret": "whsec_"}, "empty_secret"),
    ],
)
def test_without_a_signing_secret_no_ring_is_taken(
    site: Portal, tmp_path: Path, secrets: dict[str, str], logged: str
) -> None:
    log = tmp_path / "log"
    partner = site.partner("Prairie Gold Foods")
    body = json.dumps(a_ring(resource=f"partner/{partner}"))

    with site.host(secrets=secrets, log=log) as url:
        answer = httpx.post(f"{url}{RING}", content=body, headers=sign_ring(body))

    assert (answer.status_code, answer.json()) == (503, {"error": "unavailable"})
    assert log.read_text().splitlines() == [f"gridwix: ring: {logged}"]


def link_many(site: Portal, partner: str, count: int) -> None:
    rows = [
        {"_id": f"{partner}-{n}", "memberId": f"{partner}-{n}", "partnerId": partner, "role": "edi"}
        for n in range(count)
    ]
    site.save("PartnerLinks", rows)


@pytest.fixture
def fresh(site: Portal) -> Iterator[tuple[Portal, str]]:
    """A host that remembers no count yet, and a site with few links."""
    Emulator(site.wix, site.http).clear("items?collection=PartnerLinks")
    with site.host() as url:
        yield site, url
    Emulator(site.wix, site.http).clear("items?collection=PartnerLinks")


def spreads(site: Portal, url: str, listener: str, *resources: str) -> dict[str, int]:
    """Ring these resources and return the spread of each."""
    member = site.member(listener, url=url)
    with member.listen() as hears:
        # A preview hears all, without a read of the links.
        for resource in resources:
            assert hears.subscribe(resource) == 200
        Emulator(site.wix, site.http).clear("usage")
        site.ring(*[(resource, {"notices": 1}) for resource in resources], url=url)
        heard = hears.wait_for(len(resources))
    return {one["channel"]["resourceId"]: one["payload"]["spread"] for one in heard}


def reads(site: Portal) -> dict[str, int]:
    found: dict[str, int] = Emulator(site.wix, site.http).read("usage")["reads"]
    return found


def test_spread_is_10_ms_per_member_up_to_1000_and_then_keeps_within_the_quota(
    fresh: tuple[Portal, str],
) -> None:
    site, url = fresh
    Emulator(url).order("realtime", {"preview": True})
    one, many, most = site.partner(), site.partner(), site.partner()
    link_many(site, many, 300)
    link_many(site, most, 1999)

    found = spreads(site, url, one, f"partner/{one}", f"partner/{many}")
    of_most = spreads(site, url, one, f"partner/{most}")

    assert found == {f"partner/{one}": 10, f"partner/{many}": 3000}
    # 2 * 1,999 reads, at 2,000 a minute.
    assert of_most == {f"partner/{most}": 119_940}


def test_spread_costs_one_read_and_is_remembered(fresh: tuple[Portal, str]) -> None:
    site, url = fresh
    Emulator(url).order("realtime", {"preview": True})
    one, other = site.partner(), site.partner()
    link_many(site, other, 4)
    resources = ("everybody", f"partner/{one}", f"partner/{other}")

    first = spreads(site, url, one, *resources)
    first_reads = reads(site)
    link_many(site, other, 9)
    again = spreads(site, url, one, *resources)

    assert first == {"everybody": 50, f"partner/{one}": 10, f"partner/{other}": 40}
    assert first_reads == {"PartnerLinks": 1}
    assert again == first
    assert reads(site) == {}


def test_spread_when_a_site_has_more_links_than_a_query_returns(fresh: tuple[Portal, str]) -> None:
    site, url = fresh
    Emulator(url).order("realtime", {"preview": True})
    one, many = site.partner(), site.partner()
    link_many(site, many, 1200)
    resources = ("everybody", f"partner/{one}")

    first, first_reads = spreads(site, url, one, *resources), reads(site)
    then, then_reads = spreads(site, url, one, *resources), reads(site)

    # With the member's own link, 1,201.
    assert first == {"everybody": 72_060, f"partner/{one}": 0}
    # With one more member, which is not counted again.
    assert then == {"everybody": 72_060, f"partner/{one}": 20}
    assert first_reads == then_reads == {"PartnerLinks": 1}


def test_spread_when_members_cannot_be_counted_then_it_is_10_s_for_everybody(
    fresh: tuple[Portal, str],
) -> None:
    site, url = fresh
    Emulator(url).order("realtime", {"preview": True})
    one = site.partner()
    member = site.member(one, url=url)
    resources = ("everybody", f"partner/{one}")
    with member.listen() as hears:
        for resource in resources:
            hears.subscribe(resource)
        site.control(
            "faults", {"kind": "status", "path": "/wix-data/v2/items/query", "status": 429}
        )
        answer = site.ring(*[(resource, {"notices": 1}) for resource in resources], url=url)
        heard = hears.wait_for(2)

    assert answer == {"published": 2, "failed": 0}
    assert {one["channel"]["resourceId"]: one["payload"]["spread"] for one in heard} == {
        "everybody": 10_000,
        f"partner/{one}": 0,
    }


def test_spread_when_wix_does_not_answer_then_the_ring_is_published_all_the_same(
    site: Portal, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    site.control("faults", {"kind": "slow", "path": "/wix-data/v2/items/query", "seconds": 30})

    # A fifth of the time limits: 0.4 s to count, 2.8 s for a call of Wix.
    with site.host("--patience", "0.2", log=log) as url:
        answer = site.ring(("everybody", {"notices": 1}), url=url)

    assert answer == {"published": 1, "failed": 0}
    assert log.read_text().splitlines() == ["gridwix: spread: count_silent"]


def test_the_log_has_codes_and_nothing_of_a_ring(site: Portal, tmp_path: Path) -> None:
    log = tmp_path / "log"
    partner = site.partner()

    with site.host(log=log) as url:
        Emulator(url).order("realtime", {"unpublished": 1})
        site.control("faults", {"kind": "status", "path": "/wix-data/*", "status": 500})
        answer = site.ring((f"partner/{partner}", {"issues": 1}), url=url)
        httpx.post(f"{url}{RING}", content="private words", headers=sign_ring("other words"))

    said = log.read_text()
    assert answer == {"published": 0, "failed": 1}
    assert said.splitlines() == ["gridwix: spread: UNKNOWN", "gridwix: publish: INTERNAL"]
    assert site_secrets(site.wix)["gridwix-signing-secret"] == SECRET
    assert partner not in said
