"""Time zones come from the pinned package and from nothing else.

The files of the machine do not matter.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import tzdata

from gridwix.configuration.routing import Desk
from gridwix.form_intake.business_hours import due_date, is_open
from gridwix.models.time_zones import PACKAGE_VERSION, VERSION, time_zone, zone_names
from ops.paths import ROOT

AT = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
RIGHT = {
    "America/Vancouver": "08:30",
    "America/Edmonton": "09:30",
    "America/Winnipeg": "10:30",
    "America/Chicago": "09:30",
}
"""Local times at that moment by IANA 2026f."""

FORMER = {
    "America/Vancouver": "Etc/GMT+8",
    "America/Edmonton": "Etc/GMT+7",
    "America/Winnipeg": "Etc/GMT+6",
}
"""A zone that shows then what IANA 2025b said of each."""

ASK = """
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from gridwix.form_intake.business_hours import is_open
from gridwix.partner_messenger.quiet_hours import is_quiet, partner_zone
from gridwix.configuration.messaging import QuietHours
from gridwix.configuration.routing import Desk
from gridwix.models.time_zones import time_zone
from gridwix.runtime.configuration import configuration
from gridwix_gateway.sources.mapping import time_zones as gateways
from gridwix_gateway.sources.mapping.columns import TimestampColumn
from tests.factories import partner

at = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
asked = ("America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Chicago")
desk = {"time_zone": "America/Vancouver", "opens": "08:00", "closes": "17:00", "days": ["mon"]}
messaging = configuration().messaging.model_copy(update={"time_zones": {"CA": "America/Vancouver"}})

def is_known(name):
    try:
        return bool(Desk.model_validate({**desk, "time_zone": name}))
    except ValueError:
        return False

print(json.dumps({
    "machine": {name: f"{at.astimezone(ZoneInfo(name)):%H:%M}" for name in asked},
    "ours": {name: f"{at.astimezone(time_zone(name)):%H:%M}" for name in asked},
    "gateways": {name: f"{at.astimezone(gateways.time_zone(name)):%H:%M}" for name in asked},
    "cell": TimestampColumn(
        type="timestamp", heading="A", format="%Y-%m-%d %H:%M", zone="America/Vancouver"
    ).read_value("2026-11-30 08:30"),
    "open": is_open(Desk.model_validate(desk), at),
    "quiet": is_quiet(
        QuietHours.model_validate({"begins": "20:00", "ends": "08:00"}),
        partner_zone(partner(country="CA"), messaging),
        at,
    ),
    "planted": is_known("Mars/Olympus") or "Mars/Olympus" in gateways.zone_names(),
}))
"""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A machine's folder of time zones from before the changes of 2026.

    It also has a zone that nobody knows.
    """
    package = Path(str(resources.files(tzdata))) / "zoneinfo"
    for name, former in {**FORMER, "Mars/Olympus": "UTC"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(package / former, tmp_path / name)
    return tmp_path


def ask(folder: Path) -> dict[str, Any]:
    path = os.pathsep.join(map(str, (ROOT / "layers/common", ROOT / "gateway/layer", ROOT)))
    environment = {
        **os.environ,
        "PYTHONTZPATH": str(folder),
        "PYTHONPATH": path,
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(("name", "clock"), RIGHT.items())
def test_time_zone_is_that_of_the_pinned_release(name: str, clock: str) -> None:
    assert f"{AT.astimezone(time_zone(name)):%H:%M}" == clock
    assert (str(time_zone(name)), time_zone(name)) == (name, time_zone(name))


def test_time_zone_of_a_machine_with_older_files_is_still_the_packages(older: Path) -> None:
    answer = ask(older)

    assert answer["machine"] == {
        **RIGHT,
        "America/Vancouver": "07:30",
        "America/Edmonton": "08:30",
        "America/Winnipeg": "09:30",
    }
    assert answer["ours"] == answer["gateways"] == RIGHT
    assert answer["cell"] == "2026-11-30T15:30:00.000Z"
    assert (answer["open"], answer["quiet"], answer["planted"]) == (True, False, False)


def test_office_hours_begin_when_the_wall_clock_says_so_after_the_change_of_rules() -> None:
    desk = Desk.model_validate(
        {"time_zone": "America/Vancouver", "opens": "08:00", "closes": "17:00", "days": ["mon"]}
    )

    assert is_open(desk, AT)
    assert due_date(desk, datetime(2026, 11, 30, 12, tzinfo=UTC), 1) == datetime(
        2026, 11, 30, 16, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Chicago",
        "america/chicago",
        "../zones",
        "/etc/localtime",
        "America",
        "localtime",
        "posixrules",
        "America/Chicago\0",
    ],
)
def test_time_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no such time zone"):
        time_zone(name)


def test_every_name_of_the_release_has_a_zone() -> None:
    assert len(zone_names()) > 590
    assert all(AT.astimezone(time_zone(name)).utcoffset() is not None for name in zone_names())


def test_release_is_the_one_that_is_locked_and_shipped_and_said() -> None:
    (locked,) = [
        package["version"]
        for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
        if package["name"] == "tzdata"
    ]
    documented = (ROOT / "docs/settings.md").read_text()

    assert locked == PACKAGE_VERSION
    for layer in ("layers/common", "gateway/layer"):
        assert f"\ntzdata=={locked} " in (ROOT / layer / "requirements.txt").read_text()
    assert f"IANA **{VERSION}**" in documented
    assert f"`tzdata` {PACKAGE_VERSION}" in documented


def test_nothing_asks_for_the_machines_own_time_zone() -> None:
    """``astimezone()`` without a zone, and ``localtime``, read the machine's files; the linter
    knows no rule for them.
    """
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in (
            "layers/common/gridwix",
            "gateway",
            "functions",
            "ops",
            "emulators",
            "tests",
            "benchmarks",
        )
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (
            (
                isinstance(node.func, ast.Attribute)
                and node.func.attr == "astimezone"
                and not node.args
                and not node.keywords
            )
            or (
                node.func.attr
                if isinstance(node.func, ast.Attribute)
                else getattr(node.func, "id", "")
            )
            in ("localtime", "mktime", "tzset")
        )
    ]

    assert found == []


def test_linter_refuses_another_source(tmp_path: Path) -> None:
    file = tmp_path / "other.py"
    file.write_text(
        "from zoneinfo import ZoneInfo\n\nimport dateutil.tz\n\nprint(ZoneInfo, dateutil)\n"
    )

    done = subprocess.run(
        [
            ROOT / ".venv/bin/ruff",
            "check",
            "--config",
            ROOT / "pyproject.toml",
            "--select",
            "TID251",
            "--no-cache",
            file,
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout.count("gridwix.models.time_zones") >= 2
