"""Both clients against both emulators over HTTP: their wire formats agree."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app as trading_grid_app
from emulators.trading_grid.tenant import new_tenant
from emulators.wix import app as wix_app
from emulators.wix.site import new_site
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.wix import patch
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.errors import (
    CursorExpired,
    NotFound,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamConflict,
    UpstreamError,
)
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import MAX_ITEM_BYTES, DataItem
from ops import indexes
from ops.collections import collection_definitions, ensure_collection
from ops.emulator import Emulator
from tests.fakes.wire import CountingBudget, ManualClock, Sleeper

C = CollectionId("PartnerStatus")
DEFINITION: dict[str, Any] = {
    "id": C,
    "displayName": "Partner status",
    "fields": [
        {"key": "title", "displayName": "Title", "type": "TEXT"},
        {"key": "number", "displayName": "Number", "type": "NUMBER"},
    ],
    "permissions": {"insert": "ADMIN", "update": "ADMIN", "remove": "ADMIN", "read": "ADMIN"},
}
WHEN = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def wix_url() -> Iterator[str]:
    with thread(wix_app.build_app(new_site(replica_lag=0.0))) as url:
        yield url


@pytest.fixture(scope="module")
def trading_grid_url() -> Iterator[str]:
    with thread(trading_grid_app.build_app(new_tenant(partners=120))) as url:
        yield url


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with new_client() as client:
        yield client


def wix(
    url: str, http: httpx.Client, budget: CountingBudget | None = None, **credentials: str
) -> WixClient:
    info = Emulator(url).info()
    auth = wix_auth(credentials or {"apiKey": info["apiKey"]}, info["siteId"], base_url=url)
    return WixClient(http, auth, budget or CountingBudget(), base_url=url)


@pytest.fixture
def site(wix_url: str, http: httpx.Client) -> Iterator[WixClient]:
    """A site with an empty collection and no injected faults."""
    client = wix(wix_url, http)
    if client.get_collection(C) is None:
        client.create_collection(DEFINITION)
    yield client
    for path in (f"items?collection={C}", "refusals", "faults", "journal"):
        Emulator(wix_url).clear(path)


def items(count: int) -> list[DataItem]:
    return [
        DataItem(
            WixItemId(f"p{number:04}"),
            {"title": f"Partner {number}", "number": number, "when": WHEN},
        )
        for number in range(count)
    ]


def test_wix_item_when_it_goes_through_its_life_then_each_answer_is_understood(
    site: WixClient,
) -> None:
    item = items(1)[0]

    inserted = site.insert_item(C, item)
    with pytest.raises(UpstreamConflict) as duplicate:
        site.insert_item(C, item)
    saved = site.save_item(C, DataItem(item.id, {"title": "Alpha", "when": WHEN, "tags": ["a"]}))
    patched = site.patch_item(
        C,
        item.id,
        [
            patch.set_field("title", "Beta"),
            patch.increment_field("count", 2),
            patch.append_to_array("tags", "b"),
            patch.remove_field("when"),
        ],
    )
    read = site.get_item(C, item.id)
    removed = site.remove_item(C, item.id)

    assert (inserted.id, inserted.data["when"]) == (item.id, WHEN)
    assert duplicate.value.vendor_code == "WDE0074"
    assert duplicate.value.request_id != ""
    assert "number" not in saved.data
    assert {name: value for name, value in patched.data.items() if not name.startswith("_")} == {
        "title": "Beta",
        "count": 2,
        "tags": ["a", "b"],
    }
    assert patched == read == removed
    assert isinstance(patched.data["_updatedDate"], datetime)
    assert site.get_item(C, item.id) is None
    assert site.remove_item(C, item.id) is None
    with pytest.raises(NotFound):
        site.patch_item(C, item.id, [patch.set_field("title", "x")])


def test_wix_bulk_when_a_thousand_items_are_saved_and_removed_then_each_has_its_verdict(
    site: WixClient, wix_url: str
) -> None:
    Emulator(wix_url).order(
        "refusals",
        {
            "collection": C,
            "ids": ["p0007", "p0500"],
            "code": "WDE0080",
            "description": "Validation failed",
        },
    )
    too_large = DataItem(WixItemId("too-large"), {"title": "x" * MAX_ITEM_BYTES})

    outcome = site.bulk_save(C, [*items(999), too_large])

    assert [(refusal.item_id, refusal.code) for refusal in outcome.refused] == [
        ("too-large", "WDE0009"),
        ("p0007", "WDE0080"),
        ("p0500", "WDE0080"),
    ]
    assert len(outcome.written) == site.count_items(C) == 997
    Emulator(wix_url).clear("refusals")
    removal = site.bulk_remove(C, [WixItemId(f"p{number:04}") for number in range(1000)])
    assert (len(removal.written), removal.refused, site.count_items(C)) == (1000, (), 0)


def test_wix_bulk_when_items_are_large_then_wix_takes_each_call(site: WixClient) -> None:
    large = [
        DataItem(WixItemId(f"large-{number}"), {"title": "ü" * 200_000}) for number in range(25)
    ]

    outcome = site.bulk_save(C, large)

    assert len(outcome.written) == site.count_items(C) == 25


@pytest.mark.parametrize("by", ["cursor", "offset"])
def test_wix_query_when_all_pages_are_read_then_each_item_comes_once(
    site: WixClient, by: Any
) -> None:
    site.bulk_save(C, items(250))

    pages = list(
        site.query_pages(
            C,
            filter={"when": {"$lte": WHEN}, "number": {"$gte": 10}},
            sort=[("number", "ASC")],
            by=by,
        )
    )

    assert [item.data["number"] for page in pages for item in page.items] == list(range(10, 250))
    assert site.query_items(C, limit=5, offset=0, total=True).total == 250
    assert site.query_items(C, filter={"when": {"$gt": WHEN}}).items == ()


def test_wix_items_when_there_are_many_then_one_call_gives_them_all(site: WixClient) -> None:
    items = [
        DataItem(WixItemId(f"many-{number:04}"), {"title": "many", "number": number})
        for number in range(1000)
    ]
    site.bulk_save(C, items)

    found, alike = site.items(C, [item.id for item in items]), site.items_where(C, "title", "many")
    site.bulk_remove(C, [item.id for item in items])

    assert found.keys() == {item.id for item in items}
    assert {item.id for item in alike} == found.keys()


def test_wix_collection_when_its_revision_is_stale_then_it_is_a_conflict(site: WixClient) -> None:
    read = site.get_collection(C)
    assert read is not None

    updated = site.update_collection({**read, "displayName": "Status"})

    assert int(updated["revision"]) == int(read["revision"]) + 1
    with pytest.raises(UpstreamError) as stale:
        site.update_collection(read)
    assert isinstance(stale.value, UpstreamConflict)
    with pytest.raises(UpstreamConflict):
        site.create_collection(DEFINITION)
    assert C in [definition["id"] for definition in site.list_collections()]
    assert site.get_collection(CollectionId("Nothing")) is None
    with pytest.raises(NotFound):
        site.bulk_save(CollectionId("Nothing"), items(1))


def test_wix_indexes_when_set_up_twice_then_all_stand_and_the_second_run_writes_nothing(
    wix_url: str, http: httpx.Client
) -> None:
    site, wanted = wix(wix_url, http), indexes.index_definitions()
    foreign = {"name": "byTitle", "fields": [{"path": "title", "order": "ASC"}], "unique": False}
    outdated = indexes.Index("gridwix-partner", (("title", "DESC"),))
    for definition in collection_definitions():
        ensure_collection(site, definition)
    site.create_index(CollectionId("OpenIssues"), foreign)
    site.create_index(CollectionId("OpenIssues"), outdated.to_wix())

    runs = []
    for _ in range(2):
        Emulator(wix_url).clear("journal")
        builder = indexes.IndexBuilder(site, sleep=lambda _: None)
        begun = [
            one
            for collection, some in wanted.items()
            for one in builder.start_building(collection, some)
        ]
        assert builder.wait_until_built() == []
        writes = {
            call.partition(" ")[0]
            for call in Emulator(wix_url).read("journal")["counts"]
            if "/indexes" in call
        } - {"GET"}
        runs.append(({one.outcome.value for one in begun}, writes))

    assert runs == [({"created", "replaced"}, {"POST", "DELETE"}), ({"unchanged"}, set())]
    for collection, some in wanted.items():
        assert (
            indexes.index_faults(
                some, [indexes.ExistingIndex.read(one) for one in site.list_indexes(collection)]
            )
            == []
        )
    assert "byTitle" in [one["name"] for one in site.list_indexes(CollectionId("OpenIssues"))]


def test_wix_index_when_it_cannot_be_built_then_it_is_named_and_made_anew_once_it_can(
    site: WixClient,
) -> None:
    unique = indexes.Index("gridwix-title", (("title", "ASC"),), unique=True)
    site.bulk_save(
        C, [DataItem(WixItemId(f"p{number}"), {"title": "Alpha"}) for number in range(2)]
    )

    first = indexes.IndexBuilder(site)
    first.start_building(C, [unique])
    failed = first.wait_until_built()
    site.bulk_remove(C, [WixItemId("p1")])
    second = indexes.IndexBuilder(site)
    again = second.start_building(C, [unique])

    assert [(one.outcome.value, one.why) for one in failed] == [("failed", "WDE0113")]
    assert ([one.outcome.value for one in again], second.wait_until_built()) == (["replaced"], [])
    site.drop_index(C, unique.name)
    site.drop_index(C, unique.name)
    assert unique.name not in [one["name"] for one in site.list_indexes(C)]


def test_wix_app_when_many_threads_call_then_one_token_is_fetched(
    site: WixClient, wix_url: str, http: httpx.Client
) -> None:
    info = Emulator(wix_url).info()
    app = wix(
        wix_url,
        http,
        appId=info["appId"],
        appSecret=info["appSecret"],
        instanceId=info["instanceId"],
    )
    Emulator(wix_url).clear("journal")

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: app.count_items(C), range(16)))

    assert counts == [0] * 16
    assert Emulator(wix_url).read("journal")["counts"]["POST /oauth2/token 200"] == 1


def test_wix_credentials_when_they_are_wrong_then_it_is_unauthenticated(
    site: WixClient, wix_url: str, http: httpx.Client
) -> None:
    info = Emulator(wix_url).info()

    for credentials in (
        {"apiKey": "wrong"},
        {"appId": info["appId"], "appSecret": "wrong", "instanceId": info["instanceId"]},
    ):
        with pytest.raises(Unauthenticated):
            wix(wix_url, http, **credentials).count_items(C)


def test_wix_quota_when_it_is_used_up_then_the_budget_is_told(
    site: WixClient, wix_url: str, http: httpx.Client
) -> None:
    budget = CountingBudget()
    per_minute = Emulator(wix_url).read("settings")["requestsPerMinute"]
    Emulator(wix_url).order("settings", {"requestsPerMinute": 0})

    with pytest.raises(Throttled) as caught:
        wix(wix_url, http, budget).bulk_save(C, items(1))
    Emulator(wix_url).order("settings", {"requestsPerMinute": per_minute})

    assert caught.value.vendor_code == "WDE0014"
    assert caught.value.wait is not None
    assert 0 < caught.value.wait <= 60
    assert budget.exhausted == [caught.value.wait]


def test_wix_read_when_it_fails_for_a_moment_then_it_is_repeated(
    site: WixClient, wix_url: str
) -> None:
    for order in (
        {"kind": "status", "status": 503, "path": "/wix-data/*"},
        {"kind": "drop", "path": "/wix-data/*"},
    ):
        Emulator(wix_url).order("faults", order)

    assert site.count_items(C) == 0


def test_wix_write_when_its_answer_is_lost_then_it_is_ambiguous_and_was_sent_once(
    site: WixClient, wix_url: str
) -> None:
    Emulator(wix_url).order("faults", {"kind": "drop_after", "path": "/wix-data/v2/bulk/*"})
    Emulator(wix_url).clear("journal")

    with pytest.raises(Unavailable) as caught:
        site.bulk_save(C, items(3))

    assert caught.value.ambiguous
    assert (
        sum(
            times
            for call, times in Emulator(wix_url).read("journal")["counts"].items()
            if "/bulk/" in call
        )
        == 1
    )
    assert site.count_items(C) == 3


def test_wix_answer_when_it_does_not_come_in_time_then_it_is_ambiguous(
    site: WixClient, wix_url: str
) -> None:
    Emulator(wix_url).order(
        "faults", {"kind": "slow", "seconds": 3600, "path": "/wix-data/v2/bulk/*"}
    )

    with (
        new_client(read=0.1) as impatient,
        pytest.raises(Unavailable, match="ReadTimeout") as caught,
    ):
        wix(wix_url, impatient).bulk_save(C, items(1))

    assert caught.value.ambiguous


def test_server_when_nobody_listens_then_it_is_soon_unavailable_and_not_ambiguous(
    http: httpx.Client,
) -> None:
    sleeper = Sleeper(ManualClock())

    with pytest.raises(Unavailable) as caught:
        WixClient(
            http, wix_auth({"apiKey": "k"}, "s"), CountingBudget(), base_url=NOWHERE, sleep=sleeper
        ).bulk_save(C, items(1))

    assert not caught.value.ambiguous
    assert sum(sleeper.slept) < 2


def grid_auth(url: str) -> httpx.Auth:
    info = Emulator(url).info()
    return trading_grid_auth(
        "apigrid",
        {"consumerKey": info["consumerKey"], "consumerSecret": info["consumerSecret"]},
        base_url=url,
    )


@pytest.fixture
def community(trading_grid_url: str, http: httpx.Client) -> Iterator[CommunityClient]:
    yield CommunityClient(
        http,
        grid_auth(trading_grid_url),
        base_url=Emulator(trading_grid_url).info()["communityBaseUrl"],
    )
    Emulator(trading_grid_url).clear("faults")


def all_partner_ids(community: CommunityClient) -> list[PartnerId]:
    found, page = community.partner_ids(None)
    ids = list(found)
    while page is not None:
        found, page = community.partner_ids(page)
        ids += found
    return ids


def test_trading_grid_lists_when_they_are_read_then_every_record_is_understood(
    community: CommunityClient,
) -> None:
    ids = all_partner_ids(community)

    assert len(ids) == len(set(ids)) >= 120
    assert sorted(partner.partner_id for partner in community.partners(ids).records) == sorted(ids)
    assert {enrollment.partner_id for enrollment in community.enrollments(ids).records} <= set(ids)
    assert community.enrollments(ids)
    assert community.compliance_checks(ids)
    assert {case.status for case in community.open_cases(ids).records}.isdisjoint(
        {"closed", "cancelled"}
    )
    assert community.programs()


def test_trading_grid_list_when_partners_are_asked_for_one_by_one_then_the_answer_is_the_same(
    community: CommunityClient, trading_grid_url: str, http: httpx.Client
) -> None:
    info = Emulator(trading_grid_url).info()
    one_by_one = CommunityClient(
        http, grid_auth(trading_grid_url), base_url=info["communityBaseUrl"], partner_ids_per_call=1
    )
    ids = all_partner_ids(community)[:5]

    assert sorted(one_by_one.compliance_checks(ids).records, key=lambda check: check.id) == sorted(
        community.compliance_checks(ids).records, key=lambda check: check.id
    )


def test_trading_grid_record_when_it_is_read_by_itself_then_it_is_the_listed_one(
    community: CommunityClient,
) -> None:
    ids = all_partner_ids(community)
    listed: list[tuple[str, Partner | Enrollment | ComplianceCheck | Case | OnboardingProgram]] = [
        ("partners", community.partners(ids).records[0]),
        ("enrollments", community.enrollments(ids).records[0]),
        ("compliance-checks", community.compliance_checks(ids).records[0]),
        ("cases", community.open_cases(ids).records[0]),
        ("onboarding-programs", community.programs().records[0]),
    ]

    for collection, record in listed:
        assert community.record(f"{collection}/{record.id}") == record
        assert community.record(f"{collection}/unknown") is None


def test_trading_grid_feed_when_something_changes_then_it_is_behind_the_head(
    community: CommunityClient, trading_grid_url: str
) -> None:
    head = community.head()

    played = Emulator(trading_grid_url).order("changes", {"count": 5})["total"]
    page = community.read_events(head, 2)
    read = len(page.items)
    while page.has_more:
        page = community.read_events(page.next_cursor, 2)
        read += len(page.items)

    assert 0 < played <= read
    assert community.read_events(page.next_cursor, 100).items == ()
    assert community.head() == page.next_cursor


def test_trading_grid_cursor_when_it_is_too_old_or_senseless_then_that_is_said(
    community: CommunityClient, trading_grid_url: str
) -> None:
    Emulator(trading_grid_url).order(
        "faults", {"kind": "cursor_expired", "path": "/community/v1/events"}
    )
    with pytest.raises(CursorExpired):
        community.read_events(community.head(), 10)
    Emulator(trading_grid_url).clear("faults")
    Emulator(trading_grid_url).order("changes", {"count": 5})
    oldest = community.read_events(None, 1)
    assert len(oldest.items) == 1
    assert community.read_events(None, 2).items[0] == oldest.items[0]
    assert oldest.next_cursor != community.head()

    for read in (
        lambda: community.read_events("senseless", 10),
        lambda: community.partner_ids("senseless"),
    ):
        with pytest.raises(CursorExpired):
            read()


def test_trading_grid_token_when_it_expires_then_it_is_fetched_anew(
    community: CommunityClient, trading_grid_url: str
) -> None:
    community.programs()
    Emulator(trading_grid_url).order("faults", {"kind": "expire_token"})

    assert community.programs()


def test_trading_grid_errors_when_they_come_in_the_older_shape_then_they_are_understood(
    community: CommunityClient, trading_grid_url: str
) -> None:
    Emulator(trading_grid_url).order(
        "faults", {"kind": "legacy_error", "path": "/community/v1/cases*"}
    )

    with pytest.raises(Unavailable) as caught:
        community.record("cases/case_1")

    assert caught.value.vendor_code == "TG-500"


def test_trading_grid_status_when_nobody_knows_it_then_it_is_kept(
    community: CommunityClient, trading_grid_url: str
) -> None:
    ids = all_partner_ids(community)[:1]
    Emulator(trading_grid_url).order(
        "faults", {"kind": "unknown_enum", "path": "/community/v1/partners"}
    )

    assert community.partners(ids).records[0].status == "quantum"


def test_trading_grid_credentials_when_they_are_wrong_then_it_is_unauthenticated(
    trading_grid_url: str, http: httpx.Client
) -> None:
    auth = trading_grid_auth(
        "apigrid", {"consumerKey": "wrong", "consumerSecret": "wrong"}, base_url=trading_grid_url
    )

    with pytest.raises(Unauthenticated):
        CommunityClient(
            http, auth, base_url=Emulator(trading_grid_url).info()["communityBaseUrl"]
        ).programs()


def test_directory_when_it_is_read_then_opentexts_paths_answer(
    trading_grid_url: str, http: httpx.Client
) -> None:
    hub = CompanyId(Emulator(trading_grid_url).info()["companyId"])
    directory = DirectoryClient(http, grid_auth(trading_grid_url), base_url=trading_grid_url)

    partners = directory.partner_directory(hub)
    wanted = next(partner for partner in partners if partner.trading_addresses)

    assert directory.partner_directory(hub, partner_company_id=wanted.company_id) == [wanted]
    assert wanted in directory.partner_directory(hub, partner_company_name=wanted.name)
    assert wanted in directory.partner_directory(hub, trading_address=wanted.trading_addresses[0])


def test_users_of_the_directory_when_they_vanish_or_are_deactivated_then_the_others_stay(
    trading_grid_url: str, http: httpx.Client
) -> None:
    info = Emulator(trading_grid_url).info()
    directory = DirectoryClient(http, grid_auth(trading_grid_url), base_url=trading_grid_url)
    partner = directory.partner_directory(CompanyId(info["companyId"]))[0].company_id
    users = [{"companyId": partner, "loginId": f"{name}@x.example"} for name in ("ada", "bo", "cy")]
    control = f"{trading_grid_url}/__emulator/users"
    http.post(control, json={"users": users})
    before = {user.login_id: user.user_id for user in directory.company_users(partner)}

    changes = {"removed": ["ada@x.example"], "statuses": {"bo@x.example": "Inactive"}}
    http.post(control, json=changes)

    after = {user.login_id: user for user in directory.company_users(partner)}
    assert {login: user.user_id for login, user in after.items()} == {
        login: before[login] for login in ("bo@x.example", "cy@x.example")
    }
    assert [login for login, user in after.items() if user.is_inactive] == ["bo@x.example"]

    http.post(control, json={"added": [{"companyId": partner, "loginId": "di@x.example"}]})

    last = {user.login_id: user.user_id for user in directory.company_users(partner)}
    assert last.keys() == {*after, "di@x.example"}
    assert last["di@x.example"] not in before.values()
