"""``gridwix setup`` against the Wix emulator: output and exit code."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import typer
from typer.testing import CliRunner

from emulators.common.server import thread
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.clients.http import new_client
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import ONBOARDING_STEPS, PARTNER_STATUS
from ops import collections
from ops.aws import Aws
from ops.budgets import UnlimitedBudget
from ops.collections import collection_definitions
from ops.commands import apply as apply_command
from ops.commands import setup as command
from ops.emulator import Emulator
from ops.indexes import index_definitions
from ops.outputs.registry import OUTPUTS
from ops.plans import kinds, setup_plans
from ops.plans.models import HAS_CHANGES
from ops.stack import Stack

MESSAGES = CollectionId("PartnerMessages")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[WixClient]:
    with thread(build_app(new_site(replica_lag=0.0))) as url, new_client() as http:
        info = Emulator(url).info()
        client = WixClient(
            http,
            wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url),
            UnlimitedBudget(),
            base_url=url,
        )

        @contextlib.contextmanager
        def connected(_: object) -> Iterator[SimpleNamespace]:
            yield SimpleNamespace(wix=client)

        monkeypatch.setattr(command, "connect", connected)
        monkeypatch.setattr(command, "Aws", lambda: None)
        stack = Stack("gridwix", {}, cast("Aws", None), id="arn:stack")
        monkeypatch.setattr(command, "Stack", SimpleNamespace(read=lambda *_: stack))
        monkeypatch.setattr(apply_command, "Stack", SimpleNamespace(read=lambda *_: stack))
        monkeypatch.setattr(apply_command, "Aws", lambda: None)
        monkeypatch.setattr(kinds, "connect", connected)
        monkeypatch.setattr(kinds, "has_published", lambda _: True)
        monkeypatch.setattr(command, "has_published", lambda _: True)
        yield client


def gridwix_setup(*options: str) -> tuple[int, list[str], str]:
    """Run the command. Return exit code, lines of standard output, and standard error."""
    return run(command.setup, *options)


def run(subject: Callable[..., None], *options: str) -> tuple[int, list[str], str]:
    app = typer.Typer()
    app.command()(subject)
    done = CliRunner().invoke(app, ["--yes", *options], env={"COLUMNS": "200"})
    return done.exit_code, done.stdout.splitlines(), done.stderr or str(done.exception or "")


def gridwix_apply(plan: Path, *options: str) -> tuple[int, list[str], str]:
    return run(apply_command.apply, str(plan), *options)


def definitions(site: WixClient) -> list[Any]:
    """All collections with their indexes, as the site has them."""
    return [
        (found, site.list_indexes(CollectionId(one["id"])) if found else [])
        for one in collection_definitions()
        for found in [site.get_collection(CollectionId(one["id"]))]
    ]


def delete_field(site: WixClient, collection: CollectionId, key: str) -> None:
    """Delete a field with its values, as a person does in Wix's CMS."""
    definition = site.get_collection(collection)
    assert definition is not None
    site._site.call(
        "delete field",
        "POST",
        "/wix-data/v2/collections/delete-field",
        body={"dataCollectionId": collection, "fieldKey": key},
    )


def test_setup_of_a_new_site_says_first_what_it_would_do_then_does_it_and_then_has_nothing_to_do(
    site: WixClient,
) -> None:
    wanted = len(collection_definitions()) + sum(map(len, index_definitions().values()))

    would, said, _ = gridwix_setup("--dry-run")
    untouched = [site.get_collection(CollectionId(one["id"])) for one in collection_definitions()]
    done, told, _ = gridwix_setup()
    again, repeated, hints = gridwix_setup()
    nothing, dry, _ = gridwix_setup("--dry-run")

    assert (would, done, again, nothing) == (HAS_CHANGES, 0, 0, 0)
    assert untouched == [None] * len(collection_definitions())
    assert sum(line.startswith("  create ") for line in said) == wanted == len(said) - 1
    assert said[-1].startswith("It would create ")
    assert sum(line.endswith(": created") for line in told) == wanted == len(told)
    assert sum(line.endswith(": unchanged") for line in repeated) == wanted == len(repeated)
    assert dry == ["Nothing would change"]
    assert "Empty" not in hints


def test_setup_names_an_index_for_which_there_is_no_place_and_does_all_the_rest(
    site: WixClient,
) -> None:
    site.create_collection(next(one for one in collection_definitions() if one["id"] == MESSAGES))
    for number in range(3):
        site.create_index(
            MESSAGES, {"name": f"theirs{number}", "fields": [{"path": "campaign", "order": "ASC"}]}
        )

    code, told, errors = gridwix_setup()

    assert code == 1
    assert [line.strip() for line in errors.splitlines() if "✗" in line] == [
        "✗ index gridwix-partner of PartnerMessages: failed WDE0080"
    ]
    assert (
        sum("index" in line and line.endswith(": created") for line in told)
        == sum(map(len, index_definitions().values())) - 1
    )
    assert {one["name"] for one in site.list_indexes(MESSAGES)} == {"theirs0", "theirs1", "theirs2"}


def test_setup_after_a_field_was_deleted_makes_it_anew_and_says_what_is_empty_and_how_it_is_filled(
    site: WixClient,
) -> None:
    gridwix_setup()
    delete_field(site, PARTNER_STATUS, "headline")

    would, said, _ = gridwix_setup("--dry-run")
    done, told, hints = gridwix_setup()
    again, _, nothing = gridwix_setup()

    assert (would, done, again) == (HAS_CHANGES, 0, 0)
    assert "  update collection PartnerStatus: adds headline" in said
    assert " ✓ collection PartnerStatus: updated, with headline created again" in told
    assert "Empty is: headline of PartnerStatus" in hints
    assert "gridwix reconcile --collection PartnerStatus" in hints
    assert "Empty" not in nothing


def test_setup_after_a_field_was_deleted_that_nothing_can_bring_back_says_so(
    site: WixClient,
) -> None:
    gridwix_setup()
    delete_field(site, MESSAGES, "campaign")

    _, _, hints = gridwix_setup()

    assert "Empty is: campaign of PartnerMessages. Only a backup" in hints
    assert "reconcile" not in hints


def test_setup_after_a_collection_was_deleted_on_a_site_in_use_says_that_its_rows_are_gone(
    site: WixClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "has_published", lambda _: False)
    _, _, fresh = gridwix_setup()
    monkeypatch.setattr(command, "has_published", lambda _: True)
    site._site.call("delete collection", "DELETE", f"/wix-data/v2/collections/{PARTNER_STATUS}")

    _, _, hints = gridwix_setup()

    assert "Empty" not in fresh
    assert "Empty is: all of PartnerStatus" in hints


def test_setup_with_reconcile_has_what_was_lost_compared_and_nothing_else(
    site: WixClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[list[str]] = []
    monkeypatch.setattr(
        command,
        "run_comparison",
        lambda _, collections, timeout, quiet: compared.append(list(collections)),
    )
    gridwix_setup("--reconcile")
    compared.clear()
    gridwix_setup("--reconcile")
    delete_field(site, PARTNER_STATUS, "headline")

    gridwix_setup("--reconcile", "--dry-run")
    gridwix_setup("--reconcile")

    assert compared == [[PARTNER_STATUS]]


def test_plan_of_a_setup_is_applied_and_a_second_time_nothing_is_done(
    site: WixClient, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"

    planned, _, _ = gridwix_setup("--plan", str(plan))
    untouched = definitions(site)
    applied, told, _ = gridwix_apply(plan)
    nothing, _, _ = gridwix_setup("--plan", str(tmp_path / "none.json"))
    before = definitions(site)
    again, repeated, _ = gridwix_apply(plan)

    assert (planned, applied, nothing, again) == (HAS_CHANGES, 0, 0, 0)
    assert untouched == [(None, [])] * len(collection_definitions())
    number = len(collection_definitions()) + sum(map(len, index_definitions().values()))
    assert told == [f"{number} of {number} changes are made"]
    assert "nothing was done now" in repeated[0]
    assert definitions(site) == before


def test_plan_names_the_fields_and_members_of_an_update(site: WixClient, tmp_path: Path) -> None:
    gridwix_setup()
    delete_field(site, PARTNER_STATUS, "headline")

    code, said, _ = gridwix_setup("--plan", str(tmp_path / "plan.json"))
    document = json.loads((tmp_path / "plan.json").read_text())

    assert (code, said) == (
        HAS_CHANGES,
        ["  update collection PartnerStatus: adds headline", "It would update 1 collection"],
    )
    (change,) = document["changes"]
    assert (change["added"], change["members"]) == (["headline"], [])
    assert document["losses"] == ["headline of PartnerStatus"]


@pytest.mark.parametrize("deleted", ["headline", "partnerName"])
def test_apply_of_a_setup_after_somebody_changed_the_site_changes_nothing_and_says_what(
    site: WixClient, tmp_path: Path, deleted: str
) -> None:
    gridwix_setup()
    delete_field(site, PARTNER_STATUS, "failedChecks")
    gridwix_setup("--plan", str(tmp_path / "plan.json"))
    delete_field(site, PARTNER_STATUS, deleted)
    before = definitions(site)

    code, told, said = gridwix_apply(tmp_path / "plan.json")

    assert (code, told) == (1, [])
    assert "collection PartnerStatus: added was failedChecks, now it is " in said
    assert deleted in said
    assert definitions(site) == before


def test_apply_of_a_setup_after_another_setup_changes_nothing(
    site: WixClient, tmp_path: Path
) -> None:
    gridwix_setup("--plan", str(tmp_path / "plan.json"))
    gridwix_setup()
    before = definitions(site)

    code, _, said = gridwix_apply(tmp_path / "plan.json")

    assert code == 1
    assert "it is as it should be" in said
    assert definitions(site) == before


def test_apply_of_a_setup_that_died_in_the_middle_goes_on_and_ends_right(
    site: WixClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.json"
    gridwix_setup("--plan", str(plan))
    sent: list[str] = []
    send = collections.send_update

    def send_some(store: Any, update: Any) -> None:
        if len(sent) == 3:
            raise KeyboardInterrupt
        sent.append(update.ensured.collection)
        send(store, update)

    with monkeypatch.context() as patched:
        patched.setattr(setup_plans, "send_update", send_some)
        interrupted, _, _ = gridwix_apply(plan)
    there = sum(found is not None for found, _ in definitions(site))
    code, told, _ = gridwix_apply(plan)
    nothing, _, _ = gridwix_setup("--plan", str(tmp_path / "none.json"))

    assert (interrupted != 0, there, code, nothing) == (True, 3, 0, 0)
    assert "were made before" in told[0]


def test_apply_of_a_setup_that_died_after_it_dropped_an_index_creates_it(
    site: WixClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.json"
    gridwix_setup()
    name = index_definitions()[MESSAGES][0].name
    site.drop_index(MESSAGES, name)
    other = {"name": name, "fields": [{"path": "campaign", "order": "ASC"}]}
    site.create_index(MESSAGES, other)
    _, said, _ = gridwix_setup("--plan", str(plan))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(WixClient, "create_index", crash)
        gridwix_apply(plan)
    dropped = name not in {one["name"] for one in site.list_indexes(MESSAGES)}
    code, told, errors = gridwix_apply(plan)

    assert said[0].startswith(f"  replace index {name} of PartnerMessages on ")
    assert (dropped, code, told) == (True, 0, ["1 of 1 changes are made"]), errors
    assert gridwix_setup("--dry-run")[:2] == (0, ["Nothing would change"])


def test_apply_of_a_setup_that_died_before_it_forgot_a_lost_field_forgets_it(
    site: WixClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.json"
    gridwix_setup()
    delete_field(site, ONBOARDING_STEPS, "title")
    gridwix_setup("--plan", str(plan))
    forgotten: list[str] = []

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(setup_plans, "forget_agreement", crash)
        gridwix_apply(plan)
    monkeypatch.setattr(
        setup_plans, "forget_agreement", lambda _, loss: forgotten.append(str(loss))
    )
    code, told, errors = gridwix_apply(plan)

    assert (code, told) == (0, ["0 of 1 changes are made, 1 were made before"]), errors
    assert forgotten == ["title of OnboardingSteps"]


def test_setup_prints_documents_by_its_schema(site: WixClient, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    planned = gridwix_setup("--plan", str(plan), "--json")
    applied = run(apply_command.apply, str(plan), "--json")
    done = gridwix_setup("--json")

    for command_name, (_, lines, _) in (("setup", planned), ("apply", applied), ("setup", done)):
        OUTPUTS[command_name].model_validate_json("\n".join(lines))
    assert json.loads("\n".join(planned[1]))["plan"] == json.loads(plan.read_text())
    assert json.loads("\n".join(applied[1]))["result"] == "applied"
    assert {one["outcome"] for one in json.loads("\n".join(done[1]))["collections"]} == {
        "unchanged"
    }


def test_setup_with_a_plan_and_a_comparison_is_refused(site: WixClient, tmp_path: Path) -> None:
    code, _, said = gridwix_setup("--plan", str(tmp_path / "plan.json"), "--reconcile")

    assert (code, "gridwix reconcile --plan" in said) == (1, True)
