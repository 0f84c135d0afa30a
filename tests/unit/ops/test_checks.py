"""Settings that pass the models but would do nothing are reported.

It is an error where nothing could make them work, and a warning where they may be meant.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.configuration.campaigns import FIELDS, OF_A_PERSON
from gridwix.configuration.case_rules import CaseRule
from gridwix.configuration.routing import RoutingRule
from gridwix.form_intake.routing import select_route
from gridwix.mapping.case_rules import matching_rule
from gridwix.models.texts import LabelField
from gridwix.models.transactions import Direction, ExceptionKind, TransactionException
from gridwix.runtime.configuration import configuration
from ops.checks import check_configuration
from ops.checks.boxes import Box, is_covered
from ops.checks.forms import PORTAL_FORMS
from ops.checks.messages import LISTS, NUMBERS
from ops.checks.remark import suggestion
from ops.checks.rules import NEVER
from ops.checks.vocabulary import LABELS, VALUES, country_codes
from ops.configuration import FOLDER, ConfigurationFault, check_folder
from ops.paths import ROOT
from ops.yaml_files import load_trusted_yaml
from tests.factories import NOW
from tests.unit.ops.settings_files import TODAY, edit, examine_with


def told(name: str, text: str, line: int, said: str, lines: Sequence[str]) -> None:
    """One line says so, of that file, and of the line that was edited; or of the rule that it
    names.
    """
    found, *_ = [one for one in lines if said in one]
    match = re.match(rf"config/{re.escape(name)}:(\d+): .+: .+", found)
    assert match, found
    if rule := re.match(r"rule (\w+)", said):
        line = text[: text.index(f"- key: {rule[1]}\n")].count("\n") + 1
    assert abs(int(match[1]) - line) <= 6, found


def test_shipped_settings_have_no_error_and_no_warning() -> None:
    assert check_folder(FOLDER, TODAY).warnings == ()


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "labels.yaml",
            "case.status:",
            "case.stattus:",
            "no field of this name has labels (did you mean case.status?)",
        ),
        (
            "labels.yaml",
            (
                "request.title:\n"
                "  neutral: {en: Request, de: Anfrage, fr: Demande, es: Solicitud}\n"
                "  values: {}\n"
            ),
            "",
            "there are no labels for request.title",
        ),
        (
            "ownership.yaml",
            "  title: trading_grid",
            "  titel: trading_grid",
            "gridwix writes no field titel (did you mean title?)",
        ),
        (
            "ownership.yaml",
            "  stepKey: trading_grid",
            "  stepKey: portal",
            "the portal finds a step by stepKey",
        ),
        (
            "documents.yaml",
            "types: [pdf,",
            "types: [pdff,",
            "no kind of file is known by pdff (did you mean pdf?)",
        ),
        ("intake.yaml", "  types: [pdf,", "  types: [exe,", "no kind of file is known by exe"),
        (
            "case_rules.yaml",
            "    team: ap-disputes",
            "    team: ap-dispute",
            "rule invoice_rejected: there is no team ap-dispute (did you mean ap-disputes?)",
        ),
        (
            "case_rules.yaml",
            (
                "  - key: our_document_rejected\n"
                "    exceptions: [validation_error, acknowledgment_rejected]"
            ),
            "  - key: our_document_rejected\n    exceptions: [delivery_failed]",
            f"rule our_document_rejected: {NEVER}",
        ),
        (
            "case_rules.yaml",
            '    document_types: ["856", DESADV]\n',
            "",
            f"rule invoice_rejected: {NEVER}",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    answers: {topic: [fraight, routing]}",
            "offers the answer fraight to topic (did you mean freight?)",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    answers: {topik: [freight]}",
            "no form asks topik (did you mean topic?)",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    answers: {topic: [tax, bank]}",
            f"rule freight: {NEVER}",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    answers: {topic: [freight], currency: [USD]}",
            "rule freight: no form asks all of currency, topic",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    types: [asn_issue]",
            f"rule freight: {NEVER}",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    types: [asn_issue]\n    answers: {topic: [freight]}",
            "no form of the type asn_issue asks topic",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    answers: {email: [a@b.example]}",
            "offers the answer a@b.example to email",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    answers: {alreadyShipped: [maybe]}",
            "offers the answer maybe to alreadyShipped",
        ),
        (
            "routing.yaml",
            "    answers: {topic: [freight, routing]}",
            "    answers: {topic: []}",
            "no answer matches an empty list",
        ),
        (
            "routing.yaml",
            'closes: "17:00"',
            'closes: "08:00:30"',
            "rule tax_bank_insurance: the desk is not open for 40 hours in ten years",
        ),
        (
            "forms/issue-comment.yaml",
            "target: case_id",
            "target: issue_id",
            "the portal's page sends case_id, and no field has this target",
        ),
        (
            "forms/edi-setup.yaml",
            "target: step_key",
            "target: step",
            "the portal's page sends step_key, and no field has this target",
        ),
        (
            "forms/invoice-question.yaml",
            "kind: text, is: honeypot",
            "kind: text, required: true, is: honeypot",
            "people do not see a honeypot",
        ),
        (
            "forms/invoice-question.yaml",
            "max_length: 20, is: gln",
            "max_length: 20, is: company",
            "company says the company already",
        ),
        (
            "forms/invoice-question.yaml",
            "choices: [USD,",
            "choices: [' USD',",
            "answers are trimmed",
        ),
        (
            "forms/invoice-question.yaml",
            "kind: choice, choices",
            "kind: choice, max_length: 2, choices",
            "more than 2 characters is refused",
        ),
        (
            "campaigns/case-reminder.yaml",
            "[awaiting_partner]",
            "[awaiting_prtner]",
            "a case never has the status awaiting_prtner (did you mean awaiting_partner?)",
        ),
        (
            "campaigns/step-unlocked.yaml",
            "enrollment_status: [in_progress]",
            "enrollment_status: [rejected]",
            "never has the enrollment_status rejected",
        ),
        (
            "campaigns/step-unlocked.yaml",
            "{status: [available]",
            "{percent_complete: ['100']",
            "percent_complete of a step never has this type",
        ),
        (
            "campaigns/step-unlocked.yaml",
            "{status: [available]",
            "{status: [no]",
            "status of a step never has this type",
        ),
        (
            "campaigns/step-unlocked.yaml",
            "{status: [available]",
            "{status: []",
            "no value matches an empty list",
        ),
        (
            "campaigns/notice-major.yaml",
            "  when: {impact: [major, critical],",
            "  when: {components: [AS2],",
            "components is a list",
        ),
        (
            "campaigns/document-published.yaml",
            "group: documents",
            "group: papers",
            "papers has no label",
        ),
        (
            "campaigns/step-unlocked.yaml",
            "group: onboarding",
            "group: documents",
            "members can turn off one of step-unlocked and document-",
        ),
        (
            "campaigns/document-published.yaml",
            "  when: {status: [published],",
            "  when: {classification: [restricted],",
            "never has the classification restricted",
        ),
    ],
)
def test_what_nothing_could_make_work_is_an_error_with_file_line_and_fix(
    name: str, old: str, new: str, said: str
) -> None:
    text, line = edit(name, old, new)

    with pytest.raises(ConfigurationFault) as fault:
        examine_with({name: text.encode()})

    told(
        name,
        text,
        1 if "there are no labels" in said else line,
        said,
        str(fault.value).splitlines(),
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "audiences.yaml",
            "  EU: [AT",
            "  EUU: [AT",
            "EUU is none of the profile's regions, APAC, EMEA, EU, LATAM, NA (did you mean EU?)",
        ),
        (
            "audiences.yaml",
            "  NA: [US, CA, MX]",
            "  NA: []",
            "this region has no country, so its notices reach no partner",
        ),
        (
            "audiences.yaml",
            "FR, GB, GR",
            "FR, UK, GR",
            (
                "ISO 3166 knows no country UK: correct it, unless Trading Grid says so"
                " (did you mean GB?)"
            ),
        ),
        (
            "messaging.yaml",
            "  GB: Europe/London",
            "  UK: Europe/London",
            "ISO 3166 knows no country UK",
        ),
        (
            "messaging.yaml",
            "locales: {DE: de",
            "locales: {IT: it, DE: de",
            "no campaign has texts in it, so IT reads en",
        ),
        (
            "labels.yaml",
            "    awaiting_partner:",
            "    awaiting_partnr:",
            "Trading Grid's profile has no awaiting_partnr (did you mean awaiting_partner?)",
        ),
        (
            "case_rules.yaml",
            "DESADV]",
            "DESDAV]",
            "document type DESDAV has no label under transaction.type (did you mean DESADV?)",
        ),
        (
            "routing.yaml",
            "    types: [onboarding_inquiry]",
            "    types: [data_change]",
            "rule onboarding: no form in config/forms has the type data_change",
        ),
        (
            "routing.yaml",
            "holidays: [2026-11-26, 2026-12-25, 2027-01-01]",
            "holidays: [2025-12-25, 2026-11-27]",
            "all holidays are over; the last was 2026-11-27",
        ),
    ],
)
def test_what_may_be_meant_is_a_warning_with_file_line_and_fix(
    name: str, old: str, new: str, said: str
) -> None:
    text, line = edit(name, old, new)

    (warning,) = examine_with({name: text.encode()}).warnings

    told(name, text, line, said, [warning])


def test_words_in_a_language_that_the_portal_lacks_are_a_warning_and_so_are_missing_words() -> None:
    name = "forms/edi-setup.yaml"
    text, line = edit(name, "  de:", "  it:")

    missing, foreign = examine_with({name: text.encode()}).warnings

    assert re.fullmatch(
        rf"config/{name}:\d+: there is no text in de for EDI setup and \d+ more,"
        r" so partners read en there: write it, or .*",
        missing,
    )
    told(
        name, text, line, "which is no language of the portal; those are de, en, es, fr", [foreign]
    )


def test_form_that_nobody_could_send_is_a_warning() -> None:
    text, _ = edit(
        "forms/onboarding-question.yaml",
        "label: Attachments, kind: files",
        "label: Attachments, kind: files, required: true",
    )

    (said,) = examine_with({"forms/onboarding-question.yaml": text.encode()}).warnings

    assert "needs a Wix form, and none is named" in said


def test_form_that_the_portal_sends_and_that_is_not_there_is_a_warning() -> None:
    said = examine_with({}, without="forms/issue-comment.yaml").warnings

    assert said == (
        (
            "config/forms/issue-comment.yaml: the portal's page sends this form:"
            " add it, unless nobody uses that page"
        ),
    )


def test_status_that_a_gateway_has_of_its_own_passes_once_it_has_a_label() -> None:
    campaign, _ = edit("campaigns/case-reminder.yaml", "[awaiting_partner]", "[awaiting_carrier]")
    labels, _ = edit(
        "labels.yaml",
        "    awaiting_internal:",
        (
            "    awaiting_carrier: {en: Waiting, de: Wartet, fr: En attente, es: En espera}\n"
            "    awaiting_internal:"
        ),
    )
    with pytest.raises(ConfigurationFault, match=r"or give it a label under case\.status"):
        examine_with({"campaigns/case-reminder.yaml": campaign.encode()})

    assert (
        examine_with(
            {"campaigns/case-reminder.yaml": campaign.encode(), "labels.yaml": labels.encode()}
        ).warnings
        == ()
    )


def test_holiday_that_is_to_come_is_no_warning_and_one_that_is_over_by_then_is() -> None:
    assert [
        bool(examine_with({}, today=day).warnings) for day in (date(2027, 1, 1), date(2027, 1, 2))
    ] == [False, True]


def test_yes_and_no_can_be_asked_for_in_a_rule() -> None:
    rules = configuration().routing.rules
    rule = RoutingRule.model_validate(
        {
            **rules[0].model_dump(),
            "key": "shipped",
            "types": (),
            "answers": {"alreadyShipped": ("true",)},
        }
    )
    routing = configuration().routing.model_copy(update={"rules": (rule, *rules)})
    found = configuration().model_copy(update={"routing": routing})

    assert [one for one in check_configuration(found, TODAY) if one.is_error] == []
    assert select_route("asn_issue", {"alreadyShipped": True}, NOW, routing).rule == "shipped"
    assert select_route("asn_issue", {"alreadyShipped": False}, NOW, routing).rule == "ship_notice"
    assert (
        select_route("asn_issue", {"alreadyShipped": ["false", "true"]}, NOW, routing).rule
        == "shipped"
    )


CASE_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "exceptions": st.lists(st.sampled_from(list(ExceptionKind)), max_size=4, unique=True),
            "document_types": st.lists(
                st.sampled_from(["856", "810", "DESADV"]), max_size=2, unique=True
            ),
            "directions": st.lists(st.sampled_from(list(Direction)), max_size=2, unique=True),
        }
    ),
    min_size=1,
    max_size=6,
)


@given(CASE_RULES)
def test_case_rule_is_told_to_be_of_no_use_if_and_only_if_no_exception_meets_it_first(
    conditions: list[dict[str, Any]],
) -> None:
    last = configuration().case_rules.rules[-1].model_dump()
    kept = [one for one in conditions if any(one.values())]
    rules = [
        CaseRule.model_validate({**last, **one, "key": f"r{number}"})
        for number, one in enumerate([*kept, dict.fromkeys(conditions[0], ())])
    ]
    found = configuration().model_copy(
        update={"case_rules": configuration().case_rules.model_copy(update={"rules": tuple(rules)})}
    )

    met = {
        matching_rule(about(kind, document), direction, rules).key
        for kind in ExceptionKind
        for document in ("856", "810", "DESADV", "850", None)
        for direction in Direction
    }
    useless = {
        remark.said.split(":")[0].removeprefix("rule ")
        for remark in check_configuration(found, TODAY)
        if NEVER in remark.said
    }

    assert useless == {rule.key for rule in rules[:-1]} - met


def about(kind: ExceptionKind, document: str | None) -> TransactionException:
    return TransactionException(
        "c", kind, "t", document, None, None, None, None, None, None, None, None, None, None
    )


ROUTING_RULES = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from(["support", "asn_issue", "invoice_clarification"]),
            max_size=2,
            unique=True,
        ),
        st.fixed_dictionaries(
            {},
            optional={
                "topic": st.lists(
                    st.sampled_from(
                        ["orders", "freight", "routing", "tax", "bank", "insurance", "other"]
                    ),
                    min_size=1,
                    max_size=7,
                    unique=True,
                ),
                "alreadyShipped": st.lists(
                    st.sampled_from(["true", "false"]), min_size=1, unique=True
                ),
                "currency": st.lists(
                    st.sampled_from(["USD", "EUR", "CAD", "GBP"]), min_size=1, unique=True
                ),
            },
        ),
    ),
    min_size=1,
    max_size=5,
)


@given(ROUTING_RULES)
def test_routing_rule_without_an_error_is_the_first_to_fit_some_submission(
    conditions: list[tuple[list[str], dict[str, list[str]]]],
) -> None:
    last = configuration().routing.rules[-1]
    kept = [(types, answers) for types, answers in conditions if types or answers]
    rules = [
        RoutingRule.model_validate(
            {**last.model_dump(), "key": f"r{n}", "types": types, "answers": answers}
        )
        for n, (types, answers) in enumerate(kept)
    ]
    routing = configuration().routing.model_copy(update={"rules": (*rules, last)})
    found = configuration().model_copy(update={"routing": routing})
    possible: list[tuple[str, dict[str, Any]]] = [
        *(
            ("support", {"topic": topic})
            for topic in ("orders", "freight", "routing", "tax", "bank", "insurance", "other")
        ),
        *(
            ("asn_issue", {} if shipped is None else {"alreadyShipped": shipped})
            for shipped in (True, False, None)
        ),
        *(
            ("invoice_clarification", {} if money is None else {"currency": money})
            for money in ("USD", "EUR", "CAD", "GBP", None)
        ),
        ("onboarding_inquiry", {}),
    ]

    met = {select_route(kind, answers, NOW, routing).rule for kind, answers in possible}
    wrong = {
        remark.said.split(":")[0].removeprefix("rule ")
        for remark in check_configuration(found, TODAY)
        if remark.is_error
    }

    assert {rule.key for rule in rules} - wrong <= met
    # A rule may be wrong in one of its answers and of use by another; one that is said never to
    # match is of none.
    assert (
        not {
            remark.said.split(":")[0].removeprefix("rule ")
            for remark in check_configuration(found, TODAY)
            if NEVER in remark.said
        }
        & met
    )


BOXES = st.fixed_dictionaries(
    {name: st.frozensets(st.sampled_from("abc")) for name in ("x", "y", "z")}
)


@given(BOXES, st.lists(BOXES, max_size=5))
def test_box_is_covered_if_and_only_if_each_of_its_points_is_in_another(
    box: Box, others: list[Box]
) -> None:
    points = [(x, y, z) for x in box["x"] for y in box["y"] for z in box["z"]]

    expected = all(
        any(
            all(value in other[name] for name, value in zip("xyz", point, strict=True))
            for other in others
        )
        for point in points
    )

    assert is_covered(box, others) == expected


def test_vocabulary_is_the_profiles() -> None:
    schemas = load_trusted_yaml((ROOT / "docs/community-gateway.openapi.yaml").read_text())[
        "components"
    ]["schemas"]

    def said(schema: str, field: str) -> set[str]:
        parts = (
            schemas[schema]["allOf"][1]["properties"]
            if "allOf" in schemas[schema]
            else schemas[schema]["properties"]
        )
        member = parts[field]
        return (
            set(member["enum"])
            if "enum" in member
            else set(re.findall(r"[a-z0-9_]+", member.get("description", "")))
        )

    names = {
        "check": "ComplianceCheck",
        "case": "Case",
        "notice": "ServiceNotice",
        "document": "Document",
        "step": "StepInstance",
        "enrollment": "Enrollment",
    }
    # An invitation is a row of the site.
    of_the_profile = {kind: fields for kind, fields in VALUES.items() if kind not in OF_A_PERSON}
    for kind, fields in of_the_profile.items():
        for field, values in fields.items():
            schema = {("case", "category"): "NewCase", ("case", "priority"): "NewCase"}.get(
                (kind, field),
                "StepDefinition" if kind == "step" and field != "status" else names[kind],
            )
            stated = said(schema, field)
            assert not stated or values == stated, (kind, field)
    assert VALUES["notice"]["status"] == set(configuration().labels["notice.status"].values)
    assert all(field in FIELDS[kind] for kind, fields in VALUES.items() for field in fields)
    assert frozenset[str]().union(*FIELDS.values()) >= LISTS | NUMBERS
    assert set(LABELS.values()) <= set(get_args(LabelField.__value__))


def test_countries_are_those_of_the_world() -> None:
    assert len(country_codes()) > 240
    assert {"US", "GB", "EE", "NO"} <= country_codes()
    assert not {"UK", "EU", "XX"} & country_codes()


def test_forms_of_the_portal_are_those_that_its_code_sends() -> None:
    sources = "\n".join(
        path.read_text()
        for path in (ROOT / "portal/backend").glob("*.js")
        if path.name != "forms.js"
    )

    assert (
        set(re.findall(r"submit\(member, partner\.id, '([a-z-]+)'", sources)) | {"onboarding-step"}
        == PORTAL_FORMS.keys()
    )
    assert "STEP_FORM = 'onboarding-step'" in sources
    assert all(
        re.search(rf"\b{target}\b", sources)
        for _, targets in PORTAL_FORMS.values()
        for target in targets
    )


def test_languages_of_the_shipped_portal_are_those_that_the_element_has_texts_in() -> None:
    elements = {path.stem for path in (ROOT / "portal/element/texts").glob("??.js")}

    assert elements == set(configuration().texts.languages)


def test_suggestion_is_the_word_as_it_is_spelled() -> None:
    assert suggestion("desadv", ["DESADV", "810"]) == " (did you mean DESADV?)"
    assert suggestion("x", ["DESADV"]) == ""
