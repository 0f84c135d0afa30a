"""The portal uses Wix's modules as Wix's own types declare them.

TypeScript checks the files of the portal, and that the local host's modules export no name that
Wix's do not have (``wix_types/checks.ts``).
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from emulators.portal.node import find_node
from ops.npm_packages import locked_addresses
from ops.paths import ROOT
from ops.waiting import STANDSTILL
from tests.npm_packages import install_packages, needs_npm

HERE = Path(__file__).parent / "wix_types"
OWN = ("portal/", "checks.ts", "modules.d.ts")
"""Where an error counts. The host's modules are read for their names; their types are loose."""

MISTAKES: Mapping[str, tuple[str, str]] = {
    "portal/backend/ring-publisher.js": ("resourceId: resource", "resource"),
    "portal/backend/ring-permissions.js": ("fieldsets: ['FULL']", "fieldset: 'FULL'"),
    "portal/backend/ring-endpoint.js": ("request.body.text()", "request.body.txt()"),
    "portal/backend/site-secrets.js": ("secrets.getSecretValue", "secrets.getSecret"),
    "portal/backend/links.js": ("wixData.query(", "wixData.find("),
    "portal/backend/data.js": ("consistentRead", "consistentReads"),
    "portal/backend/documents.js": ("'ATTACHMENT'", "'ATTACHED'"),
    "portal/pages/partner-portal.js": ("queryParams.add", "queryParams.set"),
}
"""For each file, what a mistake replaces."""

pytestmark = [pytest.mark.xdist_group("wix_types"), needs_npm]


@pytest.fixture(scope="module")
def packages() -> Path:
    return install_packages(HERE)


def check_types(packages: Path, folder: Path, portal: Path) -> list[str]:
    """Return TypeScript's errors in the portal's files and in our checks."""
    for path in HERE.iterdir():
        if path.suffix in {".ts", ".json"}:
            shutil.copy(path, folder)
    (folder / "node_modules").symlink_to(packages / "node_modules")
    (folder / "portal").symlink_to(portal)
    (folder / "host").symlink_to(ROOT / "emulators/portal/host")
    done = subprocess.run(
        [
            str(find_node()),
            "node_modules/typescript/bin/tsc",
            "--project",
            ".",
            "--pretty",
            "false",
        ],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=STANDSTILL,
    )
    assert done.returncode in {0, 1, 2}, done.stderr
    # Lines of an explanation are indented.
    return [line for line in done.stdout.splitlines() if line.startswith(OWN)]


def test_the_lock_file_names_no_registry_but_npms_own() -> None:
    addresses = locked_addresses(HERE)

    assert addresses
    assert all(address.startswith("https://registry.npmjs.org/") for address in addresses)


def test_the_portal_uses_wixs_modules_as_wixs_types_declare_them(
    packages: Path, tmp_path: Path
) -> None:
    assert check_types(packages, tmp_path, ROOT / "portal") == []


def test_a_mistake_in_the_portal_is_found(packages: Path, tmp_path: Path) -> None:
    portal = shutil.copytree(ROOT / "portal", tmp_path / "spoiled")
    for name, (right, wrong) in MISTAKES.items():
        path = portal.parent / "spoiled" / name.removeprefix("portal/")
        text = path.read_text()
        assert right in text, name
        path.write_text(text.replace(right, wrong, 1))
    folder = tmp_path / "check"
    folder.mkdir()

    errors = check_types(packages, folder, Path(portal))

    found = {error.partition("(")[0] for error in errors}
    # The options of data.js are a constant, which checks.ts looks at.
    expected = {name for name in MISTAKES if name != "portal/backend/data.js"} | {"checks.ts"}
    assert found == expected
