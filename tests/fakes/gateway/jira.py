"""A stand-in of Jira Cloud as far as a source reads it, made from Atlassian's documentation.

- Jira Service Management, ``GET /rest/servicedeskapi/request``: ``start``, ``limit``,
  ``requestStatus``; ``size``, ``isLastPage``, ``_links.next``, ``values`` with ``currentStatus``,
  newest update first, no filter by the time of the update:
  developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/ and
  jira.atlassian.com/browse/JSDCLOUD-14334
- Jira, ``GET /rest/api/3/search/jql``: ``jql``, ``nextPageToken``, ``maxResults``, ``fields``;
  ``issues``, ``nextPageToken``, ``isLast``:
  developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
- JQL compares ``updated`` by the minute, in the time zone of the account:
  support.atlassian.com/jira-service-management-cloud/docs/jql-fields/
"""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import httpx

USER, TOKEN = "gridwix@northwind.example", "api-token"
PARTNER_FIELD = "customfield_10100"
REQUEST_TYPE_FIELD = "customfield_10010"

type Issue = dict[str, Any]


class Jira:
    """A site with requests of a service desk. Called by ``httpx.MockTransport``.

    Args:
        now: The site's clock.
        offset_hours: Offset of the account's time zone, which JQL's times are in.
    """

    host = "example.atlassian.net"

    def __init__(self, now: datetime, offset_hours: int = 0) -> None:
        self.now = now
        self.zone = timezone(timedelta(hours=offset_hours))
        self.issues: dict[str, Issue] = {}
        self.requests: list[httpx.Request] = []
        self.before_answer: Callable[[httpx.Request], httpx.Response | None] = lambda _: None

    def add_request(self, key: str, **values: Any) -> Issue:
        """Add a request of a partner."""
        issue = {
            "id": str(10_000 + len(self.issues)),
            "key": key,
            "summary": "Which price will you pay?",
            "status": "Waiting for support",
            "category": "NEW",
            "priority": "Medium",
            "partner": "GC070000000101",
            "updated": self.now,
            "created": self.now,
            **values,
        }
        self.issues[key] = issue
        return issue

    def update_request(self, key: str, **values: Any) -> None:
        """Change a request, which moves it in the order of updates."""
        self.issues[key] |= {"updated": self.now, **values}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if (answer := self.before_answer(request)) is not None:
            return answer
        basic = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return httpx.Response(401, json={"errorMessages": ["You are not authenticated."]})
        headers = {"Date": format_datetime(self.now, usegmt=True)}
        match request.url.path:
            case "/rest/api/3/search/jql":
                return httpx.Response(200, json=self._search(request.url.params), headers=headers)
            case "/rest/servicedeskapi/request":
                return httpx.Response(200, json=self._list(request.url), headers=headers)
        return httpx.Response(404, json={"errorMessages": ["No such resource"]})

    def _search(self, parameters: httpx.QueryParams) -> dict[str, Any]:
        jql = parameters["jql"]
        found = list(self.issues.values())
        if least := re.search(r'updated >= "([^"]+)"', jql):
            moment = datetime.strptime(least[1], "%Y/%m/%d %H:%M").replace(tzinfo=self.zone)
            found = [issue for issue in found if issue["updated"] >= moment]
        if jql.endswith("ORDER BY updated ASC"):
            found.sort(key=lambda issue: issue["updated"])
        start, size = int(parameters.get("nextPageToken", 0)), int(parameters["maxResults"])
        names = parameters["fields"].split(",")
        page = {
            "issues": [self._issue(issue, names) for issue in found[start : start + size]],
            "isLast": start + size >= len(found),
        }
        return page if page["isLast"] else {**page, "nextPageToken": str(start + size)}

    def _issue(self, issue: Issue, names: list[str]) -> dict[str, Any]:
        fields = {
            "summary": issue["summary"],
            "status": {"name": issue["status"]},
            "priority": {"name": issue["priority"]},
            "updated": _jira_time(issue["updated"].astimezone(self.zone)),
            "resolutiondate": None,
            PARTNER_FIELD: issue["partner"],
            REQUEST_TYPE_FIELD: {
                "requestType": {"id": "25", "name": "Invoice question"},
                "currentStatus": {"status": issue["status"], "statusCategory": issue["category"]},
            },
        }
        chosen = {name: fields[name] for name in names}
        return {"id": issue["id"], "key": issue["key"], "fields": chosen}

    def _list(self, url: httpx.URL) -> dict[str, Any]:
        start = int(url.params.get("start", "0"))
        limit = int(url.params.get("limit", "50"))
        found = sorted(self.issues.values(), key=lambda issue: issue["updated"], reverse=True)
        page = found[start : start + limit]
        is_last = start + limit >= len(found)
        context = f"https://{self.host}/rest/servicedeskapi"
        links = {"base": f"https://{self.host}", "context": "", "self": str(url)}
        if not is_last:
            links["next"] = str(url.copy_set_param("start", str(start + limit)))
        return {
            "_expands": [],
            "size": len(page),
            "start": start,
            "limit": limit,
            "isLastPage": is_last,
            "_links": links,
            "values": [_customer_request(issue, context) for issue in page],
        }


def _customer_request(issue: Issue, context: str) -> dict[str, Any]:
    return {
        "issueId": issue["id"],
        "issueKey": issue["key"],
        "summary": issue["summary"],
        "requestTypeId": "25",
        "serviceDeskId": "10",
        "createdDate": _date(issue["created"]),
        "requestFieldValues": [
            {"fieldId": "summary", "label": "Summary", "value": issue["summary"]},
            {"fieldId": PARTNER_FIELD, "label": "Trading partner", "value": issue["partner"]},
        ],
        "currentStatus": {
            "status": issue["status"],
            "statusCategory": issue["category"],
            "statusDate": _date(issue["updated"]),
        },
        "_links": {"self": f"{context}/request/{issue['id']}"},
    }


def _date(moment: datetime) -> dict[str, Any]:
    return {
        "epochMillis": int(moment.timestamp() * 1000),
        "friendly": moment.strftime("%A %H:%M"),
        "iso8601": moment.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "jira": _jira_time(moment),
    }


def _jira_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}{moment:%z}"


START = datetime(2026, 3, 12, 8, tzinfo=UTC)
"""The site's time at the beginning of a test."""
