"""Onboarding steps with questions of their own."""

from typing import Any

import pytest

from gridwix.form_intake.follow_up_orders import follow_up_order
from gridwix.form_intake.forms import read_form_values
from gridwix.mapping.references import reference
from gridwix.models.ids import PartnerId
from gridwix.partner_requests.orders import StepOrder
from gridwix.runtime.configuration import configuration
from tests import factories
from tests.contract.portal_backend.cases import (
    EDI_SETUP,
    INVALID,
    NOT_POSSIBLE,
    an_enrollment,
    refused,
    sections,
)
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


def forms_of_steps(member: Visitor, locale: str = "en") -> dict[str, Any]:
    [enrollment] = sections(member, locale)["onboarding"]["rows"]
    return {step["key"]: step.get("form") for step in enrollment["steps"]}


@pytest.mark.parametrize(
    ("locale", "worded"),
    [
        ("en", None),
        ("de", "Belege am Tag"),
        ("de-AT", "Belege am Tag"),
        ("fr-CA", "Documents par jour"),
        ("es-MX", "Documentos por día"),
        ("it", None),
        ("__proto__", None),
        (None, None),
    ],
)
def test_a_step_comes_with_its_own_questions_in_the_language_of_the_page(
    site: Portal, partner: str, member: Visitor, locale: Any, worded: Any
) -> None:
    an_enrollment(site, partner)

    forms = forms_of_steps(member, locale)

    asked = forms["edi_setup"]
    assert forms["tax_form"] is None
    assert {field["target"] for field in asked["fields"]} == EDI_SETUP.keys()
    address = next(field for field in asked["fields"] if field["target"] == "edi_address")
    assert (address["kind"], address["required"], address["hint"][:13]) == (
        "trading_address",
        True,
        "Qualifier and",
    )
    assert asked["words"].get("Documents per day") == worded


@pytest.mark.parametrize(
    "form", [None, "no-such-form", "partner-question", "document-version", "__proto__", ""]
)
def test_a_step_whose_form_asks_nothing_of_a_step_takes_remarks(
    site: Portal, partner: str, member: Visitor, form: str | None
) -> None:
    enrollment = an_enrollment(site, partner, form)

    shown = forms_of_steps(member)
    answer = member.call("submitStep", partner, enrollment, "edi_setup", {"comment": "Done"})

    assert shown == {"edi_setup": None, "tax_form": None}
    assert answer["reference"]
    post = site.webhook.posts[-1]
    assert (post["form"], post["values"]) == (
        "onboarding-step",
        {"enrollment_id": enrollment, "step_key": "edi_setup", "comment": "Done"},
    )


def test_questions_of_a_program_that_is_over_are_not_asked(
    site: Portal, partner: str, member: Visitor
) -> None:
    an_enrollment(site, partner, active=False)

    assert forms_of_steps(member) == {"edi_setup": None, "tax_form": None}


def test_a_steps_answers_arrive_as_its_form_reads_them(
    site: Portal, partner: str, member: Visitor
) -> None:
    enrollment = an_enrollment(site, partner)

    answer = member.call("submitStep", partner, enrollment, "edi_setup", EDI_SETUP)

    post = site.webhook.posts[-1]
    definition = configuration().forms[post["form"]]
    reading = read_form_values(definition, post["values"])
    step = {"key": "edi_setup", "title": "EDI setup", "owner": "joint", "status": "available"}
    order = follow_up_order(
        definition,
        reading,
        factories.enrollment(enrollment, partnerId=partner, steps=[step]),
        {PartnerId(partner)},
    )
    assert answer == {"reference": reference(post["submissionId"])}
    assert (post["form"], reading.faults) == ("edi-setup", ())
    assert isinstance(order, StepOrder)
    assert (order.enrollment_id, order.step_key, order.note) == (
        enrollment,
        "edi_setup",
        "Certificate follows",
    )
    assert order.answers == {
        "standard": "X12",
        "connection": "AS2",
        "address": "ZZ:PRAIRIEGOLD",
        "contact": "edi@prairiegold.example",
        "testFrom": "2026-04-01",
        "perDay": 120,
        "acknowledges": True,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"invoice_number": "INV-1"}, INVALID),
        ({"enrollment_id": "another"}, INVALID),
        ({"standard": None}, refused("invalid", "standard")),
        ({"standard": "x12"}, refused("invalid", "standard")),
        ({"edi_address": "  "}, refused("invalid", "edi_address")),
        ({"edi_address": "x" * 61}, refused("too_large", "edi_address")),
        (
            {"edi_address": "PRAIRIEGOLD"},
            {
                "error": {
                    "code": "invalid",
                    "question": "edi_address",
                    "reason": "trading_address.address",
                }
            },
        ),
        ({"edi_contact": "edi@prairiegold"}, refused("invalid", "edi_contact")),
        ({"test_from": "2026-02-30"}, refused("invalid", "test_from")),
        ({"per_day": "1.5"}, refused("invalid", "per_day")),
        ({"acknowledges": "yes"}, refused("invalid", "acknowledges")),
    ],
)
def test_answers_to_a_step_that_do_not_fit_are_refused_by_their_question(
    site: Portal, partner: str, member: Visitor, changes: dict[str, Any], expected: Any
) -> None:
    enrollment, before = an_enrollment(site, partner), site.webhook.seen

    answer = member.call("submitStep", partner, enrollment, "edi_setup", {**EDI_SETUP, **changes})

    assert answer == expected
    assert site.webhook.seen == before


@pytest.mark.parametrize(
    ("step", "active"),
    [
        ({"owner": "hub", "kind": "approval"}, True),
        ({"owner": "hub"}, True),
        ({"owner": "carrier"}, True),
        ({"owner": None}, True),
        ({"kind": "approval"}, True),
        ({"status": "locked"}, True),
        ({"status": "submitted"}, True),
        ({}, False),
    ],
)
def test_a_step_that_does_not_wait_for_the_partner_cannot_be_reported(
    site: Portal, partner: str, member: Visitor, step: dict[str, Any], active: bool
) -> None:
    offered = {"key": "go_live", "owner": "partner", "kind": "form", "status": "available"}
    enrollment = an_enrollment(site, partner, active=active, steps=[{**offered, **step}])
    before = site.webhook.seen

    answer = member.call("submitStep", partner, enrollment, "go_live", {"comment": "Done"})

    assert answer == NOT_POSSIBLE
    assert site.webhook.seen == before


def test_remarks_alone_do_not_submit_a_step_that_asks_more(
    site: Portal, partner: str, member: Visitor
) -> None:
    enrollment = an_enrollment(site, partner)

    assert member.call(
        "submitStep", partner, enrollment, "edi_setup", {"comment": "Done"}
    ) == refused("invalid", "standard")
