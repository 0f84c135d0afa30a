"""Client for the API of a community gateway, for tests, benchmarks and the demo.

The client reads and changes records as a partner manager would: a person who works for the company
that runs the trading network (the hub).
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from gridwix.clients.http_messages import path_segment


class GatewayClient:
    """Client that reads and changes records over the API of a community gateway.

    Raises httpx.HTTPStatusError for each response that is no success. Each POST has a new
    idempotency key.
    """

    def __init__(self, community_url: str, auth: httpx.Auth, http: httpx.Client) -> None:
        self._url = community_url.rstrip("/")
        self._auth = auth
        self._http = http

    def get_record(self, collection: str, identifier: str) -> dict[str, Any]:
        """Return one record of a collection."""
        return self._call("GET", f"/{collection}/{path_segment(identifier)}")

    def list_records(self, collection: str, cursor: str | None = None) -> dict[str, Any]:
        """Return one page of the records of a collection, as the gateway sends it.

        The page has ``items``, and ``nextCursor``, which is None on the last page.
        """
        return self._call(
            "GET", f"/{collection}?limit=200" + ("" if cursor is None else f"&cursor={cursor}")
        )

    def iterate_records(self, collection: str) -> Iterator[dict[str, Any]]:
        """Yield all records of a collection."""
        cursor: str | None = None
        while True:
            page = self.list_records(collection, cursor)
            yield from page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return

    def list_comments(self, collection: str, identifier: str) -> list[dict[str, Any]]:
        """Return the comments of a record, oldest first."""
        items: list[dict[str, Any]] = self._call(
            "GET", f"/{collection}/{path_segment(identifier)}/comments"
        )["items"]
        return items

    def list_versions(self, document_id: str) -> list[dict[str, Any]]:
        """Return the versions of a document, oldest first."""
        items: list[dict[str, Any]] = self._call(
            "GET", f"/documents/{path_segment(document_id)}/versions"
        )["items"]
        return items

    def read_content(self, document_id: str, number: int) -> bytes:
        """Return the bytes of a version of a document."""
        path = f"/documents/{path_segment(document_id)}/versions/{number}/content"
        answer = self._http.get(self._url + path, auth=self._auth)
        answer.raise_for_status()
        return answer.content

    def change_case(self, case: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields of a case; return the changed case.

        Conditional on the case's version: fails if the case has changed since it was read.
        """
        return self._call("PATCH", f"/cases/{path_segment(case['id'])}", fields, _if_match(case))

    def make_transition(
        self,
        collection: str,
        record: Mapping[str, Any],
        to: str,
        next_action: str | None = None,
        reason: str | None = None,
    ) -> dict[str, Any]:
        """Move a record to the status ``to``; return the changed record.

        Conditional on the record's version: fails if the record has changed since it was read.

        Args:
            collection: The record's collection, such as ``cases``.
            record: The record as it was read.
            to: The new status.
            next_action: The text that tells the partner what to do; None leaves it out.
            reason: The reason for the transition; None leaves it out.
        """
        said = {"nextAction": next_action, "reason": reason}
        return self._post_transition(
            f"/{collection}/{path_segment(record['id'])}",
            record,
            {"to": to, **{name: text for name, text in said.items() if text is not None}},
        )

    def make_step_transition(
        self, enrollment: Mapping[str, Any], step_key: str, to: str
    ) -> dict[str, Any]:
        """Move a step of an enrollment to the status ``to``; return the changed step.

        Conditional on the enrollment's version: fails if the enrollment has changed since it was
        read.
        """
        return self._post_transition(
            f"/enrollments/{path_segment(enrollment['id'])}/steps/{path_segment(step_key)}",
            enrollment,
            {"to": to},
        )

    def _post_transition(
        self, path: str, record: Mapping[str, Any], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        return self._call("POST", f"{path}/transitions", body, _if_match(record))

    def comment_on_case(
        self,
        case_id: str,
        body: str,
        *,
        visibility: str = "public",
        author_name: str = "Partner desk",
    ) -> dict[str, Any]:
        """Comment on a case as a person of the hub; return the new comment.

        Partners do not see comments with visibility ``internal``.
        """
        wish = {
            "body": body,
            "visibility": visibility,
            "authorKind": "internal",
            "authorName": author_name,
        }
        return self._call("POST", f"/cases/{path_segment(case_id)}/comments", wish)

    def comment_on_request(
        self,
        request_id: str,
        question: str,
        *,
        visibility: str = "public",
        author_name: str = "Partner desk",
    ) -> dict[str, Any]:
        """Comment on a collaboration request as a person of the hub; return the new comment.

        Partners do not see comments with visibility ``internal``.
        """
        wish = {
            "body": question,
            "visibility": visibility,
            "authorKind": "internal",
            "authorName": author_name,
        }
        return self._call(
            "POST", f"/collaboration-requests/{path_segment(request_id)}/comments", wish
        )

    def create_request(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create a collaboration request from its fields; return the created request."""
        return self._call("POST", "/collaboration-requests", fields)

    def decide_approval(self, approval_id: str, decision: str, comment: str = "") -> dict[str, Any]:
        """Approve or reject a pending approval; return the approval.

        ``decision`` is ``approved`` or ``rejected``.
        """
        return self._call(
            "POST",
            f"/approvals/{path_segment(approval_id)}/decision",
            {"decision": decision, "comment": comment},
        )

    def register_webhook(self, url: str) -> dict[str, Any]:
        """Register a webhook for all event types; return its id and its signing secrets."""
        return self._call("POST", "/webhook-endpoints", {"url": url})

    def list_deliveries(self, endpoint_id: str) -> Sequence[dict[str, Any]]:
        """Return the deliveries of events to a webhook endpoint, one per event."""
        items: Sequence[dict[str, Any]] = self._call(
            "GET", f"/webhook-endpoints/{path_segment(endpoint_id)}/deliveries"
        )["items"]
        return items

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        own = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        answer = self._http.request(
            method, self._url + path, json=body, headers={**own, **(headers or {})}, auth=self._auth
        )
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document


def _if_match(record: Mapping[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"v{record["version"]}"'}
