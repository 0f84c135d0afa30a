"""The directory source, against OpenText's paths in the Trading Grid emulator and hostile ones."""

from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid.app import build_app
from emulators.trading_grid.tenant import new_tenant
from gridwix_gateway.documents import Document
from gridwix_gateway.sources.directory.declaration import DirectoryDeclaration
from gridwix_gateway.sources.directory.entries import MAX_ADDRESSES
from gridwix_gateway.sources.directory.run import DirectorySource
from tests.fakes.gateway.source_runs import EXAMPLES, SECRETS, World, load_declaration

COMPANY = "GC00700011NR"
DIRECTORY = f"/TGCommunityServices/v1/companies/{COMPANY}/partnerDirectory"
PRAIRIE = {
    "partnerCompanyId": "GC1",
    "partnerCompanyName": "Prairie Gold Foods",
    "tradingAddresses": ["ZZ:PRAIRIEGOLD"],
}


@pytest.fixture(autouse=True)
def store_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = {
        "client_id": "emulator-consumer-key",
        "client_secret": "emulator-consumer-secret",
    }
    monkeypatch.setitem(SECRETS, "trading-grid", credentials)


def make_source(**changes: Any) -> DirectorySource:
    declared = load_declaration(EXAMPLES / "directory.yaml") | changes
    return DirectorySource("directory", DirectoryDeclaration.model_validate(declared))


class Directory:
    """OpenText's gateway with a directory that a test writes. Called by httpx."""

    def __init__(self, *entries: Any) -> None:
        self.document: Any = {"partners": list(entries)}
        self.users: dict[str, Any] = {}
        self.paths: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        if request.url.path == "/v1/oauth2/tokens":
            return httpx.Response(200, json={"access_token": "t"})
        if request.url.path == DIRECTORY:
            return httpx.Response(200, json=self.document)
        company = request.url.path.split("/")[-2]
        if company in self.users:
            return httpx.Response(200, json={"users": self.users[company]})
        return httpx.Response(403, json={"status": 403, "message": "The company is not yours"})


def partners(world: World) -> dict[str, Document]:
    known = ("GC070000000101", "GC055120098871")
    return {key: one for key, one in world.records("partners").items() if key not in known}


def test_directory_when_the_emulator_serves_it_then_its_partners_are_records() -> None:
    tenant = new_tenant()
    with thread(build_app(tenant)) as url:
        world = World(lambda request: httpx.Client().send(request))

        report = world.run_source(make_source(url=url))

    assert (report.outcome, report.warnings) == ("complete", ())
    found = world.records("partners")["GC070000000101"]
    assert found["name"] == "Prairie Gold Foods"
    assert {"qualifier": "ZZ", "id": "PRAIRIEGOLD"} in found["tradingAddresses"]
    assert {"scheme": "gln", "value": "0614141000524"} in found["identifiers"]
    assert report.counts.rows == len(world.records("partners")) >= 3


def test_directory_when_read_again_then_nothing_changes() -> None:
    world = World(Directory(PRAIRIE))
    world.run_source(make_source())
    events = world.last_event()

    report = world.run_source(make_source())

    assert report.counts.unchanged == 1
    assert world.last_event() == events


@pytest.mark.parametrize(
    "document",
    [
        [PRAIRIE],
        {"tradingPartners": [PRAIRIE]},
        {"entries": [{"companyId": "GC1", "name": "Prairie Gold Foods",
                      "tradingAddress": {"qualifier": "ZZ", "id": "PRAIRIEGOLD"}}]},
        {"data": [{"buid": "GC1", "companyName": "Prairie Gold Foods", "tradingAddress": "ZZ:X"},
                  {"buid": "GC1", "companyName": "Prairie", "tradingAddress": "ZZ:PRAIRIEGOLD"}]},
    ],
)  # fmt: skip
def test_entry_when_members_have_other_names_then_it_is_read(document: Any) -> None:
    api = Directory()
    api.document = document
    world = World(api)

    world.run_source(make_source())

    partner = partners(world)["GC1"]
    assert partner["name"] == "Prairie Gold Foods"
    assert partner["tradingAddresses"][0] == {"qualifier": "ZZ", "id": "PRAIRIEGOLD"}
    assert (partner["status"], partner["role"]) == ("active", "supplier")


@pytest.mark.parametrize("document", [{}, "x", 7, {"partners": {"id": "GC1"}}])
def test_directory_when_it_has_no_list_then_nothing_changes(document: Any) -> None:
    api = Directory()
    api.document = document
    world = World(api)

    report = world.run_source(make_source(missing="terminate"))

    assert report.fault == "no-rows"
    assert partners(world) == {}


def test_entry_when_it_cannot_be_read_then_the_others_go_through() -> None:
    world = World(Directory(PRAIRIE, 7, {"name": "no id"}, {"id": "GC2", "name": ""}))

    report = world.run_source(make_source())

    assert list(partners(world)) == ["GC1"]
    assert (report.counts.changed, report.counts.refused) == (1, 3)


def test_entry_when_its_partner_is_too_large_then_it_alone_is_refused() -> None:
    """A row of the directory has one record, so its number of items fits every commit."""
    names = ("usage", "standard", "van")
    addresses = [
        {"qualifier": f"{number:0250}", "id": "x" * 250} | dict.fromkeys(names, "ä" * 250)
        for number in range(MAX_ADDRESSES)
    ]
    large = {**PRAIRIE, "partnerCompanyId": "GC2", "tradingAddresses": addresses}
    world = World(Directory(PRAIRIE, large, {**PRAIRIE, "partnerCompanyId": "GC3"}))
    source = make_source()

    report = world.run_source(source)

    assert (report.outcome, report.fault) == ("complete", "")
    assert sorted(partners(world)) == ["GC1", "GC3"]
    assert world.refused_codes(source) == {"GC2": ["payload-too-large"]}


def test_entries_when_many_cannot_be_read_then_the_run_stops_and_nothing_changes() -> None:
    world = World(Directory(PRAIRIE, *({"id": f"GC{n}", "title": "x"} for n in range(2, 9))))

    report = world.run_source(make_source())

    assert report.fault == "too-many-refused"
    assert partners(world) == {}


def test_value_when_it_cannot_be_read_then_it_is_left_out_and_said() -> None:
    entry = PRAIRIE | {
        "identifiers": [
            {"scheme": "gln", "value": "0614141000525"},
            {"scheme": "gln", "value": "614141000524"},
            {"scheme": "duns", "value": "12345"},
            {"scheme": "vendor_number", "value": "V1"},
        ],
        "duns": "12345678",
        "tradingAddresses": ["PRAIRIEGOLD", "ZZ:PRAIRIEGOLD", None, 7],
    }
    world = World(Directory(entry))

    report = world.run_source(make_source())

    assert report.warnings == ("values-omitted",)
    partner = partners(world)["GC1"]
    assert partner["tradingAddresses"] == [{"qualifier": "ZZ", "id": "PRAIRIEGOLD"}]
    assert partner["identifiers"] == [
        {"scheme": "duns", "value": "012345678"},
        {"scheme": "gln", "value": "0614141000524"},
        {"scheme": "vendor_number", "value": "V1"},
    ]


def test_new_partner_when_its_defaults_change_then_known_partners_keep_theirs() -> None:
    api = Directory(PRAIRIE)
    world = World(api)
    world.run_source(make_source())
    api.document = [PRAIRIE, PRAIRIE | {"partnerCompanyId": "GC2"}]

    report = world.run_source(make_source(new_partner={"status": "onboarding", "role": "carrier"}))

    assert report.counts.changed == 1
    found = {key: (one["status"], one["role"]) for key, one in partners(world).items()}
    assert found == {"GC1": ("active", "supplier"), "GC2": ("onboarding", "carrier")}


def test_partner_when_it_is_missing_then_the_declaration_decides() -> None:
    others = [{"id": f"GC{number}", "name": "X"} for number in range(2, 5)]
    api = Directory(PRAIRIE, *others)
    world = World(api)
    world.run_source(make_source())
    api.document = others

    world.run_source(make_source(missing="keep"))
    assert partners(world)["GC1"]["status"] == "active"
    report = world.run_source(make_source(missing="terminate"))
    assert (partners(world)["GC1"]["status"], report.counts.changed) == ("terminated", 1)
    assert world.run_source(make_source(missing="terminate")).counts.changed == 0
    api.document = [PRAIRIE, *others]
    world.run_source(make_source(missing="terminate"))
    assert partners(world)["GC1"]["status"] == "active"


@pytest.mark.parametrize(
    "entry", [{"name": "Prairie Gold Foods"}, PRAIRIE | {"partnerCompanyId": 1}]
)
def test_partner_when_an_entry_has_no_readable_id_then_it_is_not_terminated(entry: Any) -> None:
    others = [{"id": f"GC{number}", "name": "X"} for number in range(2, 5)]
    api = Directory(PRAIRIE, *others)
    world = World(api)
    world.run_source(make_source())
    api.document = [entry, *others]

    report = world.run_source(make_source(missing="terminate"))

    assert partners(world)["GC1"]["status"] == "active"
    assert report.warnings == ("missing-kept",)


def test_partners_when_many_are_missing_then_nothing_changes() -> None:
    api = Directory(*({"id": f"GC{number}", "name": "X"} for number in range(1, 9)))
    world = World(api)
    world.run_source(make_source())
    api.document = [{"id": "GC1", "name": "changed"}]

    report = world.run_source(make_source(missing="terminate"))

    assert report.fault == "too-many-missing"
    assert {one["name"] for one in partners(world).values()} == {"X"}


def test_contacts_when_users_may_be_read_then_they_follow_the_partners() -> None:
    api = Directory(PRAIRIE)
    api.users["GC1"] = [
        {"userId": "u2", "firstName": "Dana", "lastName": "Whitfield", "status": "Active",
         "contactInformation": {"email": "dana@prairie.example"}},
        {"uniqueId": "u1", "firstName": "Old", "status": "Inactive"},
        {"firstName": "no id"},
    ]  # fmt: skip
    world = World(api)

    report = world.run_source(make_source(contacts="users"))

    assert report.warnings == ("values-omitted",)
    assert partners(world)["GC1"]["contacts"] == [
        {"id": "u2", "userId": "u2", "role": "edi", "name": "Dana Whitfield",
         "email": "dana@prairie.example"}
    ]  # fmt: skip
    world.run_source(make_source(contacts="users"))
    assert partners(world)["GC1"]["version"] == 2


def test_contacts_when_the_account_may_not_read_them_then_few_requests_ask() -> None:
    api = Directory(*({"id": f"GC{number}", "name": "X"} for number in range(1, 9)))
    world = World(api)

    report = world.run_source(make_source(contacts="users"))

    assert (report.outcome, report.warnings) == ("complete", ("contacts-denied",))
    assert len([path for path in api.paths if path.endswith("/users")]) == 3


def test_contacts_when_the_time_ends_then_the_next_run_goes_on_with_the_others() -> None:
    api = Directory(*({"id": f"GC{number}", "name": "X"} for number in range(1, 5)))
    world = World(api)
    user = {"userId": "u", "firstName": "A", "email": "a@b.example"}
    api.users = {f"GC{number}": [user] for number in range(1, 5)}
    slow = api.__call__

    def pass_time(request: httpx.Request) -> httpx.Response:
        world.clock.advance(seconds=60)
        return slow(request)

    world.replace_api(pass_time)

    reports = [world.run_source(make_source(contacts="users")) for _ in range(2)]

    assert [report.outcome for report in reports] == ["complete", "complete"]
    assert all(one["contacts"] for one in partners(world).values())
