"""The doctor: every probe runs, and what it finds gives nothing away."""

import json
from typing import cast

import httpx

from gridwix.clients.wix.auth import ApiKeyAuth
from gridwix.clients.wix.client import WixClient
from gridwix.errors import Forbidden, GridwixError
from gridwix.models.ids import CollectionId
from gridwix.services.ports import CallBudget
from ops.connections import Patient, Unlimited
from ops.indexes import Index
from ops.probes import ADMIN_ONLY, Finding, collection_state, examine_one


def wix(collection: dict[str, object] | None, *indexes: dict[str, object]) -> WixClient:
    """A site with one collection of 12 items, or none, and its indexes."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/count"):
            return httpx.Response(200, json={"totalCount": 12})
        if request.url.path.endswith("/indexes"):
            return httpx.Response(200, json={"indexes": indexes})
        if collection is None:
            return httpx.Response(404, json={"message": "", "details": {"applicationError": {"code": "WDE0025", "description": "no such collection"}}})
        return httpx.Response(200, content=json.dumps({"collection": collection}))

    return WixClient(httpx.Client(transport=httpx.MockTransport(answer)), ApiKeyAuth("key", "site"), cast("CallBudget", Unlimited()))


def probe(client: WixClient) -> Finding:
    return examine_one("Wix", "collection Notices", lambda: collection_state(client, CollectionId("Notices")))


def test_a_locked_collection_works() -> None:
    found = probe(wix({"id": "Notices", "permissions": ADMIN_ONLY}))

    assert found == Finding("Wix", "collection Notices", True, "12 items, administrators only")


def test_a_collection_that_others_may_read_does_not_pass() -> None:
    found = probe(wix({"id": "Notices", "permissions": {**ADMIN_ONLY, "read": "ANYONE"}}))

    assert not found.works
    assert "gridwix setup" in found.found


def test_a_missing_collection_names_the_command_that_creates_it() -> None:
    found = probe(wix(None))

    assert not found.works
    assert "gridwix setup" in found.found


def test_a_collection_with_its_indexes_works_and_one_of_which_an_index_has_failed_does_not_pass() -> None:
    wanted = Index("gridwix-partner", (("partnerId", "ASC"),))

    def probed(**changes: object) -> Finding:
        client = wix({"id": "Notices", "permissions": ADMIN_ONLY}, {**wanted.on_wire(), "status": "ACTIVE", **changes})
        return examine_one("Wix", "collection Notices", lambda: collection_state(client, CollectionId("Notices"), [wanted]))

    right, failed, missing = probed(), probed(status="FAILED", failure={"code": "WDE0112"}), probed(name="byTitle")

    assert (right.works, right.found) == (True, "12 items, administrators only, 1 index")
    assert (failed.works, failed.found) == (False, "gridwix: index gridwix-partner has failed WDE0112; `gridwix setup` makes it anew")
    assert (missing.works, "index gridwix-partner is missing" in missing.found) == (False, True)


def test_a_refused_probe_becomes_a_finding_with_the_errors_code() -> None:
    def refused() -> str:
        raise Forbidden(system="wix", status=403)

    found = examine_one("Wix", "items", refused)

    assert (found.works, found.found) == (False, "upstream_forbidden: wix answered 403")


def test_examine_one_hides_no_fault_of_ours() -> None:
    def broken() -> str:
        raise KeyError("a bug")

    try:
        examine_one("Wix", "items", broken)
    except KeyError as error:
        assert not isinstance(error, GridwixError)
    else:
        raise AssertionError("the bug was taken for a finding")


def test_somebody_patient_waits_for_calls_that_cannot_be_had_at_once() -> None:
    waits, slept = [2.5, 0.5, 0.0], list[float]()

    class Empty(Unlimited):
        def take(self, calls: int = 1) -> float:
            assert calls == 3
            return waits.pop(0)

    assert (Patient(Empty(), slept.append).take(3), slept) == (0.0, [2.5, 0.5])
