"""``gridwix setup`` against the Wix emulator: output and exit code."""

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace

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
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from ops.budgets import UnlimitedBudget
from ops.collections import collection_definitions
from ops.commands import setup as command
from ops.emulator import Emulator
from ops.indexes import index_definitions

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
        monkeypatch.setattr(command, "Stack", SimpleNamespace(read=lambda *_: None))
        monkeypatch.setattr(command, "has_published", lambda _: True)
        yield client


def gridwix_setup(*options: str) -> tuple[int, list[str], str]:
    """Run the command. Return exit code, lines of standard output, and standard error."""
    app = typer.Typer()
    app.command()(command.setup)
    done = CliRunner().invoke(app, ["--yes", *options], env={"COLUMNS": "200"})
    return done.exit_code, done.stdout.splitlines(), done.stderr


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

    assert (would, done, again, nothing) == (0, 0, 0, 0)
    assert untouched == [None] * len(collection_definitions())
    assert sum(line.endswith(": would be created") for line in said) == wanted == len(said)
    assert sum(line.endswith(": created") for line in told) == wanted == len(told)
    assert sum(line.endswith(": unchanged") for line in repeated) == wanted == len(repeated)
    assert dry == repeated
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

    assert (would, done, again) == (0, 0, 0)
    assert " ✓ collection PartnerStatus: would be updated, with headline created again" in said
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
        lambda _, collections, timeout: compared.append(list(collections)),
    )
    gridwix_setup("--reconcile")
    compared.clear()
    gridwix_setup("--reconcile")
    delete_field(site, PARTNER_STATUS, "headline")

    gridwix_setup("--reconcile", "--dry-run")
    gridwix_setup("--reconcile")

    assert compared == [[PARTNER_STATUS]]
