"""The example target for Jira against a stand-in of its REST API.

Wire formats, below https://developer.atlassian.com/cloud/jira/platform/rest/v3/:
- ``api-group-issue-attachments``: a form with the part ``file``, blocked without the header
  ``X-Atlassian-Token: no-check``. The answer is a list.
- ``api-group-issues``: the answer to a new issue has ``id`` and ``key``.
- ``api-group-issue-search``: ``GET /search/jql`` answers ``issues`` with ``id``, ``key`` and the
  fields that were asked for.
"""

import email.policy
import json
from email.message import EmailMessage
from email.parser import BytesParser

import httpx
import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.declarations import RestTarget
from gridwix_gateway.targets.rest.authenticators import FixedHeader
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, new_http_client
from gridwix_gateway.targets.rest.channel import RestChannel
from gridwix_gateway.targets.sender import SendingTarget
from tests.fakes.gateway.targets import TargetWorld, read_example, sending_target

BASE = "/rest/api/3"


class Jira:
    """Issues of a site. ``lose_answers`` more requests are carried out, and not answered."""

    def __init__(self) -> None:
        self.issues: list[Document] = []
        self.lose_answers = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        assert request.url.host == "example.atlassian.net"
        path = request.url.path.removeprefix(BASE)
        if request.method == "GET":
            return self._search(request) if path == "/search/jql" else self._issue(path)
        response = self._create(request) if path == "/issue" else self._attach(path, request)
        if self.lose_answers:
            self.lose_answers -= 1
            raise httpx.ReadError("reset", request=request)
        return response

    def _search(self, request: httpx.Request) -> httpx.Response:
        label = request.url.params["jql"].removeprefix('labels = "').removesuffix('"')
        found = [one for one in self.issues if label in one["fields"]["labels"]]
        shown = [{"id": one["id"], "key": one["key"], "fields": {}} for one in found]
        return httpx.Response(200, json={"issues": shown, "isLast": True})

    def _issue(self, path: str) -> httpx.Response:
        return httpx.Response(200, json=self._find(path.removeprefix("/issue/")))

    def _find(self, identifier: str) -> Document:
        return next(one for one in self.issues if identifier in (one["id"], one["key"]))

    def _create(self, request: httpx.Request) -> httpx.Response:
        number = len(self.issues) + 1
        fields = {**json.loads(request.content)["fields"], "attachment": []}
        issue = {"id": f"{10_000 + number}", "key": f"EDI-{number}", "fields": fields}
        self.issues.append(issue)
        return httpx.Response(201, json={"id": issue["id"], "key": issue["key"], "self": "-"})

    def _attach(self, path: str, request: httpx.Request) -> httpx.Response:
        if request.headers.get("X-Atlassian-Token") != "no-check":
            return httpx.Response(403, text="XSRF check failed")
        issue = self._find(path.removeprefix("/issue/").removesuffix("/attachments"))
        (part,) = form_parts(request)
        assert part.get_param("name", header="content-disposition") == "file"
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        attachment = {
            "filename": part.get_filename(),
            "mimeType": part.get_content_type(),
            "size": len(content),
        }
        issue["fields"]["attachment"].append({**attachment, "content": content.decode("latin-1")})
        return httpx.Response(200, json=[attachment])


def form_parts(request: httpx.Request) -> list[EmailMessage]:
    """Return the parts of a form, as the standard library reads them."""
    assert request.headers["Content-Length"] == str(len(request.content))
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head + request.content)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]


def jira_target(site: Jira, world: TargetWorld) -> SendingTarget:
    """Return the example with a channel to the stand-in."""
    declaration = read_example("jira-documents")
    assert isinstance(declaration, RestTarget)
    http = BoundedHttp(new_http_client(httpx.MockTransport(site.answer)))
    authenticator = FixedHeader(lambda: ("Authorization", "Basic dTpw"))
    channel = RestChannel(declaration, authenticator, http, world.contents)
    return sending_target(declaration, channel, "jira")


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_document_is_one_issue_with_one_attachment_however_many_answers_are_lost(
    lost: int,
) -> None:
    world, site = TargetWorld(), Jira()
    world.run(jira_target(site, world))
    site.lose_answers = lost
    world.send_document(b"%PDF\r\n--x\r\n\x00\xff", file_name='../W-9"\r\nX: 1.pdf')

    world.run_until_idle(jira_target(site, world))

    (issue,) = site.issues
    (label,) = issue["fields"]["labels"]
    assert issue["fields"]["summary"] == "Document to review: Tax form"
    assert issue["fields"]["attachment"] == [
        {
            "filename": f"{label}-.._W-9_X_ 1.pdf",
            "mimeType": "application/pdf",
            "size": 13,
            "content": "%PDF\r\n--x\r\n\x00\xff",
        }
    ]
    assert not world.letters.messages


def test_document_that_is_too_large_is_dead_and_no_issue() -> None:
    world, site = TargetWorld(), Jira()
    world.run(jira_target(site, world))
    world.send_document(b"x" * 10_000_001)

    world.run_until_idle(jira_target(site, world))

    assert [one["reason"] for one in world.letters.messages] == ["document-too-large"]
    assert not site.issues
