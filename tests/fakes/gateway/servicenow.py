"""A stand-in of ServiceNow's REST API as far as a source reads it, made from its documentation.

- Table API, ``GET /api/now/table/{tableName}``: ``sysparm_query`` (conditions joined by ``^``,
  ``ORDERBY``; an invalid part is ignored), ``sysparm_fields`` (fields of related records by a
  point), ``sysparm_display_value``, ``sysparm_limit``, ``sysparm_offset``, the headers ``Link`` and
  ``X-Total-Count``:
  docs.servicenow.com/bundle/geneva-servicenow-platform/page/integrate/inbound_rest/reference/r_TableAPI-GET.html
  and github.com/ServiceNow/ServiceNowDocs, markdown/api-reference/rest-apis/case-api.md
- Rows that the account may not read are left out after the limit has been applied, so that a page
  can be short although others follow.
- Times are ``YYYY-MM-DD hh:mm:ss`` in GMT (case-api.md, ``sys_created_on``).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import httpx

CASES = "sn_customerservice_case"
DELETED = "sys_audit_delete"
CREDENTIALS = {"client_id": "gridwix", "client_secret": "s3cret"}
FORMAT = "%Y-%m-%d %H:%M:%S"

type Record = dict[str, Any]


class ServiceNow:
    """An instance with cases. Called by ``httpx.MockTransport``.

    Args:
        now: The instance's clock.
    """

    host = "example.service-now.com"

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.tables: dict[str, dict[str, Record]] = {CASES: {}, DELETED: {}}
        self.hidden: set[str] = set()
        self.requests: list[httpx.Request] = []
        self.tokens = 0
        self.before_answer: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self._valid_token = ""

    def add_case(self, identifier: str, **values: Any) -> Record:
        """Add a case of a partner's account."""
        record = {
            "sys_id": identifier,
            "number": f"CS{len(self.tables[CASES]) + 1:07}",
            "short_description": "856 rejected",
            "description": "The SSCC does not match.",
            "state": ("1", "New"),
            "priority": ("3", "3 - Moderate"),
            "category": ("1", "ASN"),
            "account.u_buid": "GC070000000101",
            "assignment_group": ("g1", "EDI Support"),
            "due_date": "",
            "resolved_at": "",
            "closed_at": "",
            "sys_updated_on": self.now.strftime(FORMAT),
            **values,
        }
        self.tables[CASES][identifier] = record
        return record

    def update_case(self, identifier: str, **values: Any) -> None:
        """Change a case, which moves it to the end of the order of updates."""
        updated = {"sys_updated_on": self.now.strftime(FORMAT)}
        self.tables[CASES][identifier] |= updated | values

    def delete_case(self, identifier: str) -> None:
        """Delete a case: it leaves its table, and ``sys_audit_delete`` has an entry."""
        del self.tables[CASES][identifier]
        self.tables[DELETED][f"del_{identifier}"] = {
            "sys_id": f"del_{identifier}",
            "tablename": CASES,
            "documentkey": identifier,
            "sys_created_on": self.now.strftime(FORMAT),
        }

    def expire_tokens(self) -> None:
        """Make the issued tokens invalid."""
        self._valid_token = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path == "/oauth_token.do":
            return self._issue_token(request)
        if (answer := self.before_answer(request)) is not None:
            return answer
        if request.headers.get("authorization") != f"Bearer {self._valid_token}":
            error = {"message": "User Not Authenticated", "detail": "Required to provide Auth"}
            return httpx.Response(401, json={"error": error, "status": "failure"})
        table = request.url.path.removeprefix("/api/now/table/")
        if table not in self.tables:
            error = {"message": "Invalid table", "detail": ""}
            return httpx.Response(400, json={"error": error, "status": "failure"})
        return self._list(self.tables[table], request.url)

    def _issue_token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if form != {"grant_type": "client_credentials", **CREDENTIALS}:
            return httpx.Response(401, json={"error": "invalid_client"})
        self.tokens += 1
        self._valid_token = f"token-{self.tokens}"
        return httpx.Response(
            200,
            json={
                "access_token": self._valid_token,
                "scope": "useraccount",
                "token_type": "Bearer",
                "expires_in": 1799,
            },
        )

    def _list(self, table: Mapping[str, Record], url: httpx.URL) -> httpx.Response:
        parameters = url.params
        limit = int(parameters.get("sysparm_limit", "10000"))
        offset = int(parameters.get("sysparm_offset", "0"))
        found = _query(list(table.values()), parameters.get("sysparm_query", ""))
        shown = [one for one in found[offset : offset + limit] if one["sys_id"] not in self.hidden]
        names = parameters.get("sysparm_fields", "").split(",")
        how = parameters.get("sysparm_display_value", "false")
        links = {"first": 0, "last": max(0, (len(found) - 1) // limit * limit)}
        if offset > 0:
            links["prev"] = max(0, offset - limit)
        if offset + limit < len(found):
            links["next"] = offset + limit
        link = ",".join(
            f'<{url.copy_set_param("sysparm_offset", str(at))}>;rel="{rel}"'
            for rel, at in links.items()
        )
        headers = {
            "X-Total-Count": str(len(found)),
            "Link": link,
            "Date": format_datetime(self.now, usegmt=True),
        }
        rows = [{name: _shown(one.get(name, ""), how) for name in names} for one in shown]
        return httpx.Response(200, json={"result": rows}, headers=headers)


def _shown(value: Any, how: str) -> Any:
    raw, display = value if isinstance(value, tuple) else (value, value)
    if how == "all":
        return {"display_value": display, "value": raw}
    return display if how == "true" else raw


def _query(records: list[Record], query: str) -> list[Record]:
    orders: list[str] = []
    for part in filter(None, query.split("^")):
        if part.startswith("ORDERBY"):
            orders.append(part.removeprefix("ORDERBY"))
        elif ">=" in part:
            name, _, least = part.partition(">=")
            if all(name in record for record in records):
                records = [record for record in records if str(record[name]) >= least]
        elif "=" in part:
            name, _, wanted = part.partition("=")
            if all(name in record for record in records):
                records = [record for record in records if record[name] == wanted]
    return sorted(records, key=lambda record: [str(record.get(name, "")) for name in orders])


def later(moment: datetime, **delta: float) -> datetime:
    """Return a time some while later."""
    return moment + timedelta(**delta)


START = datetime(2026, 3, 12, 8, tzinfo=UTC)
"""The instance's time at the beginning of a test."""
