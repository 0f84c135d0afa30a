"""``gridwix desk`` and ``gridwix gateway check`` print JSON for programs."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command_output import printed_document
from tests.contract.gateway.test_desk_command import PARTNER, new_case, new_request, work_as
from tests.fakes.gateway.hubs import BASE, GatewayHub, ProfileClient, serve_gateway
from tests.fakes.gateway.server import DESK

TITLE = "Routing guide 2031"


@pytest.fixture(scope="module")
def served() -> Iterator[GatewayHub]:
    with serve_gateway() as found:
        found.credentials = (DESK.key, DESK.secret)
        yield found


@pytest.fixture
def grid(served: GatewayHub, monkeypatch: pytest.MonkeyPatch) -> ProfileClient:
    work_as(served, monkeypatch)
    return ProfileClient(served)


def changed(command: str, *arguments: str) -> Any:
    return printed_document(f"desk {command}", *arguments, "--yes")


def run_list(grid: ProfileClient, _: Path) -> None:
    first, second = new_request(grid), new_case(grid)

    document = printed_document("desk list", "cases", "requests", "--limit", "1000")
    short = printed_document("desk list", "cases", "--limit", "1")

    assert {first["id"], second["id"]} <= {one["id"] for one in document["rows"]}
    assert document["more"] == 0
    assert len(short["rows"]) == 1


def run_show(grid: ProfileClient, _: Path) -> None:
    request = new_request(grid)

    document = printed_document("desk show", request["id"])

    assert (document["collection"], document["record"]["id"]) == (
        "collaboration-requests",
        request["id"],
    )
    assert document["record"]["answers"] == request["answers"]


def run_assign(grid: ProfileClient, _: Path) -> None:
    case = new_case(grid)

    document = changed("assign", case["id"], "--team", "label-team")

    assert document == {
        "collection": "cases",
        "id": case["id"],
        "step": None,
        "status": "new",
        "version": case["version"] + 1,
    }


def run_comment(grid: ProfileClient, _: Path) -> None:
    case = new_case(grid)

    document = changed("comment", case["id"], "We look into it.")

    comments = grid.client.get(f"/cases/{case['id']}/comments").json()["items"]
    assert document["comment"] == comments[-1]["id"]


def run_move(grid: ProfileClient, _: Path) -> None:
    case = new_case(grid)

    assert changed("move", case["id"], "open")["status"] == "open"
    step = changed("move", "enr_01J9QK", "in_progress", "--step", "tax_form")
    assert (step["step"], step["status"]) == ("tax_form", "in_progress")


def run_resolve(grid: ProfileClient, _: Path) -> None:
    assert changed("resolve", new_case(grid)["id"], "Sent again.")["status"] == "resolved"


def run_close(grid: ProfileClient, _: Path) -> None:
    case = new_case(grid)
    changed("resolve", case["id"], "Sent again.")

    assert changed("close", case["id"])["status"] == "closed"


def run_publish(_: ProfileClient, __: Path) -> None:
    document = changed("publish", "Delays", "--text", "Documents are late.")

    assert (document["collection"], document["status"]) == ("service-notices", "investigating")


def run_update(_: ProfileClient, __: Path) -> None:
    notice = changed("publish", "Delays", "--text", "Documents are late.")

    document = changed("update", notice["id"], "--to", "identified", "--text", "A full disk.")

    assert (document["id"], document["status"]) == (notice["id"], "identified")


def run_publish_document(_: ProfileClient, folder: Path) -> None:
    (first,) = _published(folder, "guide-1")
    (again,) = _published(folder, "guide-1")

    assert (first["changed"], first["status"], first["version"]) == (True, "published", 1)
    assert again == {**first, "changed": False}


def run_approve(_: ProfileClient, folder: Path) -> None:
    (waiting,) = _published(folder, "guide-2", "--review")

    document = changed("approve", waiting["document"])

    assert waiting["waitsForApproval"] is True
    assert (document["collection"], document["status"]) == ("approvals", "approved")


def run_reject(_: ProfileClient, folder: Path) -> None:
    (waiting,) = _published(folder, "guide-3", "--review")

    document = changed("reject", waiting["document"], "--comment", "Page 2 is missing.")

    assert document["status"] == "rejected"


def run_fetch(_: ProfileClient, folder: Path) -> None:
    (made,) = _published(folder, "guide-4")
    target = folder / "fetched.pdf"

    document = printed_document("desk fetch", made["document"], "--to", str(target))
    again = printed_document("desk fetch", made["document"], "--to", str(target))

    assert document["path"] == str(target)
    assert document["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert (document["isNew"], again["isNew"]) == (True, False)


def run_check(grid: ProfileClient, _: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        token = grid.headers["authorization"].removeprefix("Bearer ")
        patch.setenv("GRIDWIX_GATEWAY_TOKEN", token)
        url = grid.url + BASE
        document = printed_document("gateway check", url, "--only", "lists.order")

    assert document["holds"] is True
    rules = {rule["rule"]: rule for part in document["capabilities"] for rule in part["rules"]}
    assert rules["lists.order"]["verdict"] == "holds"
    assert document["counts"]["broken"] == 0


def _published(folder: Path, name: str, *arguments: str) -> Any:
    path = folder / f"{name}.pdf"
    path.write_bytes(f"%PDF {name}".encode())
    wish = ("--title", f"{TITLE} {name}", "--category", "routing_guide", "--partner", PARTNER)
    return changed("publish-document", str(path), *wish, *arguments)["documents"]


RUNS: Mapping[str, Callable[[ProfileClient, Path], None]] = {
    "desk approve": run_approve,
    "desk assign": run_assign,
    "desk close": run_close,
    "desk comment": run_comment,
    "desk fetch": run_fetch,
    "desk list": run_list,
    "desk move": run_move,
    "desk publish": run_publish,
    "desk publish-document": run_publish_document,
    "desk reject": run_reject,
    "desk resolve": run_resolve,
    "desk show": run_show,
    "desk update": run_update,
    "gateway check": run_check,
}


@pytest.mark.parametrize("command", sorted(RUNS))
def test_output_is_one_document_of_the_commands_schema(
    command: str, grid: ProfileClient, tmp_path: Path
) -> None:
    RUNS[command](grid, tmp_path)
