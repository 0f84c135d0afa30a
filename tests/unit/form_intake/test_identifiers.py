"""GLN, D-U-N-S number and EDI address as people write them: read, or refused with a sentence, and
never guessed.

The cases are those of ``identifier_cases.json``, by which the portal's backend is tested, too.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from gridwix.configuration.forms import FormDefinition
from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.identifiers import is_gln, read_gln, read_identifier
from gridwix.form_intake.invalid_answer import InvalidAnswer
from gridwix.models.qualifiers import IdentifierScheme

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "identifier_cases.json").read_text()
)
GOOD, BAD = [case for case in CASES if "read" in case], [case for case in CASES if "fault" in case]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case['kind']} {case['text']}")
def test_identifier_is_read_as_people_write_it(case: dict[str, Any]) -> None:
    assert read_identifier(IdentifierScheme(case["kind"]), case["text"]) == case["read"]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: f"{case['kind']} {case['text']}")
def test_identifier_that_was_read_reads_the_same_again(case: dict[str, Any]) -> None:
    assert read_identifier(IdentifierScheme(case["kind"]), case["read"]) == case["read"]


@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case['kind']} {case['text']}")
def test_what_is_no_identifier_is_refused_with_its_reason(case: dict[str, Any]) -> None:
    with pytest.raises(
        InvalidAnswer, match=r"^This is not (a GLN|a D-U-N-S number|an EDI address): "
    ) as refused:
        read_identifier(IdentifierScheme(case["kind"]), case["text"])

    assert refused.value.code == case["fault"]
    assert not any(character.isdigit() for character in case["text"]) or case["text"] not in str(
        refused.value
    )


@given(st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_gln_is_only_what_its_check_digit_proves(digits: str) -> None:
    try:
        number = read_gln(digits)
    except InvalidAnswer:
        return

    assert (len(number), ean.is_valid(number), number.endswith(digits)) == (13, True, True)


@given(
    st.text(alphabet="0123456789", min_size=12, max_size=12).filter(lambda text: text.strip("0")),
    st.integers(0, 12),
    st.integers(1, 9),
)
def test_one_digit_that_is_wrong_is_no_gln(start: str, place: int, shift: int) -> None:
    good = start + ean.calc_check_digit(start)
    wrong = good[:place] + str((int(good[place]) + shift) % 10) + good[place + 1 :]

    assert (is_gln(good), is_gln(wrong)) == (True, False)


@given(st.sampled_from(list(IdentifierScheme)), st.text(max_size=40))
def test_any_text_is_an_identifier_or_an_invalid_answer(
    scheme: IdentifierScheme, text: str
) -> None:
    try:
        read = read_identifier(scheme, text)
    except InvalidAnswer:
        return

    assert read_identifier(scheme, read) == read


def asking(**fields: Any) -> FormDefinition:
    gln = {"name": "gln", "target": "t", "label": "GLN", "kind": "text", **fields}
    return FormDefinition.model_validate(
        {"title": "T", "version": 1, "type": "support", "fields": [gln]}
    )


@pytest.mark.parametrize("kind", ["text", "gln"])
def test_identifier_that_nobody_has_to_give_leaves_a_doubt_and_one_that_is_needed_a_fault(
    kind: str,
) -> None:
    sentence = "GLN: This is not a GLN: check digit"

    optional = read_form_values(asking(kind=kind, **{"is": "gln"}), {"t": "0614141000006"})
    needed = read_form_values(
        asking(kind=kind, required=True, **{"is": "gln"}), {"t": "0614141000006"}
    )
    answer = read_form_values(asking(kind="gln"), {"t": "0614141000006"})

    assert (optional.faults, [str(one) for one in optional.doubts]) == ((), [sentence])
    assert optional.answers == {"gln": "0614141000006 (This is not a GLN: check digit)"}
    assert (
        [str(one) for one in needed.faults],
        needed.doubts,
        [str(one) for one in answer.faults],
    ) == ([sentence], (), [sentence])


@pytest.mark.parametrize("text", ["n/a", "None", " - ", "keine"])
def test_identifier_that_somebody_does_not_have_is_no_answer(text: str) -> None:
    reading = read_form_values(asking(**{"is": "gln"}), {"t": text})

    assert (reading.identifiers, reading.faults, reading.doubts) == ({}, (), ())
    assert (
        read_form_values(asking(required=True, **{"is": "gln"}), {"t": text}).faults[0].text
        == "is missing"
    )
