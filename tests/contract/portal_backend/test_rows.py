"""The rows that the portal's page gets: fields, languages, sentences and texts."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from gridwix.configuration.campaigns import Role
from tests.contract.portal_backend.cases import DAY, an_issue, sections
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


def texts(member: Visitor, locale: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = member.call("getPortal", None, locale, [])["texts"]
    return found


def test_texts_are_those_of_the_readers_language_and_what_it_lacks_in_english(
    member: Visitor,
) -> None:
    (english,) = texts(member, "en-GB")
    german, rest = texts(member, "de-AT")
    french, _ = texts(member, "fr-CA")
    spanish, _ = texts(member, "es-MX")
    (other,) = texts(member, "it")

    assert [one["language"] for one in (english, german, rest, french, spanish)] == [
        "en",
        "de",
        "en",
        "fr",
        "es",
    ]
    assert other == english
    assert english["sentences"]["headline.working"] == {
        "one": "{count} case is being worked on",
        "other": "{count} cases are being worked on",
    }
    assert german["labels"]["case.status"]["values"]["awaiting_partner"] == "Wartet auf Sie"
    assert all(code.startswith("question.") for code in rest["sentences"])
    assert rest["sentences"]["question.invoice-question.gln"] == "GLN"
    assert {group: found["neutral"] for group, found in rest["labels"].items()} == {
        group: found["neutral"] for group, found in english["labels"].items()
    }
    assert not any(found["values"] for found in rest["labels"].values())


def test_sentences_of_a_row_reach_the_page_with_their_instants_as_they_are(
    site: Portal, partner: str, member: Visitor
) -> None:
    values = {
        "subject": {"code": "reference.order", "values": {"number": "1"}},
        "at": {"at": DAY},
        "count": 2,
    }
    site.row(
        "PartnerStatus",
        partner,
        partnerId=partner,
        headline="In English",
        sentences={"headline": {"code": "headline.answer", "values": values}},
    )

    (row,) = sections(member)["status"]["rows"]

    assert row["headline"] == "In English"
    assert row["sentences"]["headline"] == {
        "code": "headline.answer",
        "values": {**values, "at": {"at": "2026-03-12T09:00:00.000Z"}},
    }


def test_rows_come_without_what_is_not_the_pages(
    site: Portal, partner: str, member: Visitor
) -> None:
    issue = an_issue(
        site,
        partner,
        comments=[{"text": "Hello", "createdAt": DAY}],
        internalNote="a column that somebody added on the site",
    )
    site.row(
        "PartnerRequests", f"sub-{partner}", partnerId=partner, memberId=member.id, reference="GX-1"
    )
    site.row(
        "ServiceNotices",
        f"ntc-{partner}",
        forEverybody=False,
        partnerIds=[partner, "GC1"],
        title="Delay",
    )
    site.row(
        "PartnerDocuments",
        f"doc-{partner}",
        partnerId=partner,
        partnerIds=[partner, "GC1"],
        forEverybody=False,
        title="Guide",
        fileId="",
    )

    found = sections(member)

    [shown] = found["issues"]["rows"]
    comments = [{"text": "Hello", "createdAt": "2026-03-12T09:00:00.000Z"}]
    assert shown == {
        "id": issue,
        "subject": "856 was late",
        "open": True,
        "comments": comments,
        "updatedAt": "2026-03-12T09:00:00.000Z",
    }
    assert found["requests"]["rows"] == [{"id": f"sub-{partner}", "reference": "GX-1"}]
    assert {"id": f"ntc-{partner}", "title": "Delay"} in found["notices"]["rows"]
    assert {"id": f"doc-{partner}", "title": "Guide", "fileId": "", "uploadable": True} in found[
        "documents"
    ]["rows"]


def test_what_is_for_everybody_reaches_every_partner(site: Portal, member: Visitor) -> None:
    site.row("ServiceNotices", "ntc-all", forEverybody=True, partnerIds=[], title="Maintenance")
    site.row(
        "PartnerDocuments",
        "doc-all",
        forEverybody=True,
        partnerIds=[],
        partnerId="",
        title="Routing guide",
    )

    found = sections(member)

    assert "ntc-all" in {row["id"] for row in found["notices"]["rows"]}
    assert "doc-all" in {row["id"] for row in found["documents"]["rows"]}
    site.remove("ServiceNotices", "ntc-all")
    site.remove("PartnerDocuments", "doc-all")


def test_the_first_partner_by_name_is_meant_when_none_is_named(site: Portal) -> None:
    late, early = site.partner("Zebra Foods"), site.partner("Äpfel & Co")
    member = site.member(late, early)

    assert [partner["name"] for partner in member.call("getSession")["partners"]] == [
        "Äpfel & Co",
        "Zebra Foods",
    ]
    assert member.call("getPortal", None, "en", ["status"])["partner"] == {
        "id": early,
        "name": "Äpfel & Co",
        "role": "edi",
    }
    assert member.call("getPortal", late, "en", ["status"])["partner"]["name"] == "Zebra Foods"


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("en", "Tax form"),
        ("de", "Steuerformular"),
        ("de-AT", "Steuerformular"),
        ("DE_at", "Steuerformular"),
        ("it", "Tax form"),
        (None, "Tax form"),
        (7, "Tax form"),
    ],
)
def test_steps_come_in_the_language_of_the_page(
    site: Portal, partner: str, member: Visitor, locale: Any, title: str
) -> None:
    program = f"prg-{partner}"
    steps = [{"key": "tax_form", "title": "W-9", "status": "available", "dueOn": "2026-04-01"}]
    site.row(
        "OnboardingProgress",
        f"enr-{partner}",
        partnerId=partner,
        programId=program,
        active=True,
        steps=steps,
    )
    for language, words in (("en", "Tax form"), ("de", "Steuerformular")):
        facts = {
            "programId": program,
            "programName": "Supplier",
            "stepKey": "tax_form",
            "locale": language,
            "title": words,
            "agreed": {"title": "hash"},
        }
        site.row(
            "OnboardingSteps",
            f"{program}.tax_form.{language}",
            **facts,
            phaseLabel="Compliance",
            conflicts=[],
        )

    [enrollment] = sections(member, locale)["onboarding"]["rows"]

    assert enrollment["programName"] == "Supplier"
    assert enrollment["steps"] == [
        {
            "title": title,
            "phaseLabel": "Compliance",
            "key": "tax_form",
            "status": "available",
            "dueOn": "2026-04-01",
        }
    ]


def test_a_step_that_the_program_does_not_have_any_more_keeps_its_own_words(
    site: Portal, partner: str, member: Visitor
) -> None:
    steps = [{"key": "gone", "title": "Old step", "status": "available"}]
    site.row(
        "OnboardingProgress",
        f"enr-{partner}",
        partnerId=partner,
        programId="prg-none",
        active=True,
        steps=steps,
    )

    [enrollment] = sections(member)["onboarding"]["rows"]

    assert enrollment["steps"] == steps


@pytest.mark.parametrize(
    ("locale", "title"), [("et", "Tere"), ("en", "Hello"), ("it", "Tere"), ("__proto__", "Tere")]
)
def test_messages_come_in_the_language_of_the_page_or_the_partners(
    site: Portal, partner: str, member: Visitor, locale: str, title: str
) -> None:
    texts = {
        "et": {"title": "Tere", "body": "<p>Tere</p>"},
        "en": {"title": "Hello", "body": "<p>Hello</p>"},
    }
    site.row(
        "PartnerMessages",
        f"msg-{partner}",
        partnerId=partner,
        texts=texts,
        locale="et",
        sentAt=DAY,
        importance="info",
    )

    [message] = sections(member, locale)["messages"]["rows"]

    expected = title if locale != "__proto__" else "Hello"
    assert (message["title"], message["body"]) == (expected, f"<p>{expected}</p>")
    assert "texts" not in message


def test_roles_of_messages_are_those_of_the_backend() -> None:
    text = (Path(__file__).parents[3] / "portal/backend/links.js").read_text()

    assert re.findall(r"'(\w+)'", re.findall(r"ROLES = \[(.*)\]", text)[0]) == list(
        get_args(Role.__value__)
    )


def test_activity_is_the_partners_own_row(site: Portal, partner: str, member: Visitor) -> None:
    lines = [{"type": "850", "direction": "inbound", "counts": [1, 2]}]
    for one, found in ((partner, lines), (site.partner(), [])):
        site.row("PartnerActivity", one, partnerId=one, lines=found, updatedAt=DAY, internal="x")

    assert sections(member, names=["activity"])["activity"]["rows"] == [
        {"id": partner, "lines": lines, "updatedAt": "2026-03-12T09:00:00.000Z"}
    ]
