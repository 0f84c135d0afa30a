"""The example target for ServiceNow against a stand-in of its Table API.

Wire format: https://www.servicenow.com/docs/bundle/zurich-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html
"""

import json
from urllib.parse import unquote

import httpx
import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.declarations import RestTarget
from gridwix_gateway.targets.rest.authenticators import FixedHeader
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, new_http_client
from gridwix_gateway.targets.rest.channel import RestChannel
from gridwix_gateway.targets.sender import SendingTarget
from tests.fakes.gateway.targets import TargetWorld, read_example, sending_target

BASE = "/api/now/table"


class ServiceNow:
    """Tables of an instance. ``lose_answers`` more requests are carried out, and not answered."""

    def __init__(self) -> None:
        self.cases: list[Document] = []
        self.journal: list[Document] = []
        self.lose_answers = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of the Table API."""
        assert request.url.host == "example.service-now.com"
        table, _, sys_id = request.url.path.removeprefix(f"{BASE}/").partition("/")
        match request.method:
            case "GET":
                response = httpx.Response(200, json={"result": self._find(table, request)})
            case "POST":
                response = httpx.Response(201, json={"result": self._create(request)})
            case "PATCH":
                response = httpx.Response(200, json={"result": self._comment(sys_id, request)})
        if self.lose_answers and request.method != "GET":
            self.lose_answers -= 1
            raise httpx.ReadError("reset", request=request)
        return response

    def _find(self, table: str, request: httpx.Request) -> list[Document]:
        """Return rows of an encoded query: conditions joined by ``^``."""
        rows = self.cases if table == "sn_customerservice_case" else self.journal
        for condition in unquote(request.url.params["sysparm_query"]).split("^"):
            if "LIKE" in condition:
                name, _, value = condition.partition("LIKE")
                rows = [row for row in rows if value in row[name]]
            else:
                name, _, value = condition.partition("=")
                rows = [row for row in rows if row[name] == value]
        return rows[: int(request.url.params["sysparm_limit"])]

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


def servicenow_target(instance: ServiceNow) -> SendingTarget:
    """Return the example with a channel to the stand-in."""
    declaration = read_example("servicenow")
    assert isinstance(declaration, RestTarget)
    http = BoundedHttp(new_http_client(httpx.MockTransport(instance.answer)))
    authenticator = FixedHeader(lambda: ("Authorization", "Basic dTpw"))
    return sending_target(declaration, RestChannel(declaration, authenticator, http), "servicenow")


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
