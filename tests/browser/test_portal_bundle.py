"""The element as one file, made with the command of the docs."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ops.npm_packages import locked_addresses, program_command
from ops.paths import ROOT
from ops.waiting import STANDSTILL
from tests.browser.bundle import ESBUILD
from tests.browser.served import Opener, serving
from tests.npm_packages import install_packages, needs_npm

pytestmark = needs_npm


def documented_command() -> tuple[str, list[str]]:
    """Return the version of esbuild that the docs name, and the arguments."""
    found = re.search(
        r"^ *npx esbuild@(\S+) (.+)$",
        (ROOT / "docs" / "portal-element.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert found
    return found[1], shlex.split(found[2])


def test_documented_version_is_the_tested_one_from_npms_registry() -> None:
    package = json.loads((ESBUILD / "package.json").read_text())
    addresses = locked_addresses(ESBUILD)

    assert package["dependencies"] == {"esbuild": documented_command()[0]}
    assert addresses
    assert all(address.startswith("https://registry.npmjs.org/") for address in addresses)


@pytest.mark.parametrize("way", ["module", "script"])
def test_one_file_shows_the_portal_as_a_module_and_as_a_script(
    browser: Browser, tmp_path: Path, way: str
) -> None:
    program = program_command(install_packages(ESBUILD), "esbuild")
    *arguments, outfile = documented_command()[1]
    assert outfile.startswith("--outfile=")
    made = tmp_path / "index.js"
    command = [*program, *arguments, "--log-level=warning", f"--outfile={made}"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=STANDSTILL)
    script = made.read_text(encoding="utf-8")
    if way == "script":
        made.write_text("", encoding="utf-8")

    with serving(tmp_path) as address:
        opener = Opener(browser, address)
        portal = opener(section="issues", before=script if way == "script" else "")
        expect(portal.find(".issue")).to_have_count(3)
        opener.close()

    assert opener.errors == []
