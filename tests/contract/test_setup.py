"""``gridwix setup`` against the Wix stand-in: what it says, and with what it ends."""

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
import typer
from typer.testing import CliRunner

from emulators.kit.server import thread
from emulators.wix.app import build
from emulators.wix.site import new_site
from gridwix.clients.http import new_client
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import CollectionId
from ops.collections import definitions
from ops.commands import setup as command
from ops.connections import Unlimited
from ops.indexes import definitions as index_definitions

MESSAGES = CollectionId("PartnerMessages")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[WixClient]:
    with thread(build(new_site(replica_lag=0.0))) as url, new_client() as http:
        info = httpx.get(f"{url}/__emulator/info").raise_for_status().json()
        client = WixClient(http, wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url), Unlimited(), base_url=url)

        @contextlib.contextmanager
        def connected(_: object, *, patient: bool) -> Iterator[SimpleNamespace]:
            assert patient
            yield SimpleNamespace(wix=client)

        monkeypatch.setattr(command, "connect", connected)
        monkeypatch.setattr(command, "Aws", lambda: None)
        monkeypatch.setattr(command, "Stack", SimpleNamespace(read=lambda *_: None))
        yield client


def gridwix_setup(*options: str) -> tuple[int, list[str]]:
    app = typer.Typer()
    app.command()(command.setup)
    done = CliRunner().invoke(app, list(options), env={"COLUMNS": "200"})
    return done.exit_code, done.output.splitlines()


def test_setup_of_a_new_site_says_first_what_it_would_do_then_does_it_and_then_has_nothing_to_do(site: WixClient) -> None:
    wanted = len(definitions()) + sum(map(len, index_definitions().values()))

    would, said = gridwix_setup("--dry-run")
    untouched = [site.get_collection(CollectionId(one["id"])) for one in definitions()]
    done, told = gridwix_setup()
    again, repeated = gridwix_setup()
    nothing, dry = gridwix_setup("--dry-run")

    assert (would, done, again, nothing) == (0, 0, 0, 0)
    assert untouched == [None] * len(definitions())
    assert sum(line.endswith(": would be created") for line in said) == wanted == len(said)
    assert sum(line.endswith(": created") for line in told) == wanted == len(told)
    assert sum(line.endswith(": unchanged") for line in repeated) == wanted == len(repeated)
    assert dry == repeated


def test_setup_names_an_index_for_which_there_is_no_place_and_does_all_the_rest(site: WixClient) -> None:
    site.create_collection(next(one for one in definitions() if one["id"] == MESSAGES))
    for number in range(3):
        site.create_index(MESSAGES, {"name": f"theirs{number}", "fields": [{"path": "campaign", "order": "ASC"}]})

    code, told = gridwix_setup()

    assert code == 1
    assert [line.strip() for line in told if "✗" in line] == ["✗ index gridwix-partner of PartnerMessages: failed WDE0080"]
    assert sum("index" in line and line.endswith(": created") for line in told) == sum(map(len, index_definitions().values())) - 1
    assert {one["name"] for one in site.list_indexes(MESSAGES)} == {"theirs0", "theirs1", "theirs2"}
