"""Use case 2 against a Trading Grid and a portal in memory."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import SourceBehind, Unavailable
from gridwix.models.events import EVERYTHING, HUB_RESYNC_REQUESTED, RESYNC_REQUESTED, Change
from gridwix.models.portal.collection_ids import ONBOARDING_PROGRESS, ONBOARDING_STEPS
from gridwix.models.trading_grid.entities import Entity
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.publication.merge import AGREED, CONFLICTS, Owner
from gridwix.publication.publisher import Publisher, Verdict
from gridwix.runtime.configuration import configuration
from tests.factories import NOW, PRAIRIE_GOLD, change, enrollment, program
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid

TAX_FORM = "supplier-na.tax_form.en"
INSURANCE = "supplier-na.insurance.en"


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.grid, self.portal, self.ledger = FakeTradingGrid(), FakePortal(), MemoryLedger()
        owners = {
            ONBOARDING_STEPS: {
                field: Owner(master)
                for field, master in configuration().ownership.onboarding_steps.items()
            }
        }
        shared = CoOwnedRows(self.portal, owners)
        steps, progress = (
            Publisher(
                collections=portal,
                ledger=self.ledger,
                refused_items=FakeRefusedItems(),
                function="test",
                clock=lambda: self.now,
                hold=90,
            )
            for portal in (shared, self.portal)
        )
        self.sync = OnboardingSync(
            source=self.grid,
            portal=self.portal,
            configuration=configuration(),
            shared=shared,
            steps=steps,
            progress=progress,
        )

    def step(self, identifier: str = TAX_FORM) -> dict[str, Any]:
        return dict(self.portal.rows[ONBOARDING_STEPS, identifier].data)  # type: ignore[index]

    def progress(self, identifier: str = "enr_1") -> dict[str, Any]:
        return dict(self.portal.rows[ONBOARDING_PROGRESS, identifier].data)  # type: ignore[index]

    def put(self, entity: Entity) -> Change:
        """Change a record in Trading Grid; the event that tells of it."""
        self.grid.put(entity)
        kind = (
            "program.published"
            if entity.record.startswith("onboarding-programs/")
            else "step.status_changed"
        )
        return change(
            f"evt_{entity.id}_{entity.version}",
            type=kind,
            subject=entity.record,
            version=entity.version,
        )


def test_publish_of_a_program_shows_each_step_in_each_of_its_languages() -> None:
    bench = Bench()

    bench.sync.publish([bench.put(program(steps=["tax_form:Tax form"], locales=["en", "de"]))])

    assert {identifier for _, identifier in bench.portal.rows} == {
        TAX_FORM,
        "supplier-na.tax_form.de",
    }
    assert (bench.step()["title"], bench.step()["kindLabel"], bench.step()["retired"]) == (
        "Tax form",
        "Document",
        False,
    )


def test_publish_of_a_program_with_a_step_or_a_locale_twice_shows_the_first() -> None:
    bench = Bench()
    doubled = bench.put(program(steps=["tax_form:First", "tax_form:Second"], locales=["en", "en"]))

    report = bench.sync.publish([doubled, bench.put(enrollment())])

    assert report.count(Verdict.WRITTEN) == 2
    assert bench.step()["title"] == "First"


def test_publish_when_the_tax_form_changes_shows_it_and_leaves_what_people_wrote() -> None:
    bench = Bench()
    bench.sync.publish([bench.put(program())])
    bench.portal.edit(
        ONBOARDING_STEPS,
        TAX_FORM,
        copy="<p>We help you with it.</p>",
        image="wix:image://1",
        instructions="<p>Our own words.</p>",
    )

    bench.sync.publish([bench.put(program(2, ("tax_form:W-8BEN-E", "insurance")))])

    step = bench.step()
    assert step["title"] == "W-8BEN-E"
    assert (step["copy"], step["image"], step["instructions"]) == (
        "<p>We help you with it.</p>",
        "wix:image://1",
        "<p>Our own words.</p>",
    )
    assert CONFLICTS not in step


def test_publish_when_both_sides_changed_the_same_text_keeps_the_portals_and_lists_the_other() -> (
    None
):
    bench = Bench()
    bench.sync.publish([bench.put(program())])
    bench.portal.edit(ONBOARDING_STEPS, TAX_FORM, instructions="<p>Our own words.</p>")

    report = bench.sync.publish([bench.put(program(2, instructionsHtml="<p>Please hurry.</p>"))])

    assert bench.step()["instructions"] == "<p>Our own words.</p>"
    assert bench.step()[CONFLICTS][0]["refused"] == "<p>Please hurry.</p>"
    assert bench.step(INSURANCE)["instructions"] == "<p>Please hurry.</p>"
    assert report.conflicts == ((ONBOARDING_STEPS, TAX_FORM, "instructions"),)


def test_publish_when_the_portal_edited_what_is_trading_grids_takes_it_back_and_lists_it() -> None:
    bench = Bench()
    bench.sync.publish([bench.put(program())])
    bench.portal.edit(ONBOARDING_STEPS, TAX_FORM, title="Paperwork")

    bench.sync.publish([bench.put(program(2, name="New name"))])

    assert bench.step()["title"] == "Tax Form"
    assert bench.step()[CONFLICTS][0]["refused"] == "Paperwork"


def test_publish_when_a_step_is_removed_retires_it_and_brings_it_back() -> None:
    bench = Bench()
    bench.sync.publish([bench.put(program())])
    bench.portal.edit(
        ONBOARDING_STEPS, INSURANCE, copy="<p>Ours.</p>", instructions="<p>Ours, too.</p>"
    )

    bench.sync.publish([bench.put(program(2, ("tax_form",)))])
    retired = bench.step(INSURANCE)
    bench.sync.publish([bench.put(program(3))])

    assert (retired["retired"], retired["copy"]) == (True, "<p>Ours.</p>")
    assert (bench.step(INSURANCE)["retired"], bench.step(INSURANCE)["instructions"]) == (
        False,
        "<p>Ours, too.</p>",
    )


def test_publish_when_a_row_of_the_first_release_is_retired_gives_it_the_id_of_its_program() -> (
    None
):
    bench = Bench()
    bench.sync.publish([bench.put(program())])
    # The first release knew no such field, and the portal joins by it.
    agreed = {
        name: value for name, value in bench.step(INSURANCE)[AGREED].items() if name != "programId"
    }
    bench.portal.edit(ONBOARDING_STEPS, INSURANCE, programId=None, agreed=agreed)

    bench.sync.publish([bench.put(program(2, ("tax_form",)))])

    retired = bench.step(INSURANCE)
    assert (retired["retired"], retired["programId"]) == (True, bench.step()["programId"])
    assert CONFLICTS not in retired


def test_publish_of_an_enrollment_shows_the_steps_of_its_own_program_version() -> None:
    bench = Bench()
    steps = [
        {
            "key": "tax_form",
            "title": "W-8BEN",
            "status": "available",
            "owner": "partner",
            "kind": "document",
            "note": "Please send it by Friday.",
        }
    ]
    bench.sync.publish(
        [bench.put(enrollment(steps=steps)), bench.put(program(7, ("tax_form:W-8BEN-E",)))]
    )

    shown = bench.progress()

    assert (
        shown["programVersion"],
        shown["steps"][0]["title"],
        shown["steps"][0]["statusLabel"],
    ) == (6, "W-8BEN", "Ready for you")
    assert bench.step()["title"] == "W-8BEN-E"


def test_publish_when_an_enrollment_ends_keeps_it_as_history_and_when_deleted_removes_it() -> None:
    bench = Bench()
    for version, status in enumerate(("in_progress", "expired", "withdrawn"), start=1):
        bench.sync.publish([bench.put(enrollment(version=version, status=status))])
        assert (bench.progress()["status"], bench.progress()["active"]) == (
            status,
            status == "in_progress",
        )

    bench.sync.publish([bench.put(enrollment(version=4, deletedAt=NOW))])

    assert bench.portal.rows == {}


def test_publish_when_trading_grid_is_behind_waits() -> None:
    bench = Bench()
    bench.put(program())
    announced = change(
        "evt_2", type="program.published", subject="onboarding-programs/prg_1", version=2
    )

    report = bench.sync.publish([announced])

    assert isinstance(report.failure(announced), SourceBehind)
    assert bench.portal.rows == {}


def test_publish_again_with_nothing_changed_writes_nothing() -> None:
    bench = Bench()
    first = bench.put(program())
    bench.sync.publish([first])
    writes = len(bench.portal.writes)

    report = bench.sync.publish([first, first])

    assert len(bench.portal.writes) == writes
    assert report.count(Verdict.UNCHANGED) == 2


def test_publish_when_everything_is_to_be_read_anew_reads_programs_and_enrollments() -> None:
    bench = Bench()
    bench.grid.put(program(), enrollment())
    wishes = [
        change("evt_1", type=HUB_RESYNC_REQUESTED, subject="hub/all", partnerId=None, version=None),
        change("evt_2", type=RESYNC_REQUESTED, subject=f"partners/{PRAIRIE_GOLD}", version=None),
    ]

    report = bench.sync.publish(wishes)

    assert report.count(Verdict.WRITTEN) == 3
    assert [report.failure(wish) for wish in wishes] == [None, None]


ACTIONS = [
    "source title",
    "source text",
    "portal title",
    "portal text",
    "portal copy",
    "publish",
    "publish old",
    "lost answer",
]
EDITS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(1, 3)), max_size=14)


@given(EDITS)
def test_any_interleaving_of_edits_echoes_duplicates_and_lost_answers_ends_with_the_owners_values(
    edits: list[tuple[str, int]],
) -> None:
    bench = Bench()
    title, text, version = "Tax 0", "<p>0</p>", 1
    events = [bench.put(program(1, (f"tax_form:{title}",), instructionsHtml=text))]
    bench.sync.publish(events)
    copy, edited = None, False
    for number, (action, which) in enumerate(edits):
        if action.startswith("source"):
            version += 1
            title, text = (
                (f"Tax {which}", text) if action == "source title" else (title, f"<p>{which}</p>")
            )
            events.append(
                bench.put(program(version, (f"tax_form:{title}",), instructionsHtml=text))
            )
        elif action == "portal title":
            bench.portal.edit(ONBOARDING_STEPS, TAX_FORM, title=f"Ours {number}")
        elif action == "portal text":
            bench.portal.edit(ONBOARDING_STEPS, TAX_FORM, instructions=f"<p>Ours {number}</p>")
            edited = True
        elif action == "portal copy":
            copy = f"<p>Copy {number}</p>"
            bench.portal.edit(ONBOARDING_STEPS, TAX_FORM, copy=copy)
        else:
            if action == "lost answer":
                bench.portal.troubles.append(lost_answer(lands="now"))
            bench.sync.publish([events[-1 if action == "publish" else which % len(events)]])
            bench.now += 100

    bench.portal.troubles.clear()
    version += 1
    bench.now += 100
    bench.sync.publish([bench.put(program(version, (f"tax_form:{title}",), instructionsHtml=text))])

    step = bench.step()
    assert (step["title"], step["programVersion"], step.get("copy")) == (title, version, copy)
    assert step["instructions"].startswith("<p>Ours") or step["instructions"] == text
    assert edited or step["instructions"] == text
    assert step[AGREED]["title"] == title


@pytest.mark.parametrize("what", ["enrollments", "programs"])
def test_publish_when_a_list_cannot_be_read_fails_the_change_that_asks_for_it_alone(
    what: str,
) -> None:
    bench = Bench()
    bench.grid.put(enrollment())

    def unavailable(*_: object) -> Any:
        raise Unavailable(system="trading_grid", status=503)

    setattr(bench.grid, what, unavailable)
    named = bench.put(program())
    wanted = change(
        "evt_2",
        **(
            {"type": RESYNC_REQUESTED, "subject": "partners/GC1", "partnerId": "GC1"}
            if what == "enrollments"
            else {"type": HUB_RESYNC_REQUESTED, "subject": EVERYTHING}
        ),
        version=None,
    )

    report = bench.sync.publish([wanted, named])

    assert report.failure(named) is None
    assert isinstance(report.failure(wanted), Unavailable)
    assert bench.step()
