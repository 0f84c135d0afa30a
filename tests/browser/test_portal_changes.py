"""No change is missed and no read is needless, whatever becomes of rings and reads."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

PLACES = st.integers(0, 7)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["open", "ring", "serve", "arrive", "fail", "show"]), PLACES),
    st.tuples(st.just("change"), st.sampled_from(["own", "everybody"]), PLACES),
    st.tuples(st.sampled_from(["read", "check"])),
)
PARTNER = st.just(("partner",))


@pytest.fixture(scope="module")
def simulator(browser: Browser, portal_address: str) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"{portal_address}index.html?transport=none")
    page.evaluate(
        "import('/tests/browser/portal/simulation.js')"
        ".then(({simulate}) => { window.simulate = simulate; })"
    )
    yield page
    page.close()


OPENED: list[tuple[object, ...]] = [("open", 2), ("arrive", 0)]
RUNG: list[tuple[object, ...]] = [*OPENED, ("change", "own", 0), ("ring", 0), ("read",)]
DURING_A_READ = [*RUNG, ("serve", 0), ("serve", 0), ("change", "own", 0), ("ring", 1)]


def play(simulator: Page, steps: list[tuple[object, ...]]) -> dict[str, Any]:
    found: dict[str, Any] = simulator.evaluate(
        "steps => window.simulate(steps)", [list(step) for step in steps]
    )
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example(steps=[*DURING_A_READ, ("arrive", 0)])
@example(steps=[*DURING_A_READ, ("read",), ("arrive", 1), ("arrive", 0)])
@example(steps=[("open", 0), ("serve", 0), ("serve", 0), ("change", "own", 0), ("ring", 0)])
@example(steps=[*RUNG, ("fail", 0), ("read",)])
@example(steps=[*RUNG, ("partner",), ("arrive", 0), ("open", 0)])
@given(steps=st.lists(st.one_of(STEPS, STEPS, STEPS, PARTNER), max_size=40))
def test_page_ends_with_the_newest_rows_however_rings_and_reads_arrive(
    simulator: Page, steps: list[tuple[object, ...]]
) -> None:
    found = play(simulator, steps)

    assert (found["missed"], found["due"], found["backward"]) == ([], [], 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@example(steps=[*RUNG, ("read",)])
@example(steps=[*RUNG, ("arrive", 0), ("ring", 0), ("read",)])
@example(steps=[*RUNG, ("arrive", 0), ("change", "own", 0), ("ring", 1), ("read",), ("arrive", 0),
                ("ring", 0), ("read",), ("arrive", 0), ("ring", 1), ("read",)])  # fmt: skip
@example(steps=[*OPENED, ("change", "own", 0), ("check",), ("arrive", 0), ("read",), ("arrive", 0),
                ("ring", 0), ("read",)])  # fmt: skip
@given(
    steps=st.lists(STEPS.filter(lambda step: step[0] not in ("fail", "open")), max_size=40).map(
        lambda steps: [*OPENED, *steps]
    )
)
def test_page_reads_a_section_only_for_a_number_that_is_new_to_it(
    simulator: Page, steps: list[tuple[object, ...]]
) -> None:
    assert play(simulator, steps)["needless"] == 0


def test_ring_during_a_read_is_due_at_once_and_a_late_one_changes_nothing(simulator: Page) -> None:
    due = simulator.evaluate("""async () => {
      const { SectionChanges } = await import('/portal/element/changes.js');
      const changes = new SectionChanges();
      changes.finish(changes.begin(['issues']), { own: { issues: 1 }, everybody: {} });
      changes.hear({ own: { issues: 2 } });
      const ticket = changes.begin(['issues']);
      const running = changes.due();
      const news = changes.hear({ own: { issues: 3 } });
      const late = changes.hear({ own: { issues: 2 } });
      const during = changes.due();
      changes.finish(ticket);
      const after = [changes.due(), changes.causes(), changes.isUnread('messages')];
      return [news, late, running, during, ...after];
    }""")

    assert due == [True, False, [], ["issues"], ["issues"], ["own"], False]
