"""A hub's system that deviates from the profile where its meaning is plain: each read and write of
the Trading Grid clients, over HTTP. ``docs/hub-systems.md`` lists what it may leave out.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app as trading_grid_app
from emulators.trading_grid.tenant import new_tenant
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.clients.trading_grid.record_pages import DATE_MARGIN
from gridwix.errors import RecordFault, Refused, Unavailable
from gridwix.mapping.comments import conversation
from gridwix.models.files import FileFacts
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.documents import NewDocumentVersion
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.requests import NewRequest, RequestRouting, Submitter
from gridwix.models.trading_grid.transitions import Transition
from gridwix.reconciler.sweep import KINDS
from ops.emulator import Emulator
from tests.fakes.deviating_server import (
    MOVED,
    DeviatingServer,
    Deviation,
    Reply,
    nulled,
    of_objects,
    without,
)

GUIDE = "doc_rg_2026"
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """The clients, and the server that deviates."""

    url: str
    server: DeviatingServer
    http: httpx.Client
    faults: list[RecordFault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.info = Emulator(self.url).info()
        self.hub = CompanyId(self.info["companyId"])
        auth, base = self.auth(), self.info["communityBaseUrl"]
        note = self.faults.append
        self.community = CommunityClient(self.http, auth, base_url=base, note=note)
        self.changed = ChangedRecordsClient(self.http, auth, base_url=base, note=note)
        self.directory = DirectoryClient(self.http, auth, base_url=self.url, hub=self.hub)
        self.lens = LensClient(
            self.http, auth, base_url=self.url, new_name=lambda: uuid.uuid4().hex
        )
        self.ids = self.community.partner_ids(None)[0]
        self.beginning = self.community.head()
        self.case = self.community.create_case(
            NewCase(partner_id=self.ids[0], subject="Labels", category="other", priority="low"),
            self.key(),
        )
        self.community.add_comment(self.case.id, NewComment(body="Which label?"), self.key())
        self.request = self.community.create_request(self.new_request(), self.key())
        comment = NewComment(body="The lower one.")
        self.community.add_request_comment(self.request.id, comment, self.key())

    def auth(self) -> httpx.Auth:
        credentials = {name: self.info[name] for name in ("consumerKey", "consumerSecret")}
        return trading_grid_auth("apigrid", credentials, base_url=self.url)

    def key(self) -> str:
        return str(uuid.uuid4())

    def new_request(self) -> NewRequest:
        return NewRequest(
            type="invoice_clarification",
            partner_id=self.ids[0],
            submitter=Submitter(name="Dana"),
            form_key="invoice-question",
            form_version=2,
            answers={"question": "Which price?"},
            routing=RequestRouting(team_key="ap-disputes", rule_key="invoice"),
            priority="normal",
            source_submission_id=self.key(),
        )

    def any_of(self, collection: str) -> str:
        """Name of a record of a collection."""
        page = self.changed.changed(collection, SINCE, None)
        return page.records[0].record

    def upload(self, content: bytes) -> str:
        """Announce and put the bytes of a version. Return the id of the upload."""
        facts = FileFacts(hashlib.sha256(content).hexdigest(), len(content))
        target = self.community.announce_upload(
            "a.pdf", "application/pdf", facts, "document_version"
        )
        httpx.put(target.put_url, content=content, follow_redirects=True).raise_for_status()
        return target.upload_id


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    server = DeviatingServer(trading_grid_app.build_app(new_tenant(partners=3)))
    with thread(server) as url, new_client() as http:
        yield World(url, server, http)


@pytest.fixture(autouse=True)
def undeviated(world: World) -> Iterator[None]:
    yield
    world.server.reset()
    world.faults.clear()


def single_read(collection: str) -> Callable[[World], object]:
    return lambda world: world.community.record(world.any_of(collection))


def changed_read(collection: str) -> Callable[[World], object]:
    return lambda world: world.changed.changed(collection, SINCE, None).records


def content(world: World) -> bytes:
    with world.community.content(GUIDE, 1) as pieces:
        return b"".join(pieces)


LISTS: dict[str, Callable[[World], Any]] = {
    "partners": lambda w: w.community.partners(w.ids).records,
    "every partner": lambda w: w.community.every_partner().records,
    "enrollments": lambda w: w.community.enrollments(w.ids).records,
    "compliance checks": lambda w: w.community.compliance_checks(w.ids).records,
    "cases": lambda w: w.community.cases(w.ids).records,
    "open cases": lambda w: w.community.open_cases(w.ids).records,
    "programs": lambda w: w.community.programs().records,
    "notices": lambda w: w.community.notices().records,
    "documents": lambda w: w.community.documents().records,
    "documents of partners": lambda w: w.community.documents_of(w.ids).records,
    "comments of a case": lambda w: w.community.comments(w.case.id).records,
    "comments of a request": lambda w: w.community.request_comments(w.request.id).records,  # type: ignore[union-attr]
}
READS: dict[str, Callable[[World], Any]] = {
    **LISTS,
    **{f"one of {one}": single_read(one) for one in KINDS},
    **{f"changed {one}": changed_read(one) for one in KINDS},
    "partner ids": lambda w: w.community.partner_ids(None),
    "document ids": lambda w: w.community.document_ids(None),
    "owned ids": lambda w: w.community.owned_ids("cases", None),
    "sent ids": lambda w: w.community.sent_ids(None),
    "capabilities": lambda w: w.community.collections_with_source(),
    "head of the feed": lambda w: w.community.head(),
    "feed": lambda w: w.community.read_events(w.beginning, 2).items,
    "directory": lambda w: w.directory.partner_directory(w.hub),
    "transactions": lambda w: w.lens.entries_of(["unknown"]).records,
}


def add_byte_order_mark(_: str, __: str, reply: Reply) -> Reply:
    is_json = "json" in reply.headers.get("content-type", "")
    return reply._replace(body=b"\xef\xbb\xbf" + reply.body) if is_json else reply


def split_percent(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "percentComplete": 57.5} if "percentComplete" in found else found


OPTIONAL = (
    "steps",
    "currentStepKeys",
    "transactionRefs",
    "updates",
    "affectedComponents",
    "transactionTypes",
    "waitsOn",
    "requiredDocumentTypes",
    "note",
    "nextAction",
    "workaround",
)
"""Lists and texts that a record may leave out."""


@pytest.mark.parametrize("name", READS)
def test_read_of_answers_with_a_byte_order_mark_is_the_same(world: World, name: str) -> None:
    plain = READS[name](world)
    world.server.deviation = add_byte_order_mark

    assert READS[name](world) == plain
    assert world.faults == []


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("name", [*READS, "content"])
def test_read_that_is_redirected_to_the_same_origin_is_the_same(
    world: World, name: str, status: int
) -> None:
    read = {**READS, "content": content}[name]
    plain = read(world)
    world.server.redirect_to, world.server.redirect_status = MOVED, status

    assert read(world) == plain
    assert any(path.startswith(MOVED) for _, path in world.server.seen)


@pytest.mark.parametrize("name", ["cases", "one of cases", "changed cases", "directory", "content"])
def test_read_that_is_redirected_to_another_origin_is_refused_and_says_so(
    world: World, name: str
) -> None:
    read = {**READS, "content": content}[name]
    with thread(DeviatingServer(world.server.app)) as elsewhere:
        if name == "one of cases":
            read = lambda w: w.community.record(f"cases/{w.case.id}")  # noqa: E731
        world.server.redirect_to = elsewhere

        with pytest.raises(Refused, match=r"redirect that is not followed.*another origin"):
            read(world)


def test_redirects_in_a_circle_are_refused(world: World) -> None:
    world.server.redirect_to = ""

    with pytest.raises(Refused, match="in circles"):
        world.community.programs()


@pytest.mark.parametrize("name", LISTS)
def test_list_of_records_with_null_for_what_may_be_left_out_is_the_list_without_it(
    world: World, name: str
) -> None:
    world.server.deviation = without(*OPTIONAL)
    left_out = READS[name](world)
    world.server.deviation = nulled(*OPTIONAL)

    assert READS[name](world) == left_out != []
    assert world.faults == []


@pytest.mark.parametrize("name", LISTS)
def test_list_of_records_without_times_of_creation_company_and_author_has_every_record(
    world: World, name: str
) -> None:
    expected = [record.id for record in READS[name](world)]
    world.server.deviation = without("createdAt", "companyId", "author")

    assert [record.id for record in READS[name](world)] == expected != []
    assert world.faults == []


def test_conversation_of_comments_without_time_and_author_is_shown_in_the_order_of_the_list(
    world: World,
) -> None:
    for body in ("first", "second", "third"):
        world.community.add_comment(world.case.id, NewComment(body=body), world.key())
    world.server.deviation = without("createdAt", "author")

    shown = conversation(world.community.comments(world.case.id).records).comments

    assert [comment.text for comment in shown][-3:] == ["first", "second", "third"]
    assert {(comment.author, comment.created_at) for comment in shown} == {(None, None)}


@pytest.mark.parametrize("name", ["enrollments", "one of enrollments"])
def test_percentage_with_a_fraction_is_rounded_for_show(world: World, name: str) -> None:
    world.server.deviation = of_objects(split_percent)

    found = READS[name](world)

    records: list[Enrollment] = [found] if isinstance(found, Enrollment) else found
    assert {record.percent_complete for record in records} == {58}
    assert world.faults == []


@pytest.mark.parametrize("name", [name for name in READS if name != "head of the feed"])
def test_last_page_without_cursor_more_and_time_is_the_end(world: World, name: str) -> None:
    plain = READS[name](world)
    world.server.deviation = without("nextCursor", "hasMore", "asOf")

    assert READS[name](world) == plain


def test_last_page_of_the_feed_without_a_cursor_is_read_again_from_where_it_began(
    world: World,
) -> None:
    cursor = world.community.head()
    world.community.add_comment(world.case.id, NewComment(body="An event"), world.key())
    world.server.deviation = without("nextCursor", "hasMore")

    page = world.community.read_events(cursor, 200)

    assert (len(page.items), page.next_cursor, page.has_more) == (1, cursor, False)


def test_full_page_of_the_feed_that_does_not_say_whether_there_is_more_is_followed(
    world: World,
) -> None:
    cursor = world.community.head()
    world.community.add_comment(world.case.id, NewComment(body="An event"), world.key())
    world.server.deviation = without("hasMore")

    assert world.community.read_events(cursor, 1).has_more
    assert not world.community.read_events(cursor, 2).has_more


def test_list_without_as_of_is_as_new_as_its_answer_less_a_margin(world: World) -> None:
    world.server.deviation = without("asOf")
    before = datetime.now(UTC)

    page = world.changed.changed("cases", SINCE, None)

    assert page.records
    # uvicorn looks at the clock once a second, or later.
    assert (
        before - DATE_MARGIN - timedelta(minutes=1) < page.as_of < datetime.now(UTC) - DATE_MARGIN
    )


def test_steps_without_title_kind_and_owner_are_what_their_program_says(world: World) -> None:
    plain = world.community.enrollments(world.ids).records
    drop = of_objects(
        lambda found: (
            {name: value for name, value in found.items() if name not in ("title", "kind", "owner")}
            if "status" in found and "key" in found
            else found
        )
    )
    # A program has steps with keys as well, and a status itself.
    world.server.deviation = lambda method, path, reply: (
        drop(method, path, reply) if "/enrollments" in path else reply
    )

    listed = world.community.enrollments(world.ids).records
    single = world.community.record(listed[0].record)

    def said(enrollments: Any) -> list[tuple[object, ...]]:
        return [
            (step.key, step.title, step.kind, step.owner)
            for one in enrollments
            for step in one.steps
        ]

    assert said(listed) == said(plain) != []
    assert single == listed[0]


def comment_on_case(world: World) -> None:
    body = world.key()
    world.community.add_comment(world.case.id, NewComment(body=body), world.key())
    assert [one.body for one in world.community.comments(world.case.id).records][-1] == body


def comment_on_request(world: World) -> None:
    body = world.key()
    world.community.add_request_comment(world.request.id, NewComment(body=body), world.key())
    found = world.community.request_comments(world.request.id)
    assert found is not None
    assert found.records[-1].body == body


def move_case(world: World) -> None:
    current = world.community.record(world.case.record)
    assert isinstance(current, Case)
    other = "awaiting_internal" if current.status != "awaiting_internal" else "open"
    transition = Transition(to="open" if current.status == "new" else other)
    world.community.move(current.record, transition, version=current.version, key=world.key())
    moved = world.community.record(world.case.record)
    assert isinstance(moved, Case)
    assert (moved.status, moved.version) == (transition.to, current.version + 1)


def refer(world: World) -> None:
    reference = TransactionRef(correlation_id=world.key(), exception="delivery_failed")
    found = world.community.put_transaction(world.case.id, reference)
    assert reference.correlation_id in [one.correlation_id for one in found.transaction_refs]


def open_case(world: World) -> None:
    wish = NewCase(
        partner_id=PartnerId(world.ids[0]), subject="New", category="other", priority="low"
    )
    assert world.community.create_case(wish, world.key()).subject == "New"


def make_request(world: World) -> None:
    wish = world.new_request()
    made = world.community.create_request(wish, world.key())
    assert made.source_submission_id == wish.source_submission_id


def add_version(world: World) -> None:
    upload = NewDocumentVersion(upload_id=world.upload(world.key().encode()))
    before = count_versions(world)
    world.community.add_version(GUIDE, upload, world.key())
    assert count_versions(world) == before + 1


def count_versions(world: World) -> int:
    found = world.community.record(f"documents/{GUIDE}")
    return len(found.versions or ())  # type: ignore[union-attr]


WRITES: dict[str, Callable[[World], None]] = {
    "comment on a case": comment_on_case,
    "comment on a request": comment_on_request,
    "move": move_case,
    "reference": refer,
    "case": open_case,
    "request": make_request,
    "version": add_version,
}


def answered(status: int, body: bytes = b"") -> Deviation:
    """Each write is carried out and answered without its result, with the place of a new record."""

    def deviate(method: str, path: str, reply: Reply) -> Reply:
        if method == "GET" or reply.status >= 300 or path.endswith(("tokens", "uploads")):
            return reply
        is_new_record = path.endswith(("/cases", "/collaboration-requests"))
        place = f"{path}/{json.loads(reply.body)['id']}" if is_new_record else ""
        return Reply(status, {"location": place} if place else {}, body)

    return deviate


@pytest.mark.parametrize(
    ("status", "body"), [(204, b""), (202, b""), (200, b""), (202, b"Accepted"), (200, b"null")]
)
@pytest.mark.parametrize("name", WRITES)
def test_write_that_is_answered_without_its_result_is_done_and_read_back_where_it_is_needed(
    world: World, name: str, status: int, body: bytes
) -> None:
    world.server.deviation = answered(status, body)

    WRITES[name](world)


@pytest.mark.parametrize("has_place", [True, False])
@pytest.mark.parametrize("name", ["case", "request", "reference", "version"])
def test_write_that_is_answered_with_a_part_of_its_result_is_done_and_the_rest_is_read_back(
    world: World, name: str, has_place: bool
) -> None:
    def deviate(method: str, path: str, reply: Reply) -> Reply:
        if method == "GET" or reply.status >= 300 or path.endswith(("tokens", "uploads")):
            return reply
        identifier = json.loads(reply.body).get("id", "part")
        # A reference's own document has neither the id nor the version of its case.
        body = {"id": identifier} if method == "POST" else {"exception": "delivery_failed"}
        place = {"location": f"{path}/{identifier}"} if has_place and method == "POST" else {}
        return Reply(201, {"content-type": "application/json", **place}, json.dumps(body).encode())

    world.server.deviation = deviate

    WRITES[name](world)


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("name", WRITES)
def test_write_that_is_redirected_to_the_same_origin_is_done(
    world: World, name: str, status: int
) -> None:
    world.server.redirect_to, world.server.redirect_status = MOVED, status

    WRITES[name](world)


@pytest.mark.parametrize("name", WRITES)
def test_write_with_a_byte_order_mark_in_its_answer_is_done(world: World, name: str) -> None:
    world.server.deviation = add_byte_order_mark

    WRITES[name](world)


def test_case_that_is_opened_without_saying_where_is_asked_for_again(world: World) -> None:
    wish = NewCase(partner_id=world.ids[0], subject="Lost", category="other", priority="low")
    key = world.key()
    world.server.deviation = lambda method, path, reply: (
        Reply(202, {}, b"") if method == "POST" and path.endswith("/cases") else reply
    )
    with pytest.raises(Unavailable, match="names no address"):
        world.community.create_case(wish, key)
    world.server.reset()

    assert world.community.create_case(wish, key).subject == "Lost"
    assert [case.subject for case in world.community.cases(world.ids).records].count("Lost") == 1


def test_token_that_is_redirected_to_the_same_origin_is_fetched(world: World) -> None:
    world.server.redirect_to = MOVED
    client = CommunityClient(world.http, world.auth(), base_url=world.info["communityBaseUrl"])

    assert client.programs().records
    assert any(path.startswith(f"{MOVED}/v1/oauth2") for _, path in world.server.seen)
