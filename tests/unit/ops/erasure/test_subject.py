"""How a text names a person."""

import base64
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.models.ids import PartnerId
from ops.erasure.subject import Subject

MEMBER = "3d1e5c77-6a0b-4f4e-8a55-0f2b6c7d8e91"
DANA = Subject(
    members=frozenset({MEMBER}),
    contacts=frozenset({"c0ffee00-0000-4000-8000-000000000001"}),
    emails=frozenset({"dana.li@prairie.example"}),
    names=frozenset({"Dana Lí"}),
)


@pytest.mark.parametrize(
    "text",
    [
        MEMBER,
        f"members/{MEMBER}",
        "Please answer to <Dana.Li@Prairie.example>.",
        json.dumps({"email": "dana.li@prairie.example"}),
        json.dumps({"name": "dana lí"}),
        json.dumps({"body": json.dumps({"name": "Dana Lí"})}),
        json.dumps({"text": "Regards\ndana.li@prairie.example"}),
        json.dumps({"text": "Regards\r\nDana Lí"}),
        json.dumps({"Dana Lí\n": 1}),
        json.dumps(json.dumps({"text": "Regards\nDana Lí"})),
        json.dumps({"text": "Regards\nDana Lí, and a text that was cut"})[:40],
        "<p>Dana\n  Li\N{COMBINING ACUTE ACCENT}</p>",
        "'dana.li@prairie.example'",
    ],
)
def test_text_with_an_id_an_address_or_a_name_names_the_person(text: str) -> None:
    assert DANA.is_named_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dana",
        "Dana Lília",
        "jordana.li@prairie.example",
        "o'dana.li@prairie.example",
        "dana.li@prairie.example.com",
        f"{MEMBER}-2",
        base64.b64encode(b"nothing").decode(),
    ],
)
def test_text_that_only_resembles_it_names_nobody(text: str) -> None:
    assert not DANA.is_named_in(text)


def test_partners_id_is_not_found_in_a_longer_one() -> None:
    partner = Subject(partner=PartnerId("GC1"))

    assert partner.is_named_in('{"partnerId": "GC1"}')
    assert not partner.is_named_in('{"partnerId": "GC10"}')


@pytest.mark.parametrize(
    ("partner", "text"),
    [
        ("1", '{"detail": {"contract": 1, "partnerId": "GC1"}}'),
        ("7", '{"version": 7}'),
        ("05", '{"occurredAt": "2026-03-12T14:05:31.220000Z"}'),
        ("acme", '{"partnerId": "acme.eu"}'),
        ("eu", '{"partnerId": "acme.eu"}'),
    ],
)
def test_short_id_of_a_partner_is_not_found_in_a_message_of_another(
    partner: str, text: str
) -> None:
    assert not Subject(partner=PartnerId(partner)).is_named_in(text)


@pytest.mark.parametrize("partner", ["7", "acme.eu", 'a"b', "(", "é"])
@pytest.mark.parametrize("member", ["partners/{}", "{}", "partner:{}", "of {}."])
def test_id_of_a_partner_is_found_in_json_and_in_text(partner: str, member: str) -> None:
    text = member.format(partner)

    assert Subject(partner=PartnerId(partner)).is_named_in(text)
    assert Subject(partner=PartnerId(partner)).is_named_in(json.dumps({"detail": {"of": text}}))


@pytest.mark.parametrize("deep", ["[" * 200_000, "[" * 200_000 + "]" * 200_000])
def test_text_as_deep_as_it_is_long_is_looked_through(deep: str) -> None:
    assert DANA.is_named_in(deep, "dana.li@prairie.example")
    assert not DANA.is_named_in(json.dumps({"text": deep}))


@pytest.mark.parametrize("depth", [500, 5_000])
def test_address_deep_within_lists_is_found(depth: int) -> None:
    assert DANA.is_named_in("[" * depth + '"\\ndana.li@prairie.example"' + "]" * depth)


@given(st.text())
def test_subject_of_which_nothing_is_known_is_named_nowhere(text: str) -> None:
    assert not Subject().is_named_in(text)


@given(st.text(), st.sampled_from('\n\r\t\b\f "\\/'))
def test_address_is_found_after_each_character_that_json_escapes(before: str, last: str) -> None:
    text = json.dumps({"said": f"{before}{last}dana.li@prairie.example"})

    assert DANA.is_named_in(text)
    assert DANA.is_named_in(json.dumps({"body": text}))


@given(st.text(), st.text())
def test_name_is_found_wherever_it_stands_in_json(before: str, after: str) -> None:
    text = json.dumps({"said": f"{before} Dana Lí {after}"})

    assert DANA.is_named_in(text)


def test_submission_belongs_to_its_member_and_a_visitors_to_its_address() -> None:
    answers = {"email": " Dana.Li@prairie.example "}

    assert DANA.has_sent(MEMBER, "GC1", {})
    assert DANA.has_sent(None, None, answers)
    assert not DANA.has_sent(str(uuid.uuid4()), "GC1", answers)
    assert not DANA.has_sent(None, None, {"question": "Ask dana.li@prairie.example"})
    assert Subject(partner=PartnerId("GC1")).has_sent(MEMBER, "GC1", {})
    assert not Subject(partner=PartnerId("GC1")).has_sent(MEMBER, "GC2", {})
