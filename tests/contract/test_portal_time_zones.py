"""Time zones in the portal's own code.

The backend needs none, the page uses its browser's, and the local host shows the release of its
Node.js.
"""

import json
import re
import subprocess
from typing import Any

import pytest

from emulators.portal.node import find_node
from gridwix.models.time_zones import VERSION
from ops.paths import ROOT
from tests.contract.portal_site import Portal, needs_node, portal

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

AT = "2026-11-30T15:30:00.000Z"
RIGHT = {
    "America/Vancouver": "08:30",
    "America/Edmonton": "09:30",
    "America/Winnipeg": "10:30",
    "America/Chicago": "09:30",
}
"""Local times of that moment by IANA 2026f."""

LOCAL = re.compile(
    r"""Intl\.DateTimeFormat | toLocale(Date|Time)String | toLocaleString | getTimezoneOffset
    | toDateString | toTimeString | Temporal
    | \.[gs]et(FullYear|Month|Date|Day|Hours|Minutes|Seconds)\( | new\ Date\([^()]*,""",
    re.VERBOSE,
)
"""JavaScript that depends on a time zone."""


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal()


def run(script: str, **environment: str) -> Any:
    done = subprocess.run(
        [find_node(), "--input-type=module", "-e", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    return json.loads(done.stdout)


def release() -> str:
    return str(run("console.log(JSON.stringify(process.versions.tz))"))


def test_the_first_page_says_which_time_zones_node_has(site: Portal) -> None:
    page = " ".join(site.http.get(site.url).text.split())

    assert f"time zones of IANA {release()};" in page


def test_the_backend_and_the_page_code_ask_for_no_time_zone() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for folder in ("backend", "pages")
        for path in sorted((ROOT / "portal" / folder).rglob("*.js"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LOCAL.search(line)
    ]

    assert found == []
    assert LOCAL.search("new Date(2026, 10, 30)")
    assert not LOCAL.search("new Date(Date.now() + 60_000)")


@pytest.mark.parametrize("zone", ["UTC", "America/Vancouver", "Pacific/Kiritimati"])
def test_an_answer_that_is_a_day_is_the_same_day_wherever_the_backend_runs(zone: str) -> None:
    script = """
      const { serveVelo } = await import('./emulators/portal/host/loader.js');
      serveVelo(new URL('file://' + process.cwd() + '/portal/backend/'));
      const { readAnswers } = await import('backend/questions.js');
      const day = { target: 'day', kind: 'date', required: true, maxLength: 60, choices: [] };
      const form = { fields: [day] };
      console.log(JSON.stringify(readAnswers(form, { day: '2026-11-30' })));
    """

    assert run(script, TZ=zone) == {"day": "2026-11-30"}


@pytest.mark.parametrize("zone", RIGHT)
def test_the_element_shows_a_time_by_the_rules_of_the_release_that_it_runs_with(zone: str) -> None:
    """In Node.js as in a browser, its ICU decides.

    Where that is older than gridwix's own release it may be an hour off, which is why it is said.
    """
    script = f"""
      const {{ createDates }} = await import('./portal/element/dates.js');
      console.log(JSON.stringify(createDates('en-GB', '{zone}').moment('{AT}')));
    """

    shown = run(script)

    if not shown.endswith(RIGHT[zone]):
        assert release() < VERSION, f"{zone} reads {shown} by IANA {release()}"
