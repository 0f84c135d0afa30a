"""The tests that ``make test-changed`` selects."""

import subprocess
from pathlib import Path

import pytest

from ops.affected_tests import TestIndex, changed_files

FILES = {
    "layers/common/gridwix/notices/service.py": "",
    "tests/conftest.py": "",
    "tests/fakes/site.py": "",
    "tests/fakes/portal.py": "from tests.fakes.site import Site\nfrom gridwix.models import wix\n",
    "tests/unit/notices/test_service.py": "from gridwix.notices.service import publish\n",
    "tests/unit/notices/test_rows.py": "from tests.fakes.portal import Portal\n",
    "tests/unit/status/test_status.py": (
        "from gridwix.notices import service\nimport gridwix.models.wix\n"
    ),
    "tests/unit/ops/test_settings.py": 'FILES = ["config/routing.yaml"]\n',
    "tests/unit/gateway/store/test_feed.py": "",
    "tests/unit/gateway/api/test_lists.py": "import gridwix_gateway.store.feed\n",
    "tests/unit/gateway/api/test_bodies.py": "",
    "tests/contract/test_site.py": "from tests.fakes.site import Site\n",
    "tests/integration/test_flow.py": (
        "from gridwix.notices.service import publish\n# routing.yaml\n"
    ),
}

SERVICE = "tests/unit/notices/test_service.py"
ROWS = "tests/unit/notices/test_rows.py"
STATUS = "tests/unit/status/test_status.py"
SETTINGS = "tests/unit/ops/test_settings.py"
FEED = "tests/unit/gateway/store/test_feed.py"
LISTS = "tests/unit/gateway/api/test_lists.py"
BODIES = "tests/unit/gateway/api/test_bodies.py"
SITE = "tests/contract/test_site.py"
FLOW = "tests/integration/test_flow.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        pytest.param(FLOW, {FLOW}, id="a test selects itself, in every tree"),
        pytest.param(
            "tests/unit/notices/test_gone.py", set(), id="a test that was deleted selects nothing"
        ),
        pytest.param(
            "layers/common/gridwix/notices/service.py",
            {SERVICE, ROWS, STATUS},
            id="a module: its package and its importers, no slow tree",
        ),
        pytest.param(
            "functions/notices/handler.py", {SERVICE, ROWS}, id="a handler: the package of its name"
        ),
        pytest.param(
            "layers/common/gridwix/models/wix.py",
            {STATUS},
            id="a module without tests of its own: its importers",
        ),
        pytest.param(
            "gateway/layer/gridwix_gateway/store/feed.py",
            {FEED, LISTS},
            id="a module of the gateway: its package and its importers",
        ),
        pytest.param("ops/console.py", {SETTINGS}, id="a tool: the tools' tests"),
        pytest.param(
            "tests/fakes/site.py",
            {ROWS, SITE},
            id="a helper: who imports it, also through another helper",
        ),
        pytest.param(
            "tests/conftest.py",
            {SERVICE, ROWS, STATUS, SETTINGS, SITE, FLOW, FEED, LISTS, BODIES},
            id="a conftest: its folder",
        ),
        pytest.param(
            "config/routing.yaml", {SETTINGS}, id="another file: the fast tests that name it"
        ),
        pytest.param(
            "config/big-routing.yaml", set(), id="another file: not by a part of its name"
        ),
    ],
)
def test_changed_file_selects_tests(root: Path, changed: str, tests: set[str]) -> None:
    assert TestIndex(root).affected_by(changed) == tests


def test_changed_files_are_those_of_the_branch_and_of_the_working_tree(tmp_path: Path) -> None:
    def git(*command: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True, capture_output=True)

    def commit(name: str) -> None:
        (tmp_path / name).write_text(name)
        git("add", name)
        git("commit", "--message", name)

    git("init", "--initial-branch", "main")
    commit("old.py")
    git("switch", "--create", "topic")
    commit("committed.py")
    git("switch", "main")
    commit("of-main.py")
    git("switch", "topic")
    (tmp_path / "old.py").write_text("edited")
    (tmp_path / "untracked.py").write_text("")

    assert changed_files(tmp_path, "main") == ["committed.py", "old.py", "untracked.py"]
