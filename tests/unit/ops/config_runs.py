"""One run of each ``gridwix config`` command with ``--json``, and what its document must have."""

import contextlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gridwix.models.configuration_versions import BUNDLED
from gridwix.runtime.build_report import bundled_version
from ops.configuration import FOLDER
from ops.paths import ROOT
from tests.command_output import printed_document
from tests.factories import BALTIC, PRAIRIE_GOLD, partner, submission
from tests.fakes.aws import create_configuration_table
from tests.fakes.intake import FakeInbox
from tests.fakes.messaging import FakePeople
from tests.fakes.trading_grid import FakeTradingGrid
from tests.unit.ops.json_runs import Deployed

ROUTED = "routing.rules.invoice.team"


def _edited_folder(world: Deployed) -> Path:
    """Return a copy of ``config/`` in which another team gets requests about invoices."""
    folder = Path(shutil.copytree(FOLDER, world.folder / "config"))
    text = (folder / "routing.yaml").read_text()
    (folder / "routing.yaml").write_text(text.replace("team: ap-disputes", "team: edi-support", 1))
    return folder


def _serve_versions(world: Deployed) -> None:
    world.serve({"ConfigurationTableName": create_configuration_table(world.tables)})


def run_check(_: Deployed) -> None:
    document = printed_document("config check", str(FOLDER))

    assert document == {"folder": str(FOLDER), "version": bundled_version(), "warnings": []}


def run_diff(world: Deployed) -> None:
    _serve_versions(world)
    folder = _edited_folder(world)

    unpublished = printed_document("config diff", str(folder))
    by_folder = printed_document("config diff", str(folder), "--with", str(FOLDER))
    printed_document("config apply", str(folder), "--yes")
    published = printed_document("config diff", str(FOLDER))

    (setting,) = unpublished["differences"]["settings"]
    assert setting == {"path": ROUTED, "before": '"ap-disputes"', "after": '"edi-support"'}
    assert (unpublished["published"], unpublished["comparedWith"]) == (False, bundled_version())
    assert by_folder == unpublished
    assert (published["published"], published["version"]) == (True, bundled_version())
    assert published["comparedWith"] == unpublished["version"]


def run_apply(world: Deployed) -> None:
    _serve_versions(world)
    folder = _edited_folder(world)
    labels = (folder / "labels.yaml").read_text()
    (folder / "labels.yaml").write_text(labels.replace("de: Neu", "de: Eingegangen", 1))

    first = printed_document("config apply", str(folder), "--yes")
    again = printed_document("config apply", str(folder))

    assert (first["changed"], first["revision"]) == (True, 1)
    assert ROUTED in {one["path"] for one in first["differences"]["settings"]}
    assert first["differences"]["modules"] == ["texts.js"]
    assert again == {
        **first,
        "changed": False,
        "differences": {"settings": [], "modules": []},
    }


def run_versions(world: Deployed) -> None:
    _serve_versions(world)
    folder = _edited_folder(world)

    none = printed_document("config versions")
    applied = printed_document("config apply", str(folder), "--yes", "--note", "invoices to EDI")
    printed_document("config rollback", "--yes")
    newest, oldest = printed_document("config versions")["changes"]

    assert none == {"changes": []}
    assert (newest["version"], newest["action"], newest["inEffect"]) == (BUNDLED, "rollback", True)
    assert (oldest["version"], oldest["note"]) == (applied["version"], "invoices to EDI")
    assert oldest["inEffect"] is False


def run_rollback(world: Deployed) -> None:
    _serve_versions(world)
    applied = printed_document("config apply", str(_edited_folder(world)), "--yes")

    back = printed_document("config rollback", "--yes")
    again = printed_document("config rollback", BUNDLED)
    forward = printed_document("config rollback", applied["version"], "--yes")

    assert back == {"version": BUNDLED, "revision": 2, "changed": True}
    assert again == {**back, "changed": False}
    assert forward == {"version": applied["version"], "revision": 3, "changed": True}


def run_preview_request(world: Deployed) -> None:
    world.serve({"SubmissionTableName": "submissions"})
    inbox = FakeInbox()
    inbox.accept(submission("sub_1"))
    inbox.accept(submission("sub_2", form="issue-comment", values={"comment": "Still open"}))
    world.replace("config_preview.DynamoDBSubmissionInbox", lambda *_: inbox)
    sample = str(ROOT / "events/wix_webhook/form_post.json")

    by_file = printed_document("config preview request", sample)
    stored = printed_document("config preview request", "sub_1")
    unrouted = printed_document("config preview request", "sub_2")

    route = by_file["route"]
    assert (route["rule"], route["position"], route["rules"]) == ("anything_else", 6, 6)
    assert (route["teamName"], route["dueAt"]) == ("Partner desk", "2026-03-16T20:05:31Z")
    assert stored["route"]["team"] == "ap-disputes"
    assert "Dana" not in str(stored)
    assert (unrouted["type"], unrouted["route"]) == (None, None)


def run_preview_campaign(world: Deployed) -> None:
    world.serve({})
    grid, people = FakeTradingGrid(), FakePeople()
    grid.put(partner(), partner(BALTIC))
    for number in range(30):
        people.add_link(f"member-{number:02}")
    people.add_link("no-mail", email="")
    connections = SimpleNamespace(community=grid, wix=None, site=None)
    world.replace("config_preview.connect", lambda _: contextlib.nullcontext(connections))
    world.replace("config_preview.WixMemberDirectory", lambda *_: people)

    document: Any = printed_document("config preview campaign", "document-updated")

    channels = {one["channel"]: one for one in document["channels"]}
    assert (document["record"], document["wouldBeSent"], document["reason"]) == (None, True, None)
    assert sorted(document["partners"]) == sorted([PRAIRIE_GOLD, BALTIC])
    assert len(channels["email"]["members"]) == 30
    assert channels["email"]["leftOut"] == {"no_address": 1}
    assert document["unreached"] == [BALTIC]
    assert "@" not in str(document)


def run_preview_text(_: Deployed) -> None:
    (german,) = [
        one
        for one in printed_document("config preview text", "case.status=new")["texts"]
        if one["language"] == "de"
    ]

    assert german == {
        "name": "case.status=new",
        "pluralForm": None,
        "language": "de",
        "translated": True,
        "text": "Neu",
    }


RUNS: Mapping[str, Callable[[Deployed], None]] = {
    "config apply": run_apply,
    "config check": run_check,
    "config diff": run_diff,
    "config preview campaign": run_preview_campaign,
    "config preview request": run_preview_request,
    "config preview text": run_preview_text,
    "config rollback": run_rollback,
    "config versions": run_versions,
}
