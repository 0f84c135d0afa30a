"""What the edge takes fits into the inbox: the answers, and the order that is made of them."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.configuration.forms import FormDefinition
from gridwix.errors import WebhookRejected
from gridwix.files.types import MAX_NAME, safe_name
from gridwix.form_intake.form_fields import MAX_FILES, is_empty
from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.projection import new_request
from gridwix.form_intake.routing import Route
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.requests import RequestAttachment
from gridwix.partner_requests.orders import RequestOrder, encode_order
from gridwix.partner_requests.submissions import Match
from gridwix.wix_webhook.submissions import MAX_STORED_BYTES, MAX_VALUES, encoded_answers
from tests.examples import examples
from tests.factories import NOW, submission

ITEM = 400 * 1024
"""Bytes of an item of DynamoDB, names of attributes included."""

PER_FIELD = 400
"""Most bytes that an answer has beyond its value: the names of the answer and of its currency, a
scheme, a number without its exponent, or why an identifier did not count."""

PER_FILE = 4 * MAX_NAME + 300
"""Most bytes of a file beside its answer: its name once more, and the id of its upload."""

BESIDE = 8 * 1024
"""Most bytes of all else: ids, times, routing, and the reason of a hold."""

KINDS = [
    "text",
    "email",
    "url",
    "phone",
    "integer",
    "decimal",
    "rating",
    "boolean",
    "date",
    "time",
    "datetime",
    "choice",
    "choices",
    "address",
    "files",
    "signature",
    "gln",
    "duns",
    "trading_address",
]

TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(
    [
        *('"' * 40, "\\" * 40, "\n" * 40, "x\x7fy", "李" * 40, "𝅘𝅥𝅮" * 20, "x\ud800"),
        *("1e39", "1e-39", "4.1", "-", "www.x.example", "+49 30 123456", "a@b.example"),
        *("2026-11-27T14:30", "2:30 PM", "yes", "orders", "0614141000524", "ZZ:PRAIRIEGOLD"),
    ]
)
VALUES = st.recursive(
    TEXT | st.integers() | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["displayName", "url", "fileId", "fileSize", "formatted", "city", "country"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def definition(kind: str, **more: Any) -> FormDefinition:
    choices = (
        {"choices": ["orders", "freight"], "other": "Other"}
        if kind in ("choice", "choices")
        else {}
    )
    field = {
        "name": "f" * 60,
        "target": "t",
        "label": "L",
        "kind": kind,
        "max_length": 10_000,
        **choices,
        **more,
    }
    return FormDefinition.model_validate(
        {"title": "T", "version": 1, "type": "support", "locale": "de-DE", "fields": [field]}
    )


def size(value: Any) -> int:
    """Bytes of a value in an order. What is no Unicode is refused before there is one."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(KINDS), value=VALUES, identifies=st.booleans())
def test_answer_is_never_much_larger_than_what_was_sent(
    kind: str, value: Any, identifies: bool
) -> None:
    is_identifier = kind in ("gln", "duns", "trading_address")
    form = definition(kind, **({"is": kind} if identifies and is_identifier else {}))

    reading = read_form_values(form, {"t": value})

    kept = size(dict(reading.answers)) + size(dict(reading.identifiers))
    if not is_empty(value):
        assert kept <= len(encoded_answers({"t": value})["values"].encode()) + PER_FIELD


@given(st.text(max_size=400))
def test_name_of_a_file_is_bounded(name: str) -> None:
    assert len(safe_name(name).encode()) <= 4 * MAX_NAME


def test_item_of_the_largest_answers_and_their_order_stays_below_the_limit_of_dynamodb() -> None:
    order = MAX_STORED_BYTES + MAX_VALUES * PER_FIELD + MAX_FILES * PER_FILE

    assert MAX_STORED_BYTES + order + BESIDE <= ITEM


def test_all_else_of_an_order_is_bounded() -> None:
    """The largest order without answers and files, and the attributes beside it."""
    form = definition("text")
    reading = read_form_values(form, {})
    request = new_request(
        submission("s" * 100),
        "k" * 60,
        form,
        reading,
        Match(PartnerId("p" * 100), "unclear"),
        {},
        Route("t" * 60, "r" * 60, "critical", NOW, "x" * 300),
        (),
    )

    stored = len(encode_order(RequestOrder(partner_id=PartnerId("p" * 100), request=request)))

    assert stored + 2_000 < BESIDE


def test_largest_order_of_files_is_as_large_as_the_sum_says() -> None:
    name = f"{'𝅘𝅥𝅮' * 66}.pdf"
    files = [{"displayName": name, "url": f"https://x.example/{n}"} for n in range(MAX_FILES)]
    reading = read_form_values(definition("files"), {"t": files})
    attached = [RequestAttachment(upload_id="u" * 100, file_name=one.name) for one in reading.files]

    stored = size([one.model_dump(mode="json", by_alias=True) for one in attached])

    assert stored <= MAX_FILES * PER_FILE


@pytest.mark.parametrize(
    "values",
    [
        {"t": "x" * MAX_STORED_BYTES},
        {"t": "李" * (MAX_STORED_BYTES // 3)},
        {"t": "\ud800" * (MAX_STORED_BYTES // 6)},
        {f"t{n}": '"' * 400 for n in range(MAX_VALUES)},
    ],
)
def test_answers_beyond_the_limit_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(WebhookRejected, match="answers-too-large"):
        encoded_answers(values)


def test_half_of_a_surrogate_pair_is_stored_as_it_came() -> None:
    encoded = encoded_answers({"t": "Größe \ud800"})["values"]

    assert encoded.isascii()
    assert json.loads(encoded) == {"t": "Größe \ud800"}
