"""Each field of a row has its records, its rules, its owner, and a comparison."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gridwix.configuration.everything import Configuration
from gridwix.errors import BudgetExhausted, RecordFault, Unavailable
from gridwix.mapping.wix_items import item_id
from gridwix.models.portal.collection_ids import ONBOARDING_STEPS
from gridwix.models.reconciliation import RowVerdict
from gridwix.partner_requests.submissions import Outcome, Stage
from gridwix.publication.merge import AGREED
from gridwix.publication.models import LedgerEntry, Versions
from gridwix.runtime.configuration import configuration
from ops.collections import FOLDER
from ops.commands.explain import defined_fields, explanation_document
from ops.explanation.ownership import PROJECTED, ROW_MODELS, Writer, known_collections
from ops.explanation.projections import RowMaker
from ops.explanation.reading import ABSENT, is_different
from ops.explanation.settings import Setting, change_settings, list_settings
from ops.paths import ROOT
from tests.factories import BALTIC, PRAIRIE_GOLD, case, partner
from tests.unit.ops.explanation.world import (
    ROWS,
    TAX_FORM,
    World,
    fields_of,
    records_of,
    row_key,
    rules_of,
)

SCHEMA = json.loads((ROOT / "docs/command/explain.schema.json").read_text())
OF_A_MESSAGE = {"campaign": "case-opened", "record": "cases/case_1"}


def validate(found: Any, *, values: bool = True) -> dict[str, Any]:
    document = explanation_document(found, values=values)
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(document)))
    return document


def test_every_collection_of_the_portal_is_known() -> None:
    assert known_collections() == {path.stem for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("collection", sorted(known_collections()))
def test_every_field_of_every_collection_has_an_answer(collection: str) -> None:
    world = World()
    item = next((item for name, item in ROWS if name == collection), "row-1")
    world.portal.rows[row_key(collection, item)] = dict(
        dict.fromkeys(defined_fields()[row_key(collection, item).collection], "x"),
        **(OF_A_MESSAGE if collection == "PartnerMessages" else {}),
    )

    found = world.explain(collection, item)

    fields = fields_of(found)
    assert list(fields) == list(defined_fields()[found.key.collection])
    validate(found)
    if found.key.collection in ROW_MODELS:
        # A field of the definition that no row model has would look like an editor's own.
        assert {one.writer for one in fields.values()} == {Writer.GRIDWIX}
    if found.key.collection in PROJECTED:
        ours = [one for one in fields.values() if one.writer is Writer.GRIDWIX]
        assert all(one.records for one in ours)
        assert all(one.differs is not None for one in ours)
    else:
        assert found.reason


@pytest.mark.parametrize(("collection", "item"), ROWS)
def test_row_as_it_should_be_differs_in_no_field(collection: str, item: str) -> None:
    world = World()
    world.publish(collection, item)
    if collection == ONBOARDING_STEPS:
        row = world.portal.rows[row_key(collection, item)]
        owned = configuration().ownership.onboarding_steps
        row[AGREED] = {name: row[name] for name in owned if name in row}

    found = world.explain(collection, item)

    assert (found.verdict, found.is_right) == (RowVerdict.EQUAL, True)
    assert {one.name for one in found.fields if one.differs} == set()
    validate(found)


def test_only_the_edited_field_differs() -> None:
    world = World()
    world.publish("OpenIssues", "case_1", statusLabel="Mine", dueAt="2026-03-12")

    found = world.explain("OpenIssues", "case_1")

    label = fields_of(found)["statusLabel"]
    assert (found.verdict, found.is_right) == (RowVerdict.DRIFTED, False)
    assert {one.name for one in found.fields if one.differs} == {"statusLabel", "dueAt"}
    assert (label.shown, label.expected) == ("Mine", "In progress")
    assert fields_of(found)["dueAt"].expected is ABSENT


def test_rules_are_exactly_the_settings_that_change_a_field() -> None:
    world = World()
    makers = {row: world.maker(row_key(*row)) for row in ROWS}
    now = {row: expected_data(maker, configuration()) for row, maker in makers.items()}
    wanted: dict[tuple[str, str], dict[str, set[str]]] = {row: defaultdict(set) for row in ROWS}
    for setting in list_settings(configuration()):
        # Those of campaigns make no projected row: a rule that names one fails below.
        if not is_tried(setting) or setting.path[0] in ("campaigns", "messaging"):
            continue
        # Every row with one configuration: to make its catalog of texts takes longest.
        changed = change_settings(configuration(), [setting])
        for row, maker in makers.items():
            other = expected_data(maker, changed, ())
            # Most settings change nothing of a row: to compare each of its fields takes longer.
            if other == now[row]:
                continue
            for name in {*now[row], *other}:
                if is_different(name, now[row].get(name, ABSENT), other.get(name, ABSENT)):
                    wanted[row][name].add(f"{setting.file} {setting.key}")

    for row in ROWS:
        for one in world.explain(*row).fields:
            told = {f"{rule.file} {rule.key}" for rule in one.rules if is_tried(rule)}
            # Regions that overlap change an audience only together, so no single one is wanted.
            if one.name != "partnerIds" or wanted[row][one.name]:
                assert told == wanted[row][one.name], (row, one.name)
    assert {name for of_row in wanted.values() for name in of_row} > {"statusLabel", "message"}


def is_tried(setting: Setting) -> bool:
    """The settings of fields of forms are many, and ownership decides after the projection."""
    return setting.path[0] != "ownership" and "fields" not in setting.path


def expected_data(
    maker: RowMaker, found: Configuration, without: Collection[str] | None = None
) -> Mapping[str, Any]:
    row = maker.expected_row(found, without)
    assert row is not None
    assert row.item is not None
    return row.item.data


@pytest.mark.parametrize(
    ("collection", "item", "field", "rules"),
    [
        ("OpenIssues", "case_1", "statusLabel", ["labels.yaml case.status.values.open"]),
        ("OpenIssues", "case_1", "history", ["labels.yaml case.status.values.new"]),
        ("PartnerStatus", PRAIRIE_GOLD, "headline", ["texts.yaml sentences.headline.check"]),
        (
            "ServiceNotices",
            "ntc_2",
            "partnerIds",
            ["audiences.yaml regions.EMEA", "audiences.yaml regions.EU"],
        ),
        ("PartnerRequests", "sub-1", "title", ["forms/invoice-question.yaml title"]),
        ("PartnerRequests", "sub-1", "team", ["routing.yaml teams.ap-disputes"]),
        ("PartnerRequests", "held", "message", ["intake.yaml refusals.file_damaged"]),
        ("PartnerDocuments", "doc_3", "problem", ["documents.yaml problems.too_large"]),
        (
            "OnboardingSteps",
            TAX_FORM,
            "phaseLabel",
            [
                "labels.yaml step.phase.values.compliance",
                "ownership.yaml onboarding_steps.phaseLabel",
            ],
        ),
    ],
)
def test_rules_name_file_and_key(collection: str, item: str, field: str, rules: list[str]) -> None:
    world = World()
    world.publish(collection, item)

    found = world.explain(collection, item)

    assert rules_of(found, field) == [f"config/{rule}" for rule in rules]


def test_message_about_invalid_answers_names_question_and_fault() -> None:
    world = World()

    rules = rules_of(world.explain("PartnerRequests", "invalid"), "message")

    assert "config/texts.yaml sentences.unfit.all" in rules
    assert any(rule.startswith("config/forms/invoice-question.yaml fields.") for rule in rules)


def test_status_names_the_records_that_make_each_field() -> None:
    found = World().explain("PartnerStatus", PRAIRIE_GOLD)

    assert records_of(found, "partnerName") == {f"partners/{PRAIRIE_GOLD}": 1}
    assert records_of(found, "headline") == {"compliance-checks/chk_asn_timing_pgf": 3}
    assert records_of(found, "openCases") == {"cases/case_1": 7, "cases/case_2": 2}
    assert records_of(found, "onboardingPercent") == {"enrollments/enr_1": 1}


def test_other_rows_name_their_record_and_the_parts_that_change_a_field() -> None:
    world = World()
    issue = world.explain("OpenIssues", "case_1")
    guide = world.explain("PartnerDocuments", "doc_1")
    notice = world.explain("ServiceNotices", "ntc_2")

    assert records_of(issue, "subject") == {"cases/case_1": 7}
    assert records_of(issue, "waitsFor") == {"cases/case_1": 7, "cases/case_1/comments": None}
    assert records_of(guide, "title") == {"documents/doc_1": 3}
    assert records_of(guide, "fileId")["transfers/doc_1"] == 8
    assert "documents/doc_1/versions" in records_of(guide, "fileName")
    assert set(records_of(notice, "partnerIds")) == {"service-notices/ntc_2", "audience/partners"}


def test_step_names_its_program_before_anything_was_published() -> None:
    found = World().explain("OnboardingSteps", TAX_FORM)

    assert records_of(found, "title") == {"onboarding-programs/prg_1": 4}


def test_record_has_the_version_of_both_sides() -> None:
    world = World()
    world.publish("OpenIssues", "case_1")
    world.grid.put(case("case_1", 9, status="closed"))

    found = world.explain("OpenIssues", "case_1")

    record = fields_of(found)["status"].records[0]
    assert (record.version, record.shown) == (9, 7)
    assert {"status", "statusLabel", "open"} <= {one.name for one in found.fields if one.differs}


@pytest.mark.parametrize(("collection", "item"), ROWS)
def test_experiments_read_nothing(collection: str, item: str) -> None:
    world, other = World(), World()
    other.maker(row_key(collection, item)).expected_row(configuration())

    world.explain(collection, item)

    assert world.grid.calls == other.grid.calls
    assert world.library.calls == other.library.calls
    assert world.portal.calls == 1


def test_row_of_one_record_does_not_read_the_others() -> None:
    world = World()
    world.grid.faults["cases/case_2"] = "number missing"

    found = world.explain("OpenIssues", "case_1")

    assert (found.faults, world.grid.calls) == ((), 2)


def test_missing_row_differs_in_what_it_should_have() -> None:
    found = World().explain("OpenIssues", "case_1")

    assert (found.in_wix, found.verdict, found.is_right) == (False, RowVerdict.MISSING, False)
    assert fields_of(found)["subject"].differs is True
    assert fields_of(found)["dueAt"].differs is False


@pytest.mark.parametrize("deleted", [True, False])
def test_row_without_a_record_is_extra(deleted: bool) -> None:
    world = World()
    world.publish("OpenIssues", "case_1")
    if deleted:
        world.grid.put(case("case_1", 8, deletedAt="2026-03-13T00:00:00Z"))
    else:
        world.grid.forget("cases/case_1")

    found = world.explain("OpenIssues", "case_1")

    assert (found.verdict, found.is_right) == (RowVerdict.EXTRA, False)
    assert "cases/case_1" in found.reason
    assert fields_of(found)["subject"].differs is True


def test_row_that_nobody_knows_is_unknown() -> None:
    found = World().explain("OpenIssues", "case_9")

    assert (found.is_known, found.is_right) == (False, False)
    validate(found)


def test_removed_row_of_a_deleted_record_is_right() -> None:
    world = World()
    key = world.publish("OpenIssues", "case_1")
    del world.portal.rows[key]
    world.grid.put(case("case_1", 8, deletedAt="2026-03-13T00:00:00Z"))

    assert world.explain("OpenIssues", "case_1").is_right


def test_row_is_projected_while_wix_cannot_be_read() -> None:
    world = World()
    world.portal.failure = BudgetExhausted(wait=30)

    found = world.explain("OpenIssues", "case_1")

    label = fields_of(found)["statusLabel"]
    assert (found.in_wix, found.verdict, found.is_right) == (None, None, False)
    assert (label.expected, label.differs) == ("In progress", None)
    assert len(found.faults) == 1
    validate(found)


def test_row_that_wix_holds_and_cannot_give_is_a_fault() -> None:
    world = World()
    key = row_key("OpenIssues", "case_1")
    world.portal.rows[key] = RecordFault("OpenIssues/case_1", "subject string_type")

    found = world.explain("OpenIssues", "case_1")

    assert (found.in_wix, found.is_right) == (None, False)
    assert "string_type" in found.faults[0]


@pytest.mark.parametrize("error", [RecordFault("cases/case_1", "number missing"), None])
def test_row_is_shown_while_trading_grid_cannot_be_read(error: RecordFault | None) -> None:
    world = World()
    world.publish("OpenIssues", "case_1")
    failure = error or Unavailable(system="trading_grid")

    def fail(record: str) -> None:
        raise failure

    world.grid.record = fail  # type: ignore[method-assign]

    found = world.explain("OpenIssues", "case_1")

    subject = fields_of(found)["subject"]
    assert (found.in_wix, found.verdict, found.is_right) == (True, None, False)
    assert (subject.shown, subject.differs) == ("856 rejected", None)
    assert subject.records[0].shown == 7
    validate(found)


def test_step_follows_the_portal_where_editors_own_the_field() -> None:
    world = World()
    key = world.publish("OnboardingSteps", TAX_FORM, title="Edited", video="wix:video://v1")
    row = world.portal.rows[key]
    row |= {"instructions": "<p>Ours.</p>", AGREED: {"instructions": "<p>Welcome.</p>"}}

    fields = fields_of(world.explain("OnboardingSteps", TAX_FORM))

    assert (fields["title"].writer, fields["title"].differs) == (Writer.GRIDWIX, True)
    assert fields["title"].expected == "Tax Form"
    assert (fields["instructions"].writer, fields["instructions"].differs) == (
        Writer.EDITORS,
        False,
    )
    assert (fields["video"].writer, fields["video"].differs) == (Writer.EDITORS, None)
    assert fields["conflicts"].differs is True


def test_step_that_no_program_has_is_to_be_retired_and_stays() -> None:
    world = World()
    key = world.publish("OnboardingSteps", TAX_FORM)
    world.portal.rows[key][AGREED] = {"title": "Tax Form"}
    world.grid.forget("onboarding-programs/prg_1")

    found = world.explain("OnboardingSteps", TAX_FORM)

    assert found.verdict is RowVerdict.DRIFTED
    assert {one.name for one in found.fields if one.differs} == {"retired"}


def test_row_of_a_submission_is_found_by_its_request() -> None:
    world = World()
    world.publish("PartnerRequests", "sub-2")

    found = world.explain("PartnerRequests", "sub-2")

    assert records_of(found, "status") == {"collaboration-requests/req_2": 6}
    assert fields_of(found)["number"].expected == "CR-2026-01877"


def test_row_that_the_ledger_does_not_know_names_its_request_itself() -> None:
    world = World()
    world.publish("PartnerRequests", "sub-2")
    world.ledger.entries.clear()

    found = world.explain("PartnerRequests", "sub-2")

    assert records_of(found, "status") == {"collaboration-requests/req_2": 6}


def test_row_whose_id_is_a_hash_is_found_by_the_ledger() -> None:
    world, identifier = World(), "case of a gateway / with a long id"
    world.grid.put(case(identifier, 3))
    key = row_key("OpenIssues", item_id(identifier))
    versions = Versions(live={f"cases/{identifier}": 3})
    world.ledger.entries[key] = LedgerEntry(key, 2, versions, "hash", "evt_1")

    found = world.explain("OpenIssues", key.item_id)

    assert records_of(found, "subject") == {f"cases/{identifier}": 3}


def test_step_is_undecided_while_a_program_cannot_be_read() -> None:
    world = World()
    key = world.publish("OnboardingSteps", TAX_FORM)
    world.portal.rows[key][AGREED] = {"title": "Tax Form"}
    world.grid.faults["onboarding-programs/prg_1"] = "key missing"

    found = world.explain("OnboardingSteps", TAX_FORM)

    assert (found.verdict, found.is_right) == (RowVerdict.UNSETTLED, False)
    assert {one.differs for one in found.fields} == {None}


@pytest.mark.parametrize(("collection", "item"), ROWS)
def test_records_of_a_field_are_distinct(collection: str, item: str) -> None:
    for one in World().explain(collection, item).fields:
        assert len({record.name for record in one.records}) == len(one.records)


def test_row_of_a_delivered_follow_up_has_its_outcome() -> None:
    world = World()
    world.inbox.submissions["waiting"] = replace(
        world.inbox.submissions["waiting"],
        form="issue-comment",
        values={},
        stage=Stage.DELIVERED,
        outcome=Outcome(record="cases/case_1", refusal="case_closed"),
    )

    found = world.explain("PartnerRequests", "waiting")

    assert fields_of(found)["status"].expected == "not_possible"
    assert rules_of(found, "message") == ["config/intake.yaml refusals.case_closed"]


def test_forgotten_submission_leaves_its_row_as_it_is() -> None:
    world = World()
    world.publish("PartnerRequests", "waiting")
    world.inbox.submissions.clear()

    found = world.explain("PartnerRequests", "waiting")

    assert (found.verdict, found.is_right) == (RowVerdict.EQUAL, True)
    assert {one.differs for one in found.fields} == {None}


def test_values_are_left_out_on_request() -> None:
    world = World()
    world.publish("OpenIssues", "case_1", subject="Call Dana Whitfield")

    found = world.explain("OpenIssues", "case_1")

    assert "Dana" in json.dumps(validate(found))
    assert "Dana" not in json.dumps(validate(found, values=False))


def test_field_of_an_editor_is_named_and_not_compared() -> None:
    world = World()
    world.publish("PartnerStatus", BALTIC, colour="blue")

    found = world.explain("PartnerStatus", BALTIC)

    assert fields_of(found)["colour"].writer is Writer.EDITORS
    assert "_owner" not in fields_of(found)
    assert found.is_right


def test_setting_that_breaks_the_projection_hides_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = RowMaker.expected_row

    def break_on_languages(maker: RowMaker, found: Configuration, *rest: Any) -> Any:
        if found.texts.languages != configuration().texts.languages:
            raise RecordFault(maker.reads.own, "IndexError in texts:1")
        return project(maker, found, *rest)

    monkeypatch.setattr(RowMaker, "expected_row", break_on_languages)

    found = World().explain("PartnerStatus", PRAIRIE_GOLD)

    assert rules_of(found, "headline") == ["config/texts.yaml sentences.headline.check"]
    assert rules_of(found, "partnerName") == []


def test_many_records_of_a_partner_are_told_apart_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ops.explanation.reading.MAX_PARTS", 3)
    world = World()
    world.grid.put(partner("GC9"), *(case(f"case_{n}", partnerId="GC9") for n in range(10, 20)))

    records = records_of(world.explain("PartnerStatus", "GC9"), "openCases")

    assert list(records) == ["cases/case_10", "cases/case_11", "cases/case_12"]
