"""The soak test's model of a Wix site does what the emulator does: the same calls on both."""

import io
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from emulators.wix.auth import USER
from gridwix.clients.wix import patch
from gridwix.clients.wix.media import PART, RESUMABLE_FROM
from gridwix.clients.wix.patch import FieldModification
from gridwix.models.files import NewFile
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import MEMBER_SETTINGS, PARTNER_LINKS, PARTNER_STATUS
from gridwix.models.portal.sections import Section
from gridwix.models.wix import BulkOutcome, DataItem, Page
from gridwix.partner_messenger.dispatches import MemberMessage, Text
from ops.waiting import wait_for
from tests.contract.soak_wix_worlds import LAG, START, Clients, Worlds, two_worlds

COLLECTIONS = (PARTNER_STATUS, PARTNER_LINKS, CollectionId("NoSuchCollection"))
MEMBERS = [f"7be4f2a6-91c5-4d83-a1b7-2c9e5d8f0a4{number}" for number in range(4)]


@pytest.fixture
def worlds() -> Iterator[Worlds]:
    with two_worlds() as both:
        yield both


class Dice:
    """Random values and calls, few enough to meet again."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def one[T](self, *choices: T) -> T:
        return self.random.choice(choices)

    def id(self) -> WixItemId:
        return WixItemId(f"p{self.random.randrange(25):02}")

    def ids(self) -> list[WixItemId]:
        return sorted({self.id() for _ in range(self.random.randrange(1, 12))})

    def value(self) -> Any:
        when = datetime.fromtimestamp(START, UTC) + timedelta(hours=self.random.randrange(5))
        return self.one("a", "b", "é", 1, 2.5, True, None, when, ["a", "b"], [], {"x": {"y": 1}})

    def item(self, identifier: WixItemId) -> DataItem:
        names = ("status", "partnerId", "number", "when", "tags", "nested")
        data = {name: self.value() for name in names if self.random.random() < 0.6}
        if self.random.random() < 0.02:
            data["long"] = "x" * 500_000
        if self.random.random() < 0.02:
            data["partnerId"] = "x" * 990
        return DataItem(identifier, data)

    def items(self) -> list[DataItem]:
        return [self.item(identifier) for identifier in self.ids()]

    def modification(self) -> FieldModification:
        name = self.one("status", "number", "tags", "nested.x.y", "nested.z", "_id")
        return self.one(
            patch.set_field(name, self.value()),
            patch.remove_field(name),
            patch.increment_field(name, self.one(1, 2.5)),
            patch.append_to_array(name, self.value()),
            patch.remove_from_array(name, "a"),
        )

    def modifications(self) -> list[FieldModification]:
        return [self.modification() for _ in range(self.random.randrange(1, 3))]

    def condition(self) -> Any:
        operators = {
            "$eq": self.value(),
            "$ne": self.value(),
            "$in": [self.value(), self.value()],
            "$hasSome": ["a", "c"],
            "$gt": self.value(),
            "$gte": self.value(),
            "$lt": self.value(),
            "$lte": self.value(),
            "$exists": self.one(True, False),
            "$nope": 1,
        }
        if self.random.random() < 0.3:
            return self.value()
        kept = self.random.sample(sorted(operators)[:-2], self.random.randrange(1, 3))
        if self.random.random() < 0.03:
            kept.append("$nope")
        return {operator: operators[operator] for operator in kept}

    def filter(self, depth: int = 0) -> dict[str, Any]:
        ids = {
            "$in": self.ids(),
            "$gt": self.id(),
            "$lte": self.id(),
        }
        kinds: list[Callable[[], dict[str, Any]]] = [
            dict,
            lambda: {"_id": {name: ids[name] for name in ("$gt", "$lte")}},
            lambda: {"_id": {"$in": ids["$in"]}},
            lambda: {"_id": self.id()},
            lambda: {self.one("status", "partnerId", "number", "when", "tags"): self.condition()},
            lambda: {"partnerId": {"$in": ["a", "b"]}, "status": self.condition()},
            lambda: {"nested.x.y": self.condition()},
        ]
        if depth < 2:
            kinds.append(
                lambda: {self.one("$and", "$or"): [self.filter(depth + 1), self.filter(depth + 1)]}
            )
        return self.random.choice(kinds)()


def outcome(result: BulkOutcome) -> Any:
    """The outcome of a bulk call without Wix's words."""
    return sorted(result.written), [(one.item_id, one.code) for one in result.refused]


def page_of(page: Page, *, in_order: bool) -> Any:
    """A page without its cursor, whose form is each site's own."""
    items = page.items if in_order else sorted(page.items, key=lambda item: item.id)
    return items, page.cursor is None, page.total


def a_write(dice: Dice, collection: CollectionId) -> Callable[[Clients], Any]:
    identifier, items, ids = dice.id(), dice.items(), dice.ids()
    item = dice.item(identifier)
    patches = {one: dice.modifications() for one in ids}
    sets: Mapping[WixItemId, Any] = {one: {"status": dice.value()} for one in ids}
    modifications = dice.modifications()

    def bulk_patch(clients: Clients) -> Any:
        changed, refused = clients.data.bulk_patch(collection, patches)
        return changed, [(one.item_id, one.code) for one in refused]

    return dice.one(
        lambda clients: clients.data.insert_item(collection, item),
        lambda clients: clients.data.save_item(collection, item),
        lambda clients: clients.data.patch_item(collection, identifier, modifications),
        lambda clients: clients.data.remove_item(collection, identifier),
        lambda clients: outcome(clients.data.bulk_save(collection, items)),
        lambda clients: outcome(clients.data.bulk_insert(collection, items)),
        lambda clients: outcome(clients.data.bulk_set(collection, sets)),
        lambda clients: outcome(clients.data.bulk_remove(collection, ids)),
        bulk_patch,
    )


def a_read(dice: Dice, collection: CollectionId) -> Callable[[Clients], Any]:
    identifier, ids, filter_ = dice.id(), dice.ids(), dice.filter()
    consistent, in_order = dice.one(True, False), dice.one(True, False)
    name, order = dice.one("status", "number", "when", "_id"), dice.one("ASC", "DESC")
    sort: Any = [(name, order), ("_id", "ASC")] if in_order else []
    fields = dice.one([], ["status", "nested.x"])
    # Without an order, rows are compared as a set: all of them must be on the page.
    limit, offset = (dice.one(1, 5, 1000), dice.one(0, 3)) if in_order else (1000, 0)

    def query(clients: Clients) -> Any:
        page = clients.data.query_items(
            collection,
            filter=filter_,
            sort=sort,
            fields=fields,
            limit=limit,
            offset=offset,
            consistent=consistent,
            total=True,
        )
        return page_of(page, in_order=in_order)

    def by_cursor(clients: Clients) -> Any:
        first = clients.data.query_items(collection, filter=filter_, sort=sort, limit=4)
        found, cursor = [*first.items], first.cursor
        while cursor is not None:
            page = clients.data.query_items(collection, limit=4, cursor=cursor)
            found, cursor = [*found, *page.items], page.cursor
        return found if in_order else sorted(found, key=lambda item: item.id)

    when = datetime.fromtimestamp(START, UTC) + timedelta(hours=2)
    return dice.one(
        query,
        query,
        query,
        by_cursor,
        lambda clients: clients.data.get_item(collection, identifier, consistent=consistent),
        lambda clients: clients.data.count_items(collection, filter=filter_, consistent=consistent),
        lambda clients: clients.data.items(collection, ids),
        lambda clients: sorted(
            clients.data.items_where(collection, "partnerId", "a"), key=lambda item: item.id
        ),
        lambda clients: clients.data.items_before(
            collection, "when", when, fields=["status"], skip=1
        ),
    )


@pytest.mark.parametrize("seed", range(3))
def test_data_when_the_same_calls_are_made_then_both_sites_answer_alike(
    worlds: Worlds, seed: int
) -> None:
    dice = Dice(seed)
    for step in range(120):
        collection = dice.random.choices(COLLECTIONS, (80, 17, 3))[0]
        call = dice.one(a_write, a_read)(dice, collection)
        worlds.both(call, f"seed {seed}, step {step}")
        worlds.advance(dice.one(0.0, 0.37, 2.0))
    for collection in COLLECTIONS[:2]:
        rows = worlds.emulator.tables.table(collection).rows
        assert dict(worlds.model.rows(collection)) == {
            identifier: row.data for identifier, row in rows.items()
        }


BAD_BODIES: list[tuple[str, str, Any]] = [
    ("POST", "items", {"dataCollectionId": "PartnerStatus", "dataItem": "x"}),
    ("POST", "items", {"dataItem": {"data": {}}}),
    ("POST", "items/save", {"dataCollectionId": "PartnerStatus", "dataItem": {"data": {"$a": 1}}}),
    ("POST", "items/save", {"dataCollectionId": "PartnerStatus", "dataItem": {"data": {"a b": 1}}}),
    (
        "POST",
        "items/save",
        {"dataCollectionId": "PartnerStatus", "dataItem": {"id": "a/b", "data": {}}},
    ),
    ("POST", "bulk/items/save", {"dataCollectionId": "PartnerStatus"}),
    ("POST", "bulk/items/save", {"dataCollectionId": "PartnerStatus", "dataItems": {}}),
    ("POST", "bulk/items/save", {"dataCollectionId": "PartnerStatus", "dataItems": [{"id": "a"}]}),
    (
        "POST",
        "bulk/items/insert",
        {"dataCollectionId": "PartnerStatus", "dataItems": [{"data": {}}] * 1001},
    ),
    (
        "POST",
        "bulk/items/remove",
        {"dataCollectionId": "PartnerStatus", "dataItemIds": ["a"] * 1001},
    ),
    ("POST", "bulk/items/patch", {"dataCollectionId": "PartnerStatus", "patches": ["x"]}),
    ("PATCH", "items/p1", {"dataCollectionId": "PartnerStatus", "patch": {}}),
    ("POST", "items/query", {"dataCollectionId": "PartnerStatus", "query": {"filter": []}}),
    (
        "POST",
        "items/query",
        {"dataCollectionId": "PartnerStatus", "query": {"paging": {"limit": 1001}}},
    ),
    (
        "POST",
        "items/query",
        {"dataCollectionId": "PartnerStatus", "query": {"cursorPaging": {"limit": 101}}},
    ),
    (
        "POST",
        "items/query",
        {"dataCollectionId": "PartnerStatus", "query": {"cursorPaging": {"cursor": "?"}}},
    ),
    (
        "POST",
        "items/query",
        {"dataCollectionId": "PartnerStatus", "query": {"sort": [{"order": "ASC"}]}},
    ),
    ("POST", "items/count", {"dataCollectionId": "PartnerStatus", "filter": {"$x": []}}),
    ("POST", "items/count", b"["),
    ("POST", "items/count", b'["x"]'),
    ("POST", "bulk/items/save", b'{"x":"' + b"x" * 5_000_000 + b'"}'),
]


@pytest.mark.parametrize(("method", "path", "body"), BAD_BODIES)
def test_data_when_a_call_is_malformed_then_both_sites_refuse_it_alike(
    shared: Worlds, method: str, path: str, body: Any
) -> None:
    found = shared.both(
        lambda clients: clients.site.call("bad", method, f"/wix-data/v2/{path}", body=body)
    )

    assert isinstance(found, tuple)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("levels", [50, 51, 52, 53])
def test_item_when_it_is_nested_then_both_sites_have_the_same_limit(
    shared: Worlds, levels: int
) -> None:
    item = DataItem(WixItemId("deep"), {"tags": deep(levels)})
    other = DataItem(WixItemId("flat"), {"tags": []})

    shared.both(lambda clients: outcome(clients.data.bulk_save(PARTNER_STATUS, [other, item])))
    shared.both(
        lambda clients: (
            clients.data.bulk_patch(
                PARTNER_STATUS, {WixItemId("flat"): [patch.set_field("a", deep(levels))]}
            )[1]
            and "refused"
        )
    )
    shared.both(lambda clients: clients.data.items(PARTNER_STATUS, [WixItemId("flat")]))


@pytest.fixture(scope="module")
def shared() -> Iterator[Worlds]:
    """Both sites, for calls that hardly change anything."""
    with two_worlds() as both:
        yield both


def test_site_when_the_minute_is_used_up_then_both_refuse_until_the_next() -> None:
    with two_worlds(quota=20) as worlds:
        answers = [
            worlds.both(lambda clients: clients.data.count_items(PARTNER_STATUS)) for _ in range(23)
        ]
        other = worlds.both(lambda clients: clients.inbox._conversation_id("c"))
        worlds.advance(60.0)
        after = worlds.both(lambda clients: clients.data.count_items(PARTNER_STATUS))

    refused = ("Throttled", "WDE0014", 429, None)
    assert answers == [0] * 20 + [refused] * 3
    assert other == ("Throttled", "RESOURCE_EXHAUSTED", 429, None)
    assert after == 0
    assert len(worlds.model.above_quota) == 4
    assert len(worlds.model.calls) == 25


def test_credentials_when_they_are_wrong_then_both_sites_refuse_them(shared: Worlds) -> None:
    def call(clients: Clients) -> Any:
        clients.site.call("x", "POST", "/wix-data/v2/items/count", body={})

    kept = [clients.site._sender._auth for clients in (shared.on_model, shared.on_emulator)]
    for clients, auth in zip((shared.on_model, shared.on_emulator), kept, strict=True):
        clients.site._sender._auth = type(auth)("wrong", "wrong")  # type: ignore[call-arg]
    wrong_key = shared.both(call)
    for clients, auth in zip((shared.on_model, shared.on_emulator), kept, strict=True):
        clients.site._sender._auth = type(auth)(auth._key, "wrong")  # type: ignore[call-arg,attr-defined]
    wrong_site = shared.both(call)
    for clients, auth in zip((shared.on_model, shared.on_emulator), kept, strict=True):
        clients.site._sender._auth = auth

    assert wrong_key == ("Unauthenticated", "UNAUTHENTICATED", 401, None)
    assert wrong_site == ("Forbidden", "PERMISSION_DENIED", 403, None)


def test_numbers_of_changes_when_they_grow_then_both_sites_tell_the_same(worlds: Worlds) -> None:
    readers = [f"GC{number}" for number in range(3)] + ["everybody"]
    for step in range(4):
        sections: list[Section] = ["status", "issues"]
        changes = dict.fromkeys(readers[step % 2 :], sections[: 1 + step % 2])
        at = datetime.fromtimestamp(worlds.scheduler.now, UTC)

        def change(clients: Clients, changes: Any = changes, at: datetime = at) -> Any:
            clients.changes.tell(at, ["issues"])
            return clients.changes.increase(changes)

        worlds.both(change)
        worlds.advance(1.0)

    worlds.both(
        lambda clients: clients.data.items(
            CollectionId("PortalChanges"), [*map(WixItemId, readers)]
        )
    )


def settle(worlds: Worlds) -> None:
    """Let both sites process the files that were uploaded."""
    worlds.advance(1.0)
    files = worlds.emulator.media.files
    wait_for(
        lambda: all(file["operationStatus"] != "PENDING" for file in files.all()), "READY files"
    )


def upload(worlds: Worlds, name: str, content: bytes, media_type: str = "application/pdf") -> Any:
    """Upload a file to both sites. Its name becomes that of its id."""
    size = len(content)

    def send(clients: Clients) -> Any:
        pieces = iter([content[start : start + PART] for start in range(0, size, PART)])
        file = clients.media.upload(NewFile(name, media_type, size, True, f"label {name}"), pieces)
        clients.name(file.file_id, name)
        return file

    result = worlds.both(send)
    worlds.advance(0.1)
    return result


def test_files_when_they_are_uploaded_read_and_removed_then_both_sites_agree(
    worlds: Worlds,
) -> None:
    big = bytes(range(256)) * (RESUMABLE_FROM // 256 + 4000)
    contents = {"Guide é.pdf": b"%PDF", "two.pdf": b"%PDF 2", "big.pdf": big, "same.pdf": b"%PDF"}
    worlds.both(lambda clients: clients.media.uploads())
    for name, content in contents.items():
        upload(worlds, name, content)
    names = list(contents)

    def ids(clients: Clients) -> list[str]:
        return [clients.id_of(name) for name in names]

    def lost(clients: Clients) -> Any:
        return clients.media.lost([*ids(clients), "missing"])

    def listed(clients: Clients) -> Any:
        # The emulator processes files in no order of its own.
        return sorted(clients.media._list_folder(), key=lambda file: sorted(file.labels))

    def download(clients: Clients) -> Any:
        target = io.BytesIO()
        url = clients.media.download_url(clients.id_of("two.pdf"), 5)
        return clients.files.fetch(url, target, 1000), target.getvalue()

    def labelled(clients: Clients) -> Any:
        label, since = "label big.pdf", worlds.scheduler.now - 0.15
        return clients.media.labelled(label, START), clients.media.labelled(label, since)

    settle(worlds)
    worlds.both(lambda clients: clients.media.files(ids(clients)))
    worlds.both(download)
    worlds.both(lost)
    worlds.both(labelled)
    worlds.both(lambda clients: clients.media.download_url("missing", 5))
    worlds.both(lambda clients: clients.media.remove([clients.id_of("two.pdf"), "missing"]))
    worlds.both(lambda clients: clients.media.file(clients.id_of("two.pdf")))
    worlds.both(lambda clients: clients.media.files(ids(clients)))
    worlds.both(lost)
    worlds.both(listed)
    worlds.model.library.trash(worlds.on_model.id_of("big.pdf"))
    worlds.emulator.media.trash.delete_files([worlds.on_emulator.id_of("big.pdf")], permanent=False)
    worlds.both(lambda clients: clients.media.download_url(clients.id_of("big.pdf"), 5))
    worlds.both(lost)
    worlds.both(listed)
    assert worlds.model.library._used == 2 * len(b"%PDF") + len(big)
    # Two files with the same bytes.
    for name in ("Guide é.pdf", "same.pdf"):

        def remove(clients: Clients, name: str = name) -> None:
            clients.media.remove([clients.id_of(name)])

        worlds.both(remove)
    worlds.both(listed)
    assert worlds.model.library._used == len(big)


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [
        ("a.pdf", "application/pdf", b""),
        ("a.png", "application/pdf", b"x"),
        ("a.pdf", "no type", b"x"),
        ("a.unknown", "application/pdf", b"x"),
        ("noextension", "text/csv", b"x"),
        ("orders.edi", "application/octet-stream", b"x"),
    ],
)
def test_file_when_its_type_or_size_is_wrong_then_both_sites_treat_it_alike(
    shared: Worlds, name: str, media_type: str, content: bytes
) -> None:
    upload(shared, name, content, media_type)


def test_download_when_its_link_has_expired_then_it_is_refused(worlds: Worlds) -> None:
    upload(worlds, "a.pdf", b"%PDF")
    settle(worlds)
    urls = {
        id(clients): clients.media.download_url(clients.id_of("a.pdf"), 1)
        for clients in (worlds.on_model, worlds.on_emulator)
    }

    def fetch(clients: Clients) -> Any:
        return clients.files.fetch(urls[id(clients)], io.BytesIO(), 100).size

    assert worlds.both(fetch) == 4
    worlds.advance(61.0)
    assert worlds.both(fetch)[0] == "FileRefused"


def members_of_both(worlds: Worlds) -> None:
    """Let the same people become members of both sites."""
    model, emulator = worlds.model.people, worlds.emulator
    for number, member_id in enumerate(MEMBERS):
        email, status = f"m{number}@example.com", "BLOCKED" if number == 3 else "APPROVED"
        mine = model.add_member(email, member_id=member_id, status=status)
        theirs = emulator.members.create(
            {"id": member_id, "loginEmail": email, "status": status}, USER
        )
        worlds.on_model.name(mine["contactId"], f"contact {number}")
        worlds.on_emulator.name(theirs["contactId"], f"contact {number}")


def test_people_when_they_change_then_both_sites_show_the_same_members_and_contacts(
    worlds: Worlds,
) -> None:
    members_of_both(worlds)
    links = [
        DataItem(WixItemId(f"l{number}"), {"memberId": member, "partnerId": partner, "role": "r"})
        for number, (member, partner) in enumerate(
            [(MEMBERS[0], "GC1"), (MEMBERS[1], "GC1"), (MEMBERS[1], "GC2"), ("", "GC2")]
        )
    ]
    settings = [
        DataItem(
            WixItemId(f"{number}f"),
            {"memberId": MEMBERS[number], "setting": "language", "value": "de", "partnerId": "GC1"},
        )
        for number in range(2)
    ]
    worlds.both(lambda clients: outcome(clients.data.bulk_save(PARTNER_LINKS, links)))
    worlds.both(lambda clients: outcome(clients.data.bulk_save(MEMBER_SETTINGS, settings)))

    def look() -> Any:
        partners = [PartnerId("GC1"), PartnerId("GC2"), PartnerId("GC3")]
        everyone = [*MEMBERS, "nobody"]
        worlds.both(lambda clients: clients.directory.partner_links(partners))
        worlds.both(lambda clients: clients.links.partners_of(everyone))
        worlds.both(lambda clients: clients.directory.member_settings(everyone))
        worlds.both(lambda clients: clients.directory.personal_rows("0"))
        worlds.both(lambda clients: sorted(clients.directory.existing_members(everyone)))
        worlds.both(lambda clients: sorted(clients.directory.member_links(everyone)))
        found = worlds.both(lambda clients: clients.directory.member_contacts(everyone))
        return {one["member_id"]: one for one in found["records"]}

    assert look().keys() == set(MEMBERS[:3])
    worlds.advance(2 * LAG)
    look()
    model, emulator = worlds.model.people, worlds.emulator
    model.change_contact(worlds.on_model.id_of("contact 0"), deliverability="BOUNCED")
    emulator.contacts.set_subscription(
        worlds.on_emulator.id_of("contact 0"), {"deliverabilityStatus": "BOUNCED"}, USER
    )
    model.change_contact(worlds.on_model.id_of("contact 1"), locale="de-de")
    emulator.contacts.update(worlds.on_emulator.id_of("contact 1"), 1, {"locale": "de-de"}, USER)
    model.remove_member(MEMBERS[2])
    emulator.members.remove(MEMBERS[2], USER)
    assert look()[MEMBERS[0]]["deliverability"] == "NOT_SET"
    worlds.advance(LAG)
    after = look()
    assert after[MEMBERS[0]]["deliverability"] == "BOUNCED"
    assert after[MEMBERS[1]]["locale"] == "de-de"
    assert MEMBERS[2] not in after
    model.remove_contact(worlds.on_model.id_of("contact 2"))
    emulator.contacts.remove(worlds.on_emulator.id_of("contact 2"), USER)
    model.change_member(MEMBERS[1], status="BLOCKED")
    emulator.members.set_status(MEMBERS[1], "BLOCKED", USER)
    assert look().keys() == {MEMBERS[0]}


def message(number: int, contact_id: str, body: str = "Body") -> MemberMessage:
    return MemberMessage(
        id=f"m{number}",
        campaign="campaign",
        kind="kind",
        contact_id=contact_id,
        email="m0@example.com",
        locale="en",
        text=Text(title="Title", body=body),
    )


def test_messages_when_they_are_sent_then_both_sites_have_the_same_ones(worlds: Worlds) -> None:
    members_of_both(worlds)
    for number in (1, 2, 2, 3):
        for name in ("contact 0", "contact 1", "nobody"):
            body = "x" * 11_000 if number == 3 else f"Body {number}"

            def post(
                clients: Clients, number: int = number, name: str = name, body: str = body
            ) -> None:
                identifier = clients.id_of(name) if name != "nobody" else name
                clients.inbox.send_message(message(number, identifier, body))

            worlds.both(post)

        def mail(clients: Clients, number: int = number) -> None:
            clients.mail.send_message(message(number, clients.id_of("contact 0")))

        worlds.both(mail)

    inbox = [
        (one["content"]["basic"]["items"][0]["text"], worlds.on_emulator.names[one["contactId"]])
        for one in worlds.emulator.inbox.all()
    ]
    mails = [
        (one["messageId"], one["subject"], one["body"], one["email"])
        for one in worlds.emulator.automations.sent_mails()
    ]
    sent = worlds.model.sent
    assert inbox == [
        (one.body, worlds.on_model.names[one.contact_id]) for one in sent if one.channel == "inbox"
    ]
    assert mails == [
        (one.message_id, one.subject, one.body, one.email) for one in sent if one.channel == "email"
    ]
    assert {one.member_id for one in sent} == {MEMBERS[0], MEMBERS[1]}
    assert worlds.model.messages.repeated_mails == 1
