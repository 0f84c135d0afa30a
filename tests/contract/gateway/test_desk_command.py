"""``gridwix desk`` against a gateway: what it lists, shows and changes, and that it asks."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner, Result

from emulators.common.server import thread
from gridwix_gateway.documents import Document
from ops import confirmation
from ops.cli import app
from ops.errors import OpsError
from ops.gateway.desk.client import CONSUMER_KEY, CONSUMER_SECRET, DeskClient
from tests.fakes.gateway.hubs import GatewayHub, Hub, ProfileClient, serve_emulator, serve_gateway
from tests.fakes.gateway.server import CONSUMER, DESK

PARTNER = "GC070000000101"
REQUEST: Document = {
    "type": "support",
    "partnerId": PARTNER,
    "submitter": {"name": "Ann"},
    "formKey": "partner-question",
    "formVersion": 1,
    "answers": {"question": "Where is \x1b[31mit?"},
    "sourceSubmissionId": "sub-1",
}


@pytest.fixture(scope="module")
def served() -> Iterator[GatewayHub]:
    with serve_gateway() as found:
        found.credentials = (DESK.key, DESK.secret)
        yield found


@pytest.fixture
def hub(served: GatewayHub, monkeypatch: pytest.MonkeyPatch) -> GatewayHub:
    work_as(served, monkeypatch)
    return served


@pytest.fixture
def grid(hub: GatewayHub) -> ProfileClient:
    return ProfileClient(hub)


def work_as(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWIX_GATEWAY_URL", hub.url)
    monkeypatch.setenv(CONSUMER_KEY, hub.credentials[0])
    monkeypatch.setenv(CONSUMER_SECRET, hub.credentials[1])
    monkeypatch.setenv("COLUMNS", "200")


def desk(*arguments: str, answer: str | None = None) -> Result:
    """Run ``gridwix desk``, with an answer for its question."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(confirmation, "has_terminal", lambda: answer is not None)
        return CliRunner().invoke(app, ["desk", *arguments], input=answer)


def done(*arguments: str) -> str:
    """Return the output of a command that succeeds, without a question."""
    result = desk(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def listed(*arguments: str) -> Sequence[Document]:
    found: list[Document] = json.loads(done("list", *arguments, "--json"))["rows"]
    return found


def new_request(grid: ProfileClient, **changes: object) -> Document:
    found: Document = grid.client.post("/collaboration-requests", json=REQUEST | changes).json()
    return found


def new_case(grid: ProfileClient) -> Document:
    fields = {"partnerId": PARTNER, "subject": "Rejected 856", "category": "asn_rejection"}
    found: Document = grid.client.post("/cases", json=fields).json()
    return found


def current(grid: ProfileClient, collection: str, record: Document) -> Document:
    found: Document = grid.client.get(f"/{collection}/{record['id']}").json()
    return found


def test_list_has_what_waits_and_no_more(grid: ProfileClient) -> None:
    request, case = new_request(grid), new_case(grid)
    over = new_case(grid)
    grid.transition(f"/cases/{over['id']}", "cancelled")
    for to in ("in_progress", "submitted"):
        grid.transition("/enrollments/enr_01J9QK/steps/tax_form", to)

    rows = listed()

    ids = [row["id"] for row in rows]
    assert {request["id"], case["id"], "enr_01J9QK"} <= set(ids)
    assert over["id"] not in ids
    assert [row["updated"] for row in rows] == sorted(row["updated"] for row in rows)
    (step,) = [row for row in rows if row["kind"] == "steps"]
    assert step["status"] == "submitted"
    assert step["subject"].startswith("tax_form: ")
    shown = done("list")
    assert request["number"] in shown


def test_list_takes_kinds_and_filters(grid: ProfileClient) -> None:
    case, other = new_case(grid), new_case(grid)
    done("assign", case["id"], "--team", "label-team", "--yes")

    by_team = listed("cases", "--team", "label-team")
    by_partner = listed("cases", "--partner", PARTNER)

    assert [row["id"] for row in by_team] == [case["id"]]
    assert {case["id"], other["id"]} <= {row["id"] for row in by_partner}
    assert {row["partner"] for row in by_partner} == {PARTNER}
    assert all(row["status"] == "new" for row in listed("cases", "--status", "new"))
    assert len(listed("cases", "--limit", "1")) == 1
    assert listed("cases", "--partner", "nobody") == []
    assert "there is no kind case" in str(desk("list", "case").exception)


def test_show_has_comments_and_no_control_characters(grid: ProfileClient) -> None:
    request = new_request(grid)
    comment = {"body": "line\x1b[2J\nnext", "authorKind": "partner", "authorName": "Ann"}
    grid.client.post(f"/collaboration-requests/{request['id']}/comments", json=comment)

    shown = done("show", request["id"])

    assert "\x1b" not in shown
    assert "Where is " in shown
    assert "Ann (partner, public):\n    line\\x1b[2J\n    next" in shown
    whole = json.loads(done("show", request["id"], "--json"))
    assert whole["comments"][0]["body"] == comment["body"]


def test_request_is_assigned_and_triaged(grid: ProfileClient) -> None:
    request = new_request(grid, partnerId=None)

    done("assign", request["id"], "--team", "edi", "--partner", PARTNER, "--yes")

    changed = current(grid, "collaboration-requests", request)
    assert (changed["status"], changed["partnerId"]) == ("triaged", PARTNER)
    assert changed["routing"]["teamKey"] == "edi"


def test_case_is_assigned_commented_resolved_and_closed(grid: ProfileClient) -> None:
    case = new_case(grid)

    done("assign", case["id"], "--person", "Kim", "--due", "2026-03-12T15:00:00+01:00", "--yes")
    done("comment", case["id"], "We look at it.", "--as", "Kim", "--yes")
    done("comment", case["id"], "Ask Lee.", "--internal", "--yes")
    done("resolve", case["id"], "Mapping mended", "--yes")
    done("close", case["id"], "--yes")

    changed = current(grid, "cases", case)
    comments = grid.client.get(f"/cases/{case['id']}/comments").json()["items"]
    assert (changed["status"], changed["assignee"]) == ("closed", "Kim")
    assert changed["dueAt"] == "2026-03-12T14:00:00.000Z"
    assert changed["resolution"]["summary"] == "Mapping mended"
    assert [entry["status"] for entry in changed["statusHistory"]] == [
        "new",
        "open",
        "resolved",
        "closed",
    ]
    assert [(one["author"]["name"], one["visibility"]) for one in comments] == [
        ("Kim", "public"),
        ("Partner desk", "internal"),
    ]
    assert {one["author"]["kind"] for one in comments} == {"internal"}
    assert "the case is closed" in str(desk("resolve", case["id"], "Again", "--yes").exception)


def test_step_is_moved_by_its_key(grid: ProfileClient) -> None:
    path = "/enrollments/enr_01J9QK/steps/edi_setup"
    for to in ("in_progress", "submitted"):
        grid.transition(path, to)

    unknown = desk("move", "enr_01J9QK", "completed", "--step", "none", "--yes")
    done("move", "enr_01J9QK", "completed", "--step", "edi_setup", "--yes")

    assert "there is no step none: choose one of" in str(unknown.exception)
    steps = grid.client.get("/enrollments/enr_01J9QK").json()["steps"]
    assert next(step for step in steps if step["key"] == "edi_setup")["status"] == "completed"


def test_move_that_is_not_allowed_says_what_is(grid: ProfileClient) -> None:
    case = new_case(grid)

    result = desk("move", case["id"], "closed", "--yes")

    assert isinstance(result.exception, OpsError)
    assert "from there it can go to cancelled, open" in str(result.exception)


def test_notice_is_published_updated_and_closed(grid: ProfileClient) -> None:
    output = done(
        *("publish", "AS2 is slow", "--text", "We look into it.", "--region", "EU"),
        *("--impact", "major", "--until", "2026-03-12T15:00:00Z", "--yes"),
    )
    identifier = output.split()[1]
    done("update", identifier, "--to", "identified", "--text", "A cable.", "--yes")
    done("close", identifier, "--text", "Mended.", "--yes")

    notice = grid.client.get(f"/service-notices/{identifier}").json()
    assert (notice["status"], notice["audience"]) == ("resolved", {"regions": ["EU"]})
    assert [one["bodyHtml"] for one in notice["updates"]] == [
        "<p>Mended.</p>",
        "<p>A cable.</p>",
        "<p>We look into it.</p>",
    ]
    assert identifier not in [row["id"] for row in listed("notices")]


CHANGES = [
    ("assign", "{case}", "--team", "edi"),
    ("comment", "{case}", "Hello"),
    ("resolve", "{case}", "Done"),
    ("move", "{case}", "open"),
    ("publish", "Title", "--text", "Text"),
    ("update", "{notice}", "--text", "Text"),
    ("close", "{notice}"),
]


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: command[0])
def test_change_is_asked_for_and_made_only_after_a_yes(
    grid: ProfileClient, command: tuple[str, ...]
) -> None:
    case = new_case(grid)
    notice = done("publish", "Title", "--text", "Text", "--yes").split()[1]
    arguments = [part.format(case=case["id"], notice=notice) for part in command]
    cursor = grid.client.get("/events", params={"cursor": "now"}).json()["nextCursor"]

    refused = desk(*arguments, answer="n\n")
    nothing = grid.events(cursor=cursor)
    accepted = desk(*arguments, answer="y\n")

    assert (refused.exit_code, nothing) == (1, [])
    assert "?" in refused.output
    assert accepted.exit_code == 0, accepted.exception
    assert grid.events(cursor=cursor)


def test_record_that_has_changed_meanwhile_is_not_overwritten(
    grid: ProfileClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = new_case(grid)
    find = DeskClient.find_record

    def find_and_be_late(client: DeskClient, identifier: str) -> tuple[str, Document]:
        found = find(client, identifier)
        grid.transition(f"/cases/{case['id']}", "open")
        return found

    monkeypatch.setattr(DeskClient, "find_record", find_and_be_late)

    result = desk("assign", case["id"], "--team", "edi", "--yes")

    assert "look at it again, and repeat the command" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nothing"), "the gateway has no record nothing"),
        (("assign", "GC070000000101", "--team", "a"), "give a case or a request"),
        (("update", "ntc_1"), "name what to change"),
        (("update", "ntc_1", "--until", "tomorrow"), "is no time with its offset"),
        (("update", "ntc_1", "--text", "a"), "there is no notice ntc_1"),
        (("close", "GC070000000101"), "only cases and notices are closed"),
        (("approve", "doc_1", "--yes"), "nothing of doc_1 waits for approval"),
    ],
)
def test_wish_that_cannot_be_done_is_one_sentence(
    hub: GatewayHub, arguments: tuple[str, ...], said: str
) -> None:
    result = desk(*arguments)

    assert isinstance(result.exception, OpsError)
    assert said in str(result.exception)


def test_key_without_the_scope_publishes_nothing(
    hub: GatewayHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONSUMER_KEY, CONSUMER.key)
    monkeypatch.setenv(CONSUMER_SECRET, CONSUMER.secret)

    result = desk("publish", "Title", "--text", "Text", "--yes")

    assert "does not have the scope desk" in str(result.exception)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://gateway.example.com", "is no URL that begins with https://"),
        ("https://user@gateway.example.com", "has a user"),
        ("tg-gateway", "tg-gateway is no URL that begins with https://: give the output Gateway"),
        (
            "http://127.0.0.1:9",
            "127.0.0.1 cannot be reached ([Errno 111] Connection refused): give",
        ),
    ],
)
def test_credentials_go_to_a_safe_address_only(
    hub: GatewayHub, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("GRIDWIX_GATEWAY_URL", url)

    assert said in str(desk("list").exception)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "is no gateway, as it has no /v1/oauth2/tokens that gives tokens: give the output"),
        (403, "is no gateway, as it has no /v1/oauth2/tokens that gives tokens: give the output"),
        (200, "is no gateway, as it has no /v1/oauth2/tokens that gives tokens: give the output"),
        (401, "does not take the consumer key of GRIDWIX_DESK_CONSUMER_KEY with its secret"),
        (503, "access token: trading_grid answered 503"),
    ],
)
def test_address_that_gives_no_token_is_named(
    monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    for name in (CONSUMER_KEY, CONSUMER_SECRET):
        monkeypatch.setenv(name, "s3cret")

    async def answer(_: Request) -> Response:
        return JSONResponse({"message": "no"}, status)

    with thread(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as url:
        result = desk("list", "--gateway", url)

    assert str(result.exception).startswith(url)
    assert said in str(result.exception)
    assert "s3cret" not in str(result.exception)


def test_missing_credentials_are_named(hub: GatewayHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CONSUMER_SECRET)

    assert CONSUMER_SECRET in str(desk("list").exception)


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (httpx.Response(200, html="<h1>Log in</h1>"), "answers 200 without a JSON object"),
        (httpx.Response(502, text="\x1b[31mbad"), "answers 502 without a JSON object"),
        (httpx.Response(503, json={"detail": "Too \x1b[31mmany."}), "Too \\x1b[31mmany:"),
        (httpx.Response(200, json=[1]), "answers 200 without a JSON object"),
    ],
)
def test_answer_that_is_no_gateways_is_an_error(response: httpx.Response, said: str) -> None:
    transport = httpx.MockTransport(lambda _: response)
    client = DeskClient(httpx.Client(base_url="https://gateway", transport=transport))

    with pytest.raises(OpsError) as error:
        list(client.list_records("cases"))

    assert said in str(error.value)
    assert "\x1b" not in str(error.value)


def test_list_that_never_ends_is_given_up() -> None:
    page = {"items": [], "nextCursor": "again"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=page))
    client = DeskClient(httpx.Client(base_url="https://gateway", transport=transport))

    with pytest.raises(OpsError, match="does not end"):
        list(client.list_records("cases"))


@pytest.mark.parametrize("serve", [serve_emulator, serve_gateway])
@pytest.mark.parametrize(("command", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_version_of_a_document_is_decided_by_its_document(
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    status: str,
    serve: Callable[[], contextlib.AbstractContextManager[Hub]],
) -> None:
    with serve() as hub:
        work_as(hub, monkeypatch)
        grid = ProfileClient(hub)
        content = f"%PDF-1.4 {command}".encode()
        document = next(
            one for one in grid.all("/documents") if one["status"] in ("published", "draft")
        )
        submit_version(grid, document["id"], content)
        (row,) = [one for one in listed("documents") if document["id"] in one["subject"]]

        asked = desk(command, document["id"], "--comment", "Seen", answer="n\n")
        output = done(command, document["id"], "--comment", "Seen", "--yes")
        again = desk(command, row["id"], "--yes", "--comment", "Seen")

        approval = grid.client.get(f"/approvals/{row['id']}").json()
        shown = done("show", document["id"])
    assert asked.exit_code == 1
    assert output.strip().endswith(f"is {status}")
    assert (approval["status"], approval["comment"]) == (status, "Seen")
    assert f"the approval is {status}" in str(again.exception)
    assert f": {status}, " in shown


def submit_version(grid: ProfileClient, document: str, content: bytes) -> None:
    """Add a version in review to a document."""
    fields = {
        "fileName": "w9.pdf",
        "mediaType": "application/pdf",
        "purpose": "document_version",
        "sizeBytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    upload = grid.client.post("/uploads", json=fields).json()
    httpx.put(upload["putUrl"], content=content).raise_for_status()
    answer = grid.client.post(
        f"/documents/{document}/versions", json={"uploadId": upload["uploadId"]}
    )
    assert answer.status_code == 201
