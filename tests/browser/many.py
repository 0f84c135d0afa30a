"""Sections with many rows, for tests of lists."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.served import Opener, Portal

ISSUES = 352
"""What one partner of the largest sample had open and closed."""

MANY = """(() => {
  const hours = (number) => new Date(Date.UTC(2026, 2, 13, 8) - number * 3600e3).toISOString();
  const {sections} = window.portal.world.portals.GC070000000101;
  const copies = (name, place, count, more) => {
    const row = sections[name].rows[place];
    sections[name].rows = Array.from({length: count}, (_, number) => (
      {...row, id: `${name}-${number}`, ...more(number)}
    ));
  };
  copies('issues', 0, COUNT, (n) => ({
    number: `TG-${String(n).padStart(4, '0')}`, subject: `Shipment ${n}`, openedAt: hours(n),
    updatedAt: hours(n), dueAt: n % 10 ? null : `2026-04-${String(1 + n % 28).padStart(2, '0')}`,
    ...(n < COUNT / 2 ? {} : {open: false, status: 'closed', statusLabel: 'Closed'}),
    ...(n % 7 ? {} : {category: 'labels', categoryLabel: 'Labels'}),
  }));
  copies('notices', 1, 60, (n) => ({
    title: `Notice ${n}`, startsAt: hours(24 * n), active: n < 2,
    ...(n % 2 ? {} : {kind: 'maintenance', kindLabel: 'Maintenance'}),
  }));
  copies('documents', 0, 60, (n) => ({
    title: `Document ${String(n).padStart(2, '0')}`, publishedAt: hours(24 * n),
    ...(n % 3 ? {} : {category: 'agreement', categoryLabel: 'Agreement'}),
  }));
  copies('requests', 0, 60, (n) => ({
    reference: `GX-${n}`, number: `CR-${n}`, submittedAt: hours(24 * n), open: n < 30,
    ...(n % 2 ? {} : {kind: 'case_comment'}),
  }));
  copies('messages', 0, 60, (n) => ({
    title: `Message ${n}`, sentAt: hours(24 * n), body: `<p>Carton <b>C${n}</b></p>`,
    ...(n % 5 ? {} : {importance: 'important'}),
  }));
  const [running] = sections.onboarding.rows;
  copies('onboarding', 0, 60, (n) => ({
    active: false, status: 'completed', statusLabel: 'Completed', updatedAt: hours(24 * n),
    steps: running.steps.map((step) => ({...step, programName: `Program ${n}`})),
  }));
  sections.onboarding.rows.unshift(running);
})()"""
"""Fills the sections of Prairie Gold; ``COUNT`` is the number of issues."""

ROWS = {
    "issues": "details.issue",
    "notices": "details.notice",
    "documents": ".document",
    "requests": ".request",
    "messages": ".messages > li",
    "onboarding": ".past details.card",
}
"""Selectors of the rows of each list."""


def open_many(
    open_portal: Opener, section: str, *, issues: int = ISSUES, width: int = 1280, **query: Any
) -> Portal:
    """Return an open portal whose sections have many rows."""
    portal = open_portal(section="notices", width=width, **query)
    fill = MANY.replace("COUNT", str(issues))
    portal.page.evaluate(f"window.portal.change(() => {fill})")
    portal.ring()
    portal.page.evaluate(
        "section => window.portal.element.setAttribute('section', section)", section
    )
    expect(portal.find(".skeleton")).to_have_count(0)
    return portal
