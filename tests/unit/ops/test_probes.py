"""The doctor's probes: every one runs, and what it finds gives nothing away."""

import json
from collections.abc import Mapping
from typing import Any, cast

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from gridwix.clients.wix.auth import ApiKeyAuth
from gridwix.clients.wix.client import WixClient
from gridwix.errors import BudgetExhausted, Forbidden, GridwixError, Unavailable
from gridwix.ports import CallBudget
from ops.budgets import UnlimitedBudget
from ops.collection_probes import ADMIN_ONLY, collection_probes, collection_state
from ops.collections import collection_definitions
from ops.indexes import Index, index_definitions
from ops.probes import Finding, SharedRead, run_probe

WANTED: dict[str, Any] = {
    "id": "Notices",
    "fields": [{"key": "title", "type": "TEXT"}, {"key": "open", "type": "BOOLEAN"}],
}
RIGHT: dict[str, Any] = {**WANTED, "permissions": ADMIN_ONLY}


def wix(collection: Mapping[str, object] | None, *indexes: dict[str, object]) -> WixClient:
    """A site with one collection of 12 items, or none, and its indexes."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/count"):
            return httpx.Response(200, json={"totalCount": 12})
        if request.url.path.endswith("/indexes"):
            return httpx.Response(200, json={"indexes": indexes})
        if collection is None:
            return httpx.Response(
                404,
                json={
                    "message": "",
                    "details": {
                        "applicationError": {"code": "WDE0025", "description": "no such collection"}
                    },
                },
            )
        return httpx.Response(200, content=json.dumps({"collection": collection}))

    return WixClient(
        httpx.Client(transport=httpx.MockTransport(answer)),
        ApiKeyAuth("key", "site"),
        cast("CallBudget", UnlimitedBudget()),
    )


def probe(client: WixClient, *indexes: Index) -> Finding:
    return run_probe("Wix", "collection Notices", lambda: collection_state(client, WANTED, indexes))


def test_a_collection_as_it_is_defined_works() -> None:
    assert probe(wix(RIGHT)) == Finding(
        "Wix", "collection Notices", True, "2 fields, administrators only"
    )


def test_a_collection_with_fields_that_somebody_added_works() -> None:
    assert probe(
        wix({**RIGHT, "fields": [*RIGHT["fields"], {"key": "photo", "type": "IMAGE"}]})
    ).works


def test_a_collection_that_others_may_read_does_not_pass() -> None:
    found = probe(wix({**RIGHT, "permissions": {**ADMIN_ONLY, "read": "ANYONE"}}))

    assert found.is_fault
    assert "gridwix setup" in found.found


def test_a_collection_that_has_lost_a_field_does_not_pass_and_names_it() -> None:
    found = probe(wix({**RIGHT, "fields": RIGHT["fields"][:1]}))

    assert found.is_fault
    assert "1 field missing: open" in found.found
    assert "gridwix setup" in found.found


def test_a_collection_with_a_field_of_another_type_does_not_pass_and_names_both() -> None:
    found = probe(
        wix({**RIGHT, "fields": [{"key": "title", "type": "NUMBER"}, RIGHT["fields"][1]]})
    )

    assert found.is_fault
    assert "field title has another type than TEXT" in found.found


def test_a_missing_collection_names_the_command_that_creates_it() -> None:
    found = probe(wix(None))

    assert found.is_fault
    assert "gridwix setup" in found.found


def test_a_collection_with_its_indexes_works_and_one_with_a_failed_index_does_not_pass() -> None:
    wanted = Index("gridwix-partner", (("partnerId", "ASC"),))

    def probed(**changes: object) -> Finding:
        return probe(wix(RIGHT, {**wanted.to_wix(), "status": "ACTIVE", **changes}), wanted)

    right, failed, missing = (
        probed(),
        probed(status="FAILED", failure={"code": "WDE0112"}),
        probed(name="byTitle"),
    )

    assert (right.works, right.found) == (True, "2 fields, administrators only, 1 index")
    assert (failed.works, failed.found) == (
        False,
        "index gridwix-partner failed WDE0112; `gridwix setup` creates it again",
    )
    assert (missing.works, "index gridwix-partner is missing" in missing.found) == (False, True)


def test_all_collections_cost_one_call_and_one_more_for_each_that_has_indexes() -> None:
    calls: list[str] = []
    indexes = index_definitions()

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        if request.url.path.endswith("/count"):
            return httpx.Response(200, json={"totalCount": 50})
        if request.url.path.endswith("/indexes"):
            named = indexes[cast("Any", request.url.params["dataCollectionId"])]
            return httpx.Response(
                200, json={"indexes": [{**one.to_wix(), "status": "ACTIVE"} for one in named]}
            )
        found = collection_definitions()
        return httpx.Response(
            200,
            json={
                "collections": found,
                "pagingMetadata": {"count": len(found), "offset": 0, "total": len(found)},
            },
        )

    client = WixClient(
        httpx.Client(transport=httpx.MockTransport(answer)),
        ApiKeyAuth("key", "site"),
        cast("CallBudget", UnlimitedBudget()),
    )

    findings = [run_probe(*probe) for probe in collection_probes(client)]

    assert [finding for finding in findings if not finding.works] == []
    assert len(findings) == 1 + len(collection_definitions())
    assert len(calls) == 2 + len(indexes)


def test_a_refused_probe_becomes_a_finding_with_the_errors_code() -> None:
    def refused() -> str:
        raise Forbidden(system="wix", status=403)

    found = run_probe("Wix", "items", refused)

    assert (found.works, found.found) == (False, "upstream_forbidden: wix answered 403")


def test_a_call_budget_that_is_used_up_is_no_fault() -> None:
    def empty() -> str:
        raise BudgetExhausted("count items: the call budget of the site is used up", wait=3)

    found = run_probe("Wix", "items", empty)

    assert (found.works, found.skipped, found.is_fault) == (False, True, False)


@pytest.mark.parametrize(
    "error",
    [
        ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}},
            "GetSecretValue",
        ),
        EndpointConnectionError(endpoint_url="http://nowhere"),
    ],
)
def test_an_error_of_aws_is_a_finding(error: Exception) -> None:
    def failing() -> str:
        raise error

    found = run_probe("Stack", "secrets", failing)

    assert found.is_fault
    assert found.found.startswith("AWS: ")


def test_calls_that_no_server_answers_have_one_cause_whatever_they_are_for() -> None:
    def silent(operation: str, reason: str) -> Finding:
        def probe() -> str:
            raise Unavailable(f"{operation}: {reason}", system="trading_grid")

        return run_probe("Trading Grid", operation, probe)

    assert (
        silent("list of cases", "ReadTimeout").cause
        == silent("list of partners", "ConnectError").cause
    )


def test_examine_one_hides_no_fault_of_ours() -> None:
    def broken() -> str:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        run_probe("Wix", "items", broken)


def test_once_reads_once_and_gives_everybody_the_same_error() -> None:
    reads: list[int] = []

    def read() -> int:
        reads.append(1)
        raise GridwixError("down")

    once = SharedRead(read)

    for _ in range(3):
        with pytest.raises(GridwixError, match="down"):
            once()
    assert len(reads) == 1
