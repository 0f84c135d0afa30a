"""Rings on the local host: who may listen, what arrives, and what a test can make go wrong."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.emulator import Emulator
from ops.waiting import wait_for
from tests.contract.portal_site import Portal, Visitor, needs_node, portal, sign_ring

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

CALM: dict[str, Any] = {"lost": 0, "doubled": 0, "late": 0}


@pytest.fixture
def site() -> Iterator[Portal]:
    site = portal()
    Emulator(site.url).clear("realtime")
    yield site
    Emulator(site.url).clear("realtime")


def status(site: Portal) -> dict[str, Any]:
    return Emulator(site.url).read("realtime")


def order(site: Portal, **faults: Any) -> None:
    Emulator(site.url).order("realtime", faults)


def channels(partner: str) -> list[dict[str, Any]]:
    """Return every channel by which somebody could try to hear of a partner, or of everybody."""
    resources = [
        "everybody",
        "Everybody",
        "everybody/",
        f"partner/{partner}",
        f"partner/{partner}/",
        f"partner/{partner}/issues",
        f"partner/{partner} ",
        f" partner/{partner}",
        f"partner/{partner}\n",
        f"partner/{partner.lower()}",
        f"partner/{partner},{partner}",
        f"partner//{partner}",
        partner,
        "partner",
        "partner/",
        "partner/*",
        "partner/%",
        "*",
        "#",
        "",
        "null",
        "__proto__",
    ]
    names: list[Any] = ["Gridwix", "gridwix-", "gridwix2", "*", "", "a" * 141, None, {}]
    return [
        {"name": "gridwix"},
        {"name": "gridwix", "resourceId": None},
        {"name": "gridwix", "resourceId": ["everybody"]},
        {"name": "gridwix", "resourceId": {"partner": partner}},
        *({"name": "gridwix", "resourceId": resource} for resource in resources),
        *({"name": name, "resourceId": f"partner/{partner}"} for name in names),
    ]


@pytest.mark.parametrize("who", ["visitor", "unlinked", "blocked", "of another partner"])
def test_nobody_hears_of_a_partner_who_is_not_its_member(site: Portal, who: str) -> None:
    partner, other = site.partner(), site.partner()
    witness = site.member(partner)
    partners = {"blocked": [partner], "of another partner": [other]}
    stranger = site.nobody() if who == "visitor" else site.member(*partners.get(who, []))
    if who == "blocked":
        site.block(stranger.id)
    # A member of another partner may hear what everybody hears.
    allowed = {"everybody"} if who == "of another partner" else set()

    with witness.listen() as hears, stranger.listen() as attempt:
        assert hears.subscribe(f"partner/{partner}") == hears.subscribe("everybody") == 200
        granted = {
            json.dumps(channel)
            for channel in channels(partner)
            if attempt.order("subscribe", channel).status_code == 200
        }
        site.ring((f"partner/{partner}", {"issues": 1}), ("everybody", {"notices": 1}))
        hears.wait_for(2)

        assert granted == {json.dumps({"name": "gridwix", "resourceId": name}) for name in allowed}
        # Counted when written: nothing of it is on its way to the stranger.
        assert status(site)["delivered"] == 2 + len(allowed)
        attempt.wait_for(len(allowed))
        assert {one["channel"]["resourceId"] for one in attempt.messages} == allowed


def test_a_member_may_listen_to_its_partner_and_to_everybody_and_to_nothing_else(
    site: Portal,
) -> None:
    partner = site.partner()
    with site.member(partner).listen() as hears:
        granted = [
            channel
            for channel in channels(partner)
            if hears.order("subscribe", channel).status_code == 200
        ]

    assert granted == [
        {"name": "gridwix", "resourceId": "everybody"},
        {"name": "gridwix", "resourceId": f"partner/{partner}"},
    ]


def test_the_hook_believes_in_a_member_only_what_wix_calls_one(
    site: Portal, tmp_path: Path
) -> None:
    partner = site.partner()
    member = site.member(partner)
    with (site.copy_backend(tmp_path) / "gridwix.web.js").open("a") as module:
        module.write(
            "import { mayListen } from 'backend/ring-permissions.js';\n"
            "export const ask = webMethod(Permissions.Anyone, mayListen);\n"
        )
    channel = {"name": "gridwix", "resourceId": f"partner/{partner}"}
    kinds: list[Any] = ["Visitor", "Admin", "member", None, []]
    ids: list[Any] = ["", None, [member.id], {"$ne": ""}]
    nothing: list[Any] = [None, {}, "gridwix"]
    subscribers: list[Any] = [
        *({"type": kind, "id": member.id} for kind in kinds),
        *({"type": "Member", "id": one} for one in ids),
        {"id": member.id},
        {},
        None,
    ]

    with site.host("--portal", str(tmp_path)) as url:
        asks = Visitor(url, "", httpx.Client(headers={"origin": url}))
        answers = [asks.call("ask", channel, one) for one in subscribers]
        own = asks.call("ask", channel, {"type": "Member", "id": member.id})
        without_channel = [asks.call("ask", one, subscribers[0]) for one in nothing]

    assert answers == [False] * len(subscribers)
    assert without_channel == [False] * 3
    assert own is True


def test_a_member_hears_the_numbers_of_its_partners_and_of_everybody(site: Portal) -> None:
    first, second, other = site.partner(), site.partner(), site.partner()
    member = site.member(first, second)

    with member.listen() as hears:
        assert [hears.subscribe(f"partner/{one}") for one in (first, second, other)] == [
            200,
            200,
            403,
        ]
        assert hears.subscribe("everybody") == 200
        answer = site.ring(
            (f"partner/{first}", {"issues": 17, "status": 4}),
            (f"partner/{other}", {"issues": 9}),
            ("everybody", {"notices": 3}),
        )
        heard = hears.wait_for(2)

    assert answer == {"published": 3, "failed": 0}
    assert {one["channel"]["resourceId"]: one["payload"]["numbers"] for one in heard} == {
        f"partner/{first}": {"issues": 17, "status": 4},
        "everybody": {"notices": 3},
    }
    assert all(one["channel"]["name"] == "gridwix" for one in heard)


def test_a_ring_says_which_sections_changed_and_nothing_of_what_is_in_them(site: Portal) -> None:
    partner = site.partner("Harbor & Pine Freight")
    with site.member(partner).listen() as hears:
        hears.subscribe(f"partner/{partner}")
        site.ring((f"partner/{partner}", {"status": 1}))
        [heard] = hears.wait_for(1)

    assert heard["payload"].keys() == {"numbers", "spread"}
    assert heard["payload"]["numbers"] == {"status": 1}


def test_a_link_taken_away_ends_no_subscription_and_allows_no_other(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)

    with member.listen() as before:
        assert before.subscribe(f"partner/{partner}") == before.subscribe("everybody") == 200
        site.unlink(member.id, partner)
        site.ring((f"partner/{partner}", {"issues": 1}))
        # Wix asks only when somebody subscribes, so a ring must not contain anything.
        before.wait_for(1)
        # The hook remembers links for some seconds.
        wait_for(
            lambda: (
                {before.subscribe(f"partner/{partner}"), before.subscribe("everybody")} == {403}
            ),
            "the hook to forget the link",
        )
    with member.listen() as after:
        assert after.subscribe(f"partner/{partner}") == after.subscribe("everybody") == 403


def test_both_subscriptions_of_a_page_cost_one_read_and_a_new_link_counts_at_once(
    site: Portal,
) -> None:
    first, second, other = site.partner(), site.partner(), site.partner()
    member = site.member(first)
    with member.listen() as hears, ThreadPoolExecutor() as pool:
        Emulator(site.wix, site.http).clear("usage")
        # At once, as a page does it.
        granted = list(pool.map(hears.subscribe, ["everybody", f"partner/{first}"]))
        again = hears.subscribe("everybody")
        reads = Emulator(site.wix, site.http).read("usage")["reads"]

        site.link(member.id, second)

        assert (granted, again, reads) == ([200, 200], 200, {"PartnerLinks": 1})
        assert hears.subscribe(f"partner/{second}") == 200
        assert hears.subscribe(f"partner/{other}") == 403


def test_second_subscription_costs_no_read_however_long_the_first_one_took(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    with member.listen() as hears:
        Emulator(site.wix, site.http).clear("usage")
        # As when a thousand pages subscribe again at once, each for one resource after the other.
        site.control("faults", {"kind": "slow", "path": "/members/*", "seconds": 6.0, "times": 1})

        granted = [hears.subscribe("everybody"), hears.subscribe(f"partner/{partner}")]

        reads = Emulator(site.wix, site.http).read("usage")["reads"]
        assert (granted, reads) == ([200, 200], {"PartnerLinks": 1})


@pytest.mark.parametrize("path", ["/wix-data/*", "/members/*"])
def test_when_wix_fails_nobody_may_listen(site: Portal, path: str) -> None:
    partner = site.partner()
    member = site.member(partner)
    site.control("faults", {"kind": "status", "path": path, "status": 500, "times": 1})

    with member.listen() as hears:
        assert hears.subscribe(f"partner/{partner}") == 403
        assert hears.subscribe(f"partner/{partner}") == 200


def test_a_connection_serves_only_the_session_that_opened_it(site: Portal) -> None:
    partner = site.partner()
    member, other = site.member(partner), site.member(partner)

    with member.listen() as hears, other.listen() as thief:
        thief.connection = hears.connection
        assert thief.subscribe(f"partner/{partner}") == 503
        thief.connection = str(uuid.uuid4())
        assert thief.subscribe(f"partner/{partner}") == 503


def test_another_site_cannot_subscribe(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    with member.listen() as hears:
        body = {"connection": hears.connection, "channel": {"name": "gridwix"}}
        answer = httpx.post(
            f"{site.url}/_realtime/subscribe",
            json=body,
            headers={"origin": "https://evil.example"},
            cookies=dict(member.http.cookies),
        )

    assert answer.status_code == 403


def test_what_is_unsubscribed_or_closed_hears_no_more(site: Portal) -> None:
    partner = site.partner()
    resource = f"partner/{partner}"
    member = site.member(partner)

    with member.listen() as stays:
        stays.subscribe(resource)
        with member.listen() as leaves, member.listen() as unsubscribes:
            leaves.subscribe(resource)
            unsubscribes.subscribe(resource)
            channel = {"name": "gridwix", "resourceId": resource}
            assert unsubscribes.order("unsubscribe", channel).status_code == 200
        wait_for(lambda: status(site)["connections"] == 1, "the connections to end")
        site.ring((resource, {"issues": 1}))
        stays.wait_for(1)

    assert status(site)["delivered"] == 1


@pytest.mark.parametrize(
    ("fault", "heard", "counted"),
    [
        ({"lost": 1}, 0, {"lost": 1, "delivered": 0}),
        ({"doubled": 1}, 2, {"doubled": 1, "delivered": 2}),
        ({"late": 1, "lateSeconds": 0.05}, 1, {"late": 1, "delivered": 1}),
        ({"late": 1, "lateSeconds": 0.05, "doubled": 1}, 2, {"late": 1, "doubled": 1}),
    ],
)
def test_a_ring_can_be_lost_doubled_and_late(
    site: Portal, fault: dict[str, Any], heard: int, counted: dict[str, int]
) -> None:
    partner = site.partner()
    with site.member(partner).listen() as hears:
        hears.subscribe(f"partner/{partner}")
        order(site, **fault)
        site.ring((f"partner/{partner}", {"issues": 1}))
        assert len(hears.wait_for(heard)) == heard
        found = status(site)
        order(site, **CALM)
        site.ring((f"partner/{partner}", {"issues": 2}))
        last = hears.wait_for(heard + 1)[-1]

    assert {name: found[name] for name in counted} == counted
    assert last["payload"]["numbers"] == {"issues": 2}


def test_a_late_ring_arrives_after_those_that_were_sent_later(site: Portal) -> None:
    partner = site.partner()
    with site.member(partner).listen() as hears:
        hears.subscribe(f"partner/{partner}")
        order(site, late=1, lateSeconds=3600)
        site.ring((f"partner/{partner}", {"issues": 1}))
        order(site, **CALM)
        site.ring((f"partner/{partner}", {"issues": 2}))
        hears.wait_for(1)
        order(site, release=True)
        heard = hears.wait_for(2)

    assert [one["payload"]["numbers"]["issues"] for one in heard] == [2, 1]


def test_the_same_seed_loses_the_same_rings(site: Portal) -> None:
    partner = site.partner()
    resource = f"partner/{partner}"

    def heard(seed: int) -> list[int]:
        with site.member(partner).listen() as hears:
            hears.subscribe(resource)
            order(site, lost=0.5, seed=seed)
            for number in range(1, 31):
                site.ring((resource, {"issues": number}))
            order(site, lost=0)
            site.ring((resource, {"issues": 99}))
            wait_for(
                lambda: any(one["payload"]["numbers"] == {"issues": 99} for one in hears.messages),
                "the last ring",
            )
            return [one["payload"]["numbers"]["issues"] for one in hears.messages]

    first, second, other = heard(7), heard(7), heard(8)

    assert first == second
    assert first != other
    assert 5 < len(first) < 26


def test_realtime_when_blocked_then_no_page_connects_and_those_connected_are_cut(
    site: Portal,
) -> None:
    member = site.member(site.partner())
    with member.listen() as hears:
        order(site, blocked=True)
        wait_for(lambda: hears.ended, "the connection to end")
    refused = member.http.get(f"{site.url}/_realtime/connect")
    order(site, blocked=False)

    assert (refused.status_code, refused.json()["errorCode"]) == (503, 1)
    with member.listen() as hears:
        assert hears.subscribe("everybody") == 200


def test_realtime_when_disconnected_once_then_pages_can_connect_again(site: Portal) -> None:
    member = site.member(site.partner())
    with member.listen() as hears:
        order(site, disconnect=True)
        wait_for(lambda: hears.ended, "the connection to end")
    with member.listen() as again:
        assert again.subscribe("everybody") == 200


def test_a_preview_lets_everybody_read(site: Portal) -> None:
    partner = site.partner()
    order(site, preview=True)

    with site.nobody().listen() as hears:
        assert hears.subscribe(f"partner/{partner}") == 200
        assert hears.subscribe() == 200


def test_the_channel_hears_nothing_of_its_resources_nor_one_resource_of_another(
    site: Portal,
) -> None:
    one, other = site.partner(), site.partner()
    order(site, preview=True)

    with site.nobody().listen() as hears, site.nobody().listen() as channel:
        assert hears.subscribe(f"partner/{one}") == 200
        assert channel.subscribe() == channel.subscribe(f"partner/{other}") == 200
        site.ring((f"partner/{one}", {"issues": 1}), ("everybody", {"notices": 1}))
        [heard] = hears.wait_for(1)

    assert heard["channel"] == {"name": "gridwix", "resourceId": f"partner/{one}"}
    assert status(site)["delivered"] == 1


def test_without_the_hooks_file_studio_refuses_and_no_ring_is_taken(site: Portal) -> None:
    member = site.member(site.partner())
    order(site, hookMissing=True)
    body = '{"type":"gridwix.check"}'

    with member.listen() as hears:
        assert hears.subscribe("everybody") == 403
    answer = site.http.post(
        f"{site.url}/_functions/gridwixRing", content=body, headers=sign_ring(body)
    )

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("hook", "editor", "status"),
    [
        (None, "studio", 403),
        (None, "classic", 200),
        ("", "studio", 200),
        ("export const realtime_check_permission = () => ({});", "studio", 200),
        ("export const realtime_check_permission = () => ({ read: false });", "studio", 403),
        (
            "export const realtime_check_permission = () => { throw new Error('no'); };",
            "studio",
            403,
        ),
    ],
)
def test_the_host_does_what_wix_does_with_the_hook(
    site: Portal, tmp_path: Path, hook: str | None, editor: str, status: int
) -> None:
    backend = tmp_path / "backend"
    backend.mkdir()
    (backend / "gridwix.web.js").write_text("export const nothing = null;\n")
    if hook is not None:
        (backend / "realtime-permissions.js").write_text(hook)

    with site.host("--portal", str(tmp_path), "--editor", editor) as url, ExitStack() as stack:
        hears = stack.enter_context(site.member(url=url).listen())
        assert hears.subscribe("anything", name="any-channel") == status


def test_a_site_without_the_hooks_file_has_no_ring_function(site: Portal, tmp_path: Path) -> None:
    (site.copy_backend(tmp_path) / "realtime-permissions.js").unlink()
    body, log = '{"type":"gridwix.check"}', tmp_path / "log"

    with site.host("--portal", str(tmp_path), log=log) as url:
        answer = httpx.post(f"{url}/_functions/gridwixRing", content=body, headers=sign_ring(body))

    assert answer.status_code == 404
    assert "http-functions.js" in log.read_text()


@pytest.mark.parametrize(
    "faults",
    [
        {"lost": 1.5},
        {"lost": -1},
        {"lost": "half"},
        {"blocked": 1},
        {"lateSeconds": 3601},
        {"slow": 1},
        {"__proto__": {}},
    ],
)
def test_faults_that_there_are_not_are_refused(site: Portal, faults: dict[str, Any]) -> None:
    before = status(site)

    answer = httpx.post(f"{site.url}/__emulator/realtime", json=faults)

    assert answer.status_code == 400
    assert status(site) == before


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "none"}],
)
def test_a_page_does_not_reach_the_faults(site: Portal, headers: dict[str, str]) -> None:
    answers = [
        httpx.request(
            method, f"{site.url}/__emulator/realtime", headers=headers, json={"blocked": True}
        )
        for method in ("GET", "POST", "DELETE")
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not status(site)["faults"]["blocked"]
