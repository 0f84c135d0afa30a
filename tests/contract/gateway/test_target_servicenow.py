"""The example target for ServiceNow against a stand-in of its Table API and its Attachment API.

Wire formats:
- https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html
- https://www.servicenow.com/docs/r/api-reference/rest-apis/c_AttachmentAPI.html (POST
  ``/attachment/file``: the parameters name table, record and file, the body is the file, the answer
  is 201; sizes are texts)
"""

import json
from urllib.parse import unquote

import httpx
import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.declarations import RestTarget
from gridwix_gateway.targets.ports import ContentReader
from gridwix_gateway.targets.rest.authenticators import FixedHeader
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, new_http_client
from gridwix_gateway.targets.rest.channel import RestChannel
from gridwix_gateway.targets.sender import SendingTarget
from tests.fakes.gateway.targets import KeptContents, TargetWorld, read_example, sending_target

BASE = "/api/now/table"
ATTACHMENTS = "/api/now/attachment"


class ServiceNow:
    """Tables of an instance. ``lose_answers`` more requests are carried out, and not answered."""

    def __init__(self) -> None:
        self.cases: list[Document] = []
        self.journal: list[Document] = []
        self.attachments: list[Document] = []
        self.lose_answers = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of the Table API."""
        assert request.url.host == "example.service-now.com"
        if request.url.path.startswith(ATTACHMENTS):
            return self._answered(request, self._answer_attachment(request))
        table, _, sys_id = request.url.path.removeprefix(f"{BASE}/").partition("/")
        match request.method:
            case "GET":
                response = httpx.Response(200, json={"result": self._find(table, request)})
            case "POST":
                response = httpx.Response(201, json={"result": self._create(request)})
            case "PATCH":
                response = httpx.Response(200, json={"result": self._comment(sys_id, request)})
        return self._answered(request, response)

    def _answered(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        if self.lose_answers and request.method != "GET":
            self.lose_answers -= 1
            raise httpx.ReadError("reset", request=request)
        return response

    def _find(self, table: str, request: httpx.Request) -> list[Document]:
        """Return rows of an encoded query: conditions joined by ``^``."""
        rows = self.cases if table == "sn_customerservice_case" else self.journal
        return self._query(rows, request)

    @staticmethod
    def _query(rows: list[Document], request: httpx.Request) -> list[Document]:
        for condition in unquote(request.url.params["sysparm_query"]).split("^"):
            if "STARTSWITH" in condition:
                name, _, value = condition.partition("STARTSWITH")
                rows = [row for row in rows if row[name].startswith(value)]
            elif "LIKE" in condition:
                name, _, value = condition.partition("LIKE")
                rows = [row for row in rows if value in row[name]]
            else:
                name, _, value = condition.partition("=")
                rows = [row for row in rows if row[name] == value]
        return rows[: int(request.url.params["sysparm_limit"])]

    def _answer_attachment(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            rows = [
                {name: value for name, value in one.items() if name != "content"}
                for one in self.attachments
            ]
            return httpx.Response(200, json={"result": self._query(rows, request)})
        assert request.url.path == f"{ATTACHMENTS}/file"
        params = dict(request.url.params)
        if params["table_sys_id"] not in {case["sys_id"] for case in self.cases}:
            error = {"message": "Invalid table name or sys_id", "detail": ""}
            return httpx.Response(404, json={"error": error, "status": "failure"})
        attachment = {
            **params,
            "sys_id": f"{len(self.attachments) + 1:032x}",
            "content_type": request.headers["Content-Type"],
            "size_bytes": str(len(request.content)),
            "content": request.content,
        }
        self.attachments.append(attachment)
        shown = {name: value for name, value in attachment.items() if name != "content"}
        return httpx.Response(201, json={"result": shown})

    def _create(self, request: httpx.Request) -> Document:
        fields = json.loads(request.content)
        number = len(self.cases) + 1
        case = {**fields, "sys_id": f"{number:032x}", "number": f"CS{number:07}", "state": "1"}
        self.cases.append(case)
        return case

    def _comment(self, sys_id: str, request: httpx.Request) -> Document:
        (case,) = [case for case in self.cases if case["sys_id"] == sys_id]
        text = json.loads(request.content)["comments"]
        self.journal.append({"element_id": sys_id, "element": "comments", "value": text})
        return case


def servicenow_target(instance: ServiceNow, contents: ContentReader | None = None) -> SendingTarget:
    """Return the example with a channel to the stand-in."""
    declaration = read_example("servicenow")
    assert isinstance(declaration, RestTarget)
    http = BoundedHttp(new_http_client(httpx.MockTransport(instance.answer)))
    authenticator = FixedHeader(lambda: ("Authorization", "Basic dTpw"))
    channel = RestChannel(declaration, authenticator, http, contents or KeptContents())
    return sending_target(declaration, channel, "servicenow")


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_request_and_its_comments_are_one_case_however_many_answers_are_lost(lost: int) -> None:
    world, instance = TargetWorld(), ServiceNow()
    world.run(servicenow_target(instance))
    instance.lose_answers = lost
    world.send_request()
    world.send_comment()
    world.send_comment()

    world.run_until_idle(servicenow_target(instance))

    (case,) = instance.cases
    record = world.request()
    assert case["short_description"] == "Request CR-req_1 of Acme <b>Foods</b>"
    assert record["externalRefs"] == [{"system": "servicenow", "id": case["sys_id"]}]
    assert (record["number"], record["status"]) == ("CS0000001", "triaged")
    texts = [entry["value"].partition("\n")[0] for entry in instance.journal]
    assert texts == ["Ann: Comment 1", "Ann: Comment 2"]
    assert not world.letters.messages


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_document_is_one_case_with_one_attachment_however_many_answers_are_lost(lost: int) -> None:
    world, instance = TargetWorld(), ServiceNow()
    world.run(servicenow_target(instance, world.contents))
    instance.lose_answers = lost
    # Somebody else's file on the same case is no sign of ours.
    instance.attachments = [{"table_sys_id": "1".zfill(32), "file_name": "x", "size_bytes": "12"}]
    world.send_document(b"%PDF-1.4 W-9", file_name="W-9^ORfile_name=x.pdf")

    world.run_until_idle(servicenow_target(instance, world.contents))

    (case,), (_, attachment) = instance.cases, instance.attachments
    reference = case["correlation_id"]
    assert case["short_description"] == "Document to review: Tax form"
    assert attachment == {
        "table_name": "sn_customerservice_case",
        "table_sys_id": case["sys_id"],
        "file_name": f"{reference}-W-9^ORfile_name=x.pdf",
        "sys_id": attachment["sys_id"],
        "content_type": "application/pdf",
        "size_bytes": "12",
        "content": b"%PDF-1.4 W-9",
    }
    assert not world.letters.messages


def test_document_that_is_too_large_is_a_case_that_says_how_to_fetch_it() -> None:
    world, instance = TargetWorld(), ServiceNow()
    target = servicenow_target(instance, world.contents)
    world.run(target)
    version = world.send_document()
    version["sizeBytes"] = 100_000_001

    world.run(target)

    (case,) = instance.cases
    assert case["description"].endswith("Fetch it: gridwix desk fetch doc_1 --version 1")
    assert not instance.attachments
