"""Every misconfiguration that the doctor names, planted one at a time in a world without any.

Each row plants one, and has the words of its cause and of its remedy. One cause is one row.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from emulators.common.server import thread
from emulators.trading_grid.app import build_app as trading_grid_app
from emulators.trading_grid.seed import BALTIC, HARBOR_PINE
from emulators.wix.app import build_app as wix_app
from emulators.wix.site import new_site
from gridwix.clients.http import new_client
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.models.cursors import FeedCursor
from gridwix.models.ids import PartnerId
from gridwix.runtime.configuration import configuration
from ops import checkup, configuration_versions, indexes
from ops.budgets import UnlimitedBudget
from ops.collections import collection_definitions, ensure_collection
from ops.configuration import FOLDER, load_configuration
from ops.emulator import Emulator
from ops.indexes import IndexBuilder
from ops.members import Role, link_member
from ops.response_log import SLOW
from ops.site import create_forms
from ops.timers import READERS
from tests.fakes.aws import OneAtATime, dynamodb
from tests.fakes.configuration import variant, version_of
from tests.fakes.doctor_world import (
    DAY,
    HOUR,
    Asked,
    Wire,
    World,
    answer,
    dated,
    edited,
    raises,
)
from tests.unit.template.rules import Template, load

known_configuration = cache(load_configuration)

FORBIDDEN = {"details": {"applicationError": {"code": "PERMISSION_DENIED"}}}


@dataclass(frozen=True)
class Systems:
    """What all worlds share: both emulators and their responses, the template, the tables of a
    world without a misconfiguration.
    """

    trading_grid: Emulator
    wix: Emulator
    template: Template
    tables: OneAtATime
    site: str
    head: FeedCursor
    names: dict[str, str] = field(default_factory=dict)
    reads: dict[str, object] = field(default_factory=dict)
    known: dict[Asked, httpx.Response] = field(default_factory=dict)

    def world(self, scratch: Path) -> World:
        """Return a world without a misconfiguration, which shares nothing that it changes."""
        trading_grid, wix = self.trading_grid.info(), self.wix.info()
        parameters = {
            name: str(one["Default"])
            for name, one in self.template["Parameters"].items()
            if "Default" in one
        }
        parameters |= {
            "TradingGridBaseUrl": self.trading_grid.url,
            "TradingGridCommunityUrl": f"{self.trading_grid.url}/community/v1",
            "TradingGridCompanyId": trading_grid["companyId"],
            "WixBaseUrl": self.wix.url,
            "WixSiteId": wix["siteId"],
            "PortalUrl": f"{self.wix.url}/__emulator/info",
        }
        secrets = {
            "TradingGridCredentials": json.dumps(
                {name: trading_grid[name] for name in ("consumerKey", "consumerSecret")}
            ),
            "TradingGridWebhookSecrets": '{"secrets": ["whsec_b2xk"]}',
            "WixCredentials": json.dumps({"apiKey": wix["apiKey"]}),
            "WixWebhookSecrets": '{"signingSecrets": ["whsec_b2xk"]}',
            "WixAutomation": '{"emailUrl": "https://manage.wix.com/_api/webhook-trigger/1"}',
        }
        return World(
            self.template,
            parameters,
            self.tables,
            scratch=scratch,
            heard_by_all=self.site,
            head=self.head,
            names={**self.names},
            reads=self.reads,
            secrets={**secrets},
            wire=Wire(known=self.known),
        )


def site_that_everybody_hears() -> Starlette:
    """A Wix site with the portal's ring function, and another rule of who may listen."""

    async def check(_: Request) -> JSONResponse:
        return JSONResponse({"version": 1, "stranger": {"read": True}, "unlinked": {"read": True}})

    return Starlette(routes=[Route("/_functions/gridwixRing", check, methods=["POST"])])


@pytest.fixture(scope="module")
def systems() -> Iterator[Systems]:
    with (
        thread(trading_grid_app()) as trading_grid,
        thread(wix_app(new_site(replica_lag=0.0))) as url,
        thread(site_that_everybody_hears()) as site,
        new_client() as http,
        dynamodb() as tables,
    ):
        wix = Emulator(url)
        info = wix.info()
        auth = wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url)
        client = WixClient(http, auth, UnlimitedBudget(), base_url=url)
        builder, wanted = IndexBuilder(client), indexes.index_definitions()
        for definition in collection_definitions():
            made = ensure_collection(client, definition).collection
            builder.start_building(made, wanted.get(definition["id"], ()))
        assert builder.wait_until_built() == []
        create_forms(wix, configuration().forms)
        now = datetime.now(UTC)
        link_member(client, "m-1", PartnerId(BALTIC), Role.ADMIN, now=now)
        link_member(client, "m-2", PartnerId(HARBOR_PINE), Role.EDI, now=now)
        yield Systems(
            Emulator(trading_grid), wix, load(), tables, site, _head_of_feed(Emulator(trading_grid))
        )


def _head_of_feed(trading_grid: Emulator) -> FeedCursor:
    info = trading_grid.info()
    token = httpx.post(
        f"{trading_grid.url}/v1/oauth2/tokens?grant_type=client_credentials",
        auth=(info["consumerKey"], info["consumerSecret"]),
    ).json()["access_token"]
    head = httpx.get(
        f"{trading_grid.url}/community/v1/events?after=now",
        headers={"Authorization": f"Bearer {token}"},
    ).json()
    return FeedCursor(head["nextCursor"])


@pytest.fixture
def world(systems: Systems, tmp_path: Path) -> World:
    found = systems.world(tmp_path)
    if not systems.names:
        found.place_cursors(systems.head, time.time())
        systems.names.update(found.names)
    return found


@dataclass(frozen=True)
class Planted:
    """A misconfiguration: how it comes about, and what its row says.

    ``warns``: it is worth a row, and no fault.
    """

    name: str
    plant: Callable[[World], object]
    words: tuple[str, ...]
    warns: bool = False


def secret(name: str, text: str | None) -> Callable[[World], object]:
    return lambda world: world.secrets.update({name: text})


def parameter(**values: str) -> Callable[[World], object]:
    return lambda world: world.parameters.update(values)


def response(pattern: str, change: Any) -> Callable[[World], object]:
    """Change the responses of a path pattern; ``TG`` and ``WIX`` stand for the emulators."""

    def plant(world: World) -> None:
        hosts = {
            "TG": world.parameters["TradingGridBaseUrl"],
            "WIX": world.parameters["WixBaseUrl"],
        }
        place = pattern
        for name, url in hosts.items():
            place = place.replace(name, url.removeprefix("http://"))
        world.wire.changes.append((place, change))

    return plant


def collection(name: str, edit: Callable[[dict[str, Any]], object]) -> Callable[[World], object]:
    """Edit the definition of a collection, in the list and by itself."""

    def change(document: Any) -> None:
        for one in document.get("collections") or [document["collection"]]:
            if one["id"] == name:
                edit(one)

    def plant(world: World) -> None:
        response("WIX/wix-data/v2/collections", edited(change))(world)
        response(f"WIX/wix-data/v2/collections/{name}", edited(change))(world)

    return plant


def rejected(service: str, reason: str) -> Callable[[World], object]:
    """Webhooks were accepted until an hour ago, and are rejected since."""

    def plant(world: World) -> None:
        world.metrics["WebhooksAccepted", service] = [(2 * HOUR, 40.0)]
        world.metrics["WebhooksRejected", service, reason] = [(300.0, 9.0)]

    return plant


def mails_fail(world: World) -> None:
    world.metrics["DispatchesSent", "partner_messenger", "email"] = [(2 * HOUR, 4.0)]
    world.metrics["DispatchesFailed", "partner_messenger", "upstream_not_found"] = [(300.0, 3.0)]


def retype(one: dict[str, Any]) -> None:
    for each in one["fields"]:
        if each["key"] == "headline":
            each["type"] = "NUMBER"


def without_role_admin(counted: httpx.Response) -> httpx.Response:
    """Count no member with the role admin. No link of the world has the role finance."""
    asked = json.loads(counted.extensions["asked"]).get("filter", {})
    return httpx.Response(200, json={"totalCount": 0}) if asked.get("role") == "admin" else counted


def without_headline(one: dict[str, Any]) -> None:
    one["fields"] = [each for each in one["fields"] if each["key"] != "headline"]


def without_collection(world: World) -> None:
    def drop(document: Any) -> None:
        document["collections"] = [
            one for one in document["collections"] if one["id"] != "PartnerStatus"
        ]

    missing = {"details": {"applicationError": {"code": "WDE0025"}}}
    response("WIX/wix-data/v2/collections", edited(drop))(world)
    response("WIX/wix-data/v2/collections/PartnerStatus", answer(404, missing))(world)


def without_indexes(said: dict[str, Any]) -> None:
    said["indexes"] = []


def own_host(world: World, scheme: str = "https") -> None:
    """Give the community gateway a host of its own, which the wire leads to the emulator."""
    world.wire.hosts["gateway.northwind.com"] = world.parameters["TradingGridBaseUrl"].removeprefix(
        "http://"
    )
    world.parameters["TradingGridCommunityUrl"] = f"{scheme}://gateway.northwind.com/community/v1"


def silent_gateway(world: World) -> None:
    own_host(world)
    world.wire.changes.append(("gateway.northwind.com/*", raises(httpx.ReadTimeout("slow"))))


def slow_gateway(world: World) -> None:
    own_host(world)

    def late(response: httpx.Response) -> httpx.Response:
        time.sleep(SLOW + 0.1)
        return response

    world.wire.changes.append(("gateway.northwind.com/*", late))


def old_news(said: dict[str, Any]) -> None:
    said["items"].append({"time": "2026-01-01T00:00:00Z"})


def another_version(world: World) -> None:
    world.publish(variant(1))
    world.build.update(config_version=version_of(1))


def version_of_another_release(world: World) -> None:
    # This command can read it; the functions cannot, or no longer ask.
    world.publish(variant(1))


def another_language(world: World) -> None:
    world.folder = shutil.copytree(FOLDER, world.scratch / "config")
    texts = world.folder / "texts.yaml"
    texts.write_text(texts.read_text().replace("languages: [en", "languages: [it, en"))


def above_quota(world: World) -> None:
    world.wire.hosts["wix.northwind.com"] = world.parameters["WixBaseUrl"].removeprefix("http://")
    world.parameters |= {"WixBaseUrl": "https://wix.northwind.com", "WixCallsPerMinute": "600"}


def own_gateway_with_wrong_secret(world: World) -> None:
    credentials = json.loads(world.secrets["TradingGridCredentials"] or "")
    own = {"communityConsumerKey": "c", "communityConsumerSecret": "old"}
    world.secrets["TradingGridCredentials"] = json.dumps({**credentials, **own})


def spaced_key(world: World) -> None:
    key = json.loads(world.secrets["WixCredentials"] or "")["apiKey"]
    world.secrets["WixCredentials"] = json.dumps({"apiKey": f"{key}\n"})


APP = json.dumps({"appId": "a", "appSecret": "b", "instanceId": "gone"})

PLANTED = [
    # Wix: the credentials
    Planted(
        "a wrong API key",
        secret("WixCredentials", '{"apiKey": "IST.wrong"}'),
        ("upstream_unauthenticated", "revoked or expired", "API Keys Manager", "wix/credentials"),
    ),
    Planted(
        "an API key of another site",
        parameter(WixSiteId="11111111-2222-3333-4444-555555555555"),
        ("not for the site 11111111", "correct WixSiteId"),
    ),
    *(
        Planted(
            f"an API key without the permission for {api}",
            response(pattern, answer(403, FORBIDDEN)),
            ("lacks the permission for", api, "add it in the API Keys Manager"),
        )
        for api, pattern in {
            "Wix Data (read and write items)": "WIX/wix-data/v2/items/*",
            "Wix Data (manage collections and indexes)": "WIX/wix-data/v2/collections*",
            "Media Manager": "WIX/site-media/*",
            "Members": "WIX/members/*",
            "Contacts": "WIX/contacts/*",
        }.items()
    ),
    Planted(
        "an app that was removed from the site",
        secret("WixCredentials", APP),
        ("instance of the app", "removed from the site", "instanceId"),
    ),
    Planted(
        "a site without the CMS",
        response(
            "WIX/wix-data/*",
            answer(428, {"details": {"applicationError": {"code": "WDE0110"}}}),
        ),
        ("the site lacks the CMS", "add it"),
    ),
    # Wix: the collections
    Planted(
        "a missing collection",
        without_collection,
        ("it does not exist", "gridwix setup"),
    ),
    Planted(
        "a missing field",
        collection("PartnerStatus", without_headline),
        ("1 field missing: headline", "gridwix setup"),
    ),
    Planted(
        "a field of another type",
        collection("PartnerStatus", retype),
        ("headline has another type", "gridwix setup"),
    ),
    Planted(
        "a permission that is not ADMIN",
        collection("PartnerStatus", lambda one: one["permissions"].update(read="ANYONE")),
        ("others than administrators", "gridwix setup"),
    ),
    Planted(
        "a missing index",
        response(
            "WIX/wix-data/v2/indexes*OpenIssues*", edited(lambda said: said.update(indexes=[]))
        ),
        ("is missing", "gridwix setup"),
    ),
    Planted(
        "a site without its ring function and rule",
        lambda world: world.parameters.update(
            PortalRingUrl=f"{world.parameters['WixBaseUrl']}/_functions/gridwixRing"
        ),
        ("there is no function at", "copy the portal's backend code", "realtime-permissions.js"),
    ),
    Planted(
        "a site whose rule of who may listen lets everybody",
        lambda world: world.parameters.update(
            PortalRingUrl=f"{world.heard_by_all}/_functions/gridwixRing"
        ),
        ("visitors who are not logged in", "may listen to rings", "realtime-permissions.js"),
    ),
    Planted(
        "a Wix form without a field",
        response(
            "WIX/form-schema-service/v4/forms/*a8f02",
            edited(
                lambda said: [
                    one["inputOptions"].update(target="renamed")
                    for one in said["form"]["formFields"]
                    if one["inputOptions"]["target"] == "topic"
                ]
            ),
        ),
        ("no field with the key topic", "partner-question.yaml", "in the form's settings"),
    ),
    Planted(
        "a campaign that nobody can receive",
        response("WIX/wix-data/v2/items/count", without_role_admin),
        ("certificate-expires.yaml is for admin or finance", "link a member with that role"),
    ),
    # Secrets
    Planted(
        "a secret without a value",
        secret("TradingGridWebhookSecrets", None),
        ("TradingGridWebhookSecrets has no value", "gridwix secret set"),
    ),
    Planted(
        "credentials without a value",
        secret("TradingGridCredentials", None),
        ("TradingGridCredentials has no value", '"consumerKey": "..."'),
    ),
    Planted(
        "a secret that is the bare key",
        secret("WixCredentials", "IST.bare"),
        ("is no JSON object", "the bare key", '{"apiKey": "..."}'),
    ),
    Planted(
        "a secret with a trailing line break",
        spaced_key,
        ("secret WixCredentials", "end of apiKey", "line break", "store it without"),
    ),
    Planted(
        "a secret that lacks a member",
        secret("TradingGridCredentials", '{"consumerKey": "k"}'),
        ("has no consumerSecret", "add it"),
    ),
    # Trading Grid
    Planted(
        "a wrong consumer secret, or one of the other environment",
        secret("TradingGridCredentials", '{"consumerKey": "k", "consumerSecret": "beta"}'),
        ("upstream_unauthenticated", "does not accept the consumer key", "pre-production"),
    ),
    Planted(
        "a wrong secret of the community gateway",
        own_gateway_with_wrong_secret,
        ("does not accept communityConsumerKey", "store those that it issued"),
    ),
    Planted(
        "an unknown company",
        parameter(TradingGridCompanyId="GC0NOBODY"),
        ("does not know the company GC0NOBODY", "TradingGridCompanyId must be"),
    ),
    Planted(
        "a community URL that answers 404",
        lambda world: world.parameters.update(
            TradingGridCommunityUrl=f"{world.parameters['TradingGridBaseUrl']}/elsewhere"
        ),
        ("there is no community gateway at", "Correct TradingGridCommunityUrl"),
    ),
    Planted(
        "a community URL that answers with a web page",
        response("TG/community/*", answer(200, "<html>Log in</html>")),
        ("no JSON of the profile", "correct TradingGridCommunityUrl"),
    ),
    Planted(
        "a community URL that redirects",
        response("TG/community/*", answer(308, Location="https://elsewhere.example")),
        ("redirects (308)", "TradingGridCommunityUrl"),
    ),
    Planted(
        "a gateway that does not answer in time",
        silent_gateway,
        ("no answer", "takes longer than 5 s", "ask its operator"),
    ),
    Planted(
        "a slow gateway",
        slow_gateway,
        ("half of the responses take longer than", "Ask its operator"),
    ),
    Planted(
        "a gateway over plain http",
        lambda world: own_host(world, "http"),
        ("TRADING_GRID_COMMUNITY_URL", "deploy with an https address"),
    ),
    Planted(
        "a gateway that lacks a capability",
        response("TG/community/v1/service-notices", answer(404, {"code": "not-found"})),
        ("lacks service notices", "gridwix gateway check"),
    ),
    Planted(
        "a gateway that breaks the profile",
        response(
            "TG/community/v1/onboarding-programs",
            edited(lambda said: said["items"][0].pop("version")),
        ),
        ("breaks the profile", "onboarding-programs/", "gridwix gateway check"),
    ),
    # Webhooks and messages
    Planted(
        "another webhook secret at Trading Grid",
        rejected("trading_grid_webhook", "invalid-signature"),
        ("the webhook secret differs", "gridwix/trading-grid/webhook"),
    ),
    Planted(
        "the public key of another app, or another signing secret on the site",
        rejected("wix_webhook", "invalid-signature"),
        ("gridwix-signing-secret", "public key is not among", "gridwix/wix/webhook"),
    ),
    Planted(
        "another installation of the app",
        rejected("wix_webhook", "unknown-instance"),
        ("another installation", "set WixInstanceId"),
    ),
    Planted(
        "an email automation that is off",
        mails_fail,
        ("is off or deleted", "gridwix campaign failed --retry"),
    ),
    # The stack
    Planted(
        "a disabled event source mapping",
        lambda world: world.states.update(CaseOpenerQueue="Disabled"),
        ("event source mapping is disabled", "update-event-source-mapping --enabled"),
    ),
    Planted(
        "a disabled rule",
        lambda world: world.states.update(DoorbellRule="DISABLED"),
        ("its state is DISABLED", "aws events enable-rule --name DoorbellRule"),
    ),
    Planted(
        "a disabled schedule",
        lambda world: world.states.update(SweepTimer="DISABLED"),
        ("its state is DISABLED", "enable SweepTimer in the console"),
    ),
    Planted(
        "a removed queue policy",
        lambda world: world.closed.add("CaseOpenerQueue"),
        ("policy of its queue was removed", "docs/runbook.md#something-was-changed-by-hand"),
    ),
    Planted(
        "a removed permission of a role",
        lambda world: world.removed_actions.add("events:PutEvents"),
        ("TradingGridWebhookRole lacks events:PutEvents", "#something-was-changed-by-hand"),
    ),
    Planted(
        "an alarm topic without a confirmed subscription",
        lambda world: world.subscriptions.__setitem__(0, "PendingConfirmation"),
        ("no subscription", "is confirmed", "follow the link"),
    ),
    Planted(
        "an alarm topic without a subscription",
        lambda world: world.subscriptions.clear(),
        ("has no subscription", "aws sns subscribe"),
    ),
    Planted(
        "an alarm topic that does not exist",
        lambda world: setattr(world, "topic_is_gone", True),
        ("does not exist", "correct AlarmTopicArn"),
    ),
    Planted(
        "no alarm topic",
        lambda world: world.topics.clear(),
        ("alarms notify nobody", "deploy with AlarmTopicArn"),
        warns=True,
    ),
    Planted(
        "dead letters",
        lambda world: world.dead_letters.update(CaseOpenerDeadLetterQueue=2),
        ("2 dead letters", "gridwix redrive case-opener"),
    ),
    Planted(
        "a cursor that was not read for a day",
        lambda world: world.place_cursors(FeedCursor(None), time.time() - DAY, READERS[:1]),
        ("last read 24 h ago", "See the log of trading_grid_feed"),
    ),
    Planted(
        "an expired cursor",
        lambda world: world.place_cursors(FeedCursor("long-gone"), time.time(), READERS[:1]),
        ("cursor of the feed has expired", "gridwix resync"),
    ),
    Planted(
        "a cursor that is far behind",
        response("TG/community/v1/events", edited(old_news)),
        ("the reader is far behind", "gridwix resync"),
    ),
    Planted(
        "a clock of Trading Grid that is behind",
        response("TG/*", dated(-90)),
        ("the clock of Trading Grid is", "s behind", "NTP"),
    ),
    Planted(
        "a clock of AWS that is ahead",
        lambda world: setattr(world, "aws_clock", 90.0),
        ("the clock of AWS is", "s ahead", "NTP"),
    ),
    Planted(
        "a deployed template that is older",
        lambda world: world.gone.add("JournalTable"),
        ("older than this command", "lacks JournalTable", "sam deploy"),
    ),
    Planted(
        "a deployed release that is older",
        lambda world: world.build.update(release="0.0.9"),
        ("has 0.0.9", "deploy this checkout"),
    ),
    Planted(
        "a layer without byte code",
        lambda world: world.build.update(byte_code=False),
        ("no byte code", "Python 3.13"),
    ),
    Planted(
        "another config/ than the checkout's",
        lambda world: world.build.update(config_version="0123456789abcdef"),
        ("other settings than config/", "make config"),
    ),
    Planted(
        "a published configuration that is another than the checkout's",
        another_version,
        ("is in effect, and config/ of this checkout is another", "gridwix config diff"),
    ),
    Planted(
        "functions that do not use the configuration in effect",
        version_of_another_release,
        ("do not use version", "docs/runbook.md#configuration-not-used"),
    ),
    Planted(
        "a list of holidays that has run out",
        lambda world: setattr(world, "today", date(2031, 1, 1)),
        ("list of holidays has run out", "config/routing.yaml", "make config"),
    ),
    Planted(
        "a language without labels",
        another_language,
        ("config/labels.yaml: there is no text in it", "write it, or take it off"),
    ),
    Planted("a budget above Wix's quota", above_quota, ("WixCallsPerMinute is 600", "Deploy with")),
]


def test_world_without_a_misconfiguration_has_no_finding(world: World) -> None:
    assert world.examine() == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_doctor_names_cause_and_remedy(
    world: World, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test above takes the calls from the site's budget, each with a write to moto, and reads
    # the files of config/.
    monkeypatch.setattr(checkup, "reserving_budget", lambda *_: UnlimitedBudget())
    monkeypatch.setattr(configuration_versions, "load_configuration", known_configuration)
    planted.plant(world)

    rows = world.examine()

    said = "\n".join(f"{row.system} {row.capability}: {row.found}" for row in rows)
    named = [row for row in rows if all(word in row.found for word in planted.words)]
    assert len(named) == 1, said
    assert named[0].is_fault is not planted.warns
    assert [row for row in rows if row.is_fault and row is not named[0]] == [], said
