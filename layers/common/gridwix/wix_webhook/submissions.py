"""Maps submissions of portal forms to what the inbox of submissions stores.

Imports little, for a fast cold start.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from gridwix.edge.rejections import rejection
from gridwix.wix_webhook.json_values import Fraction, is_id, utc_timestamp

MAX_VALUES = 200
"""Maximum number of answers of a submission."""

MAX_STORED_BYTES = 120 * 1024
"""Maximum size, in bytes of UTF-8, of the answers of a submission as they are stored, with the
names of the answers that are numbers.

The inbox stores the answers and the order that is made of them in one item of DynamoDB, which holds
400 KB. The order has each answer once, and at most 200 attributes and 50 files of bounded size
beside them (``tests/unit/form_intake/test_stored_sizes.py`` has the sum).
"""


class EncodedAnswers(TypedDict):
    """The answers of a submission, as the inbox (the table of submissions to deliver) stores them.

    ``values`` is the JSON of the answers, in which a number with a fraction is a string. ``plain``
    has the names of the answers that are such numbers.
    """

    values: str
    plain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission to store in the inbox, the table of submissions that wait for delivery.

    ``values`` is the JSON of the answers, in which a number with a fraction is a string, so that no
    digit is lost. ``plain`` has the names of the answers that are such numbers. ``partner_id`` is
    the partner for which the member claims to act. ``locale`` is the BCP 47 tag of the language of
    the values, None if the sender did not give it; ``und`` if a program wrote them.
    """

    id: str
    form: str
    submitted_at: str
    member_id: str | None
    values: str = field(repr=False)
    partner_id: str | None = None
    locale: str | None = None
    plain: tuple[str, ...] = ()


def read_submission(entity: Mapping[str, Any]) -> NewSubmission:
    """Map the entity of a Wix Forms event to a submission. Raises WebhookRejected."""
    identifier, form = entity.get("id"), entity.get("formId")
    values = entity.get("submissions")
    if not (is_id(identifier) and is_id(form) and isinstance(values, dict)):
        raise rejection("malformed-event")
    submitter = entity.get("submitter")
    member = submitter.get("memberId") if isinstance(submitter, dict) else None
    return NewSubmission(
        id=str(identifier),
        form=str(form),
        submitted_at=utc_timestamp(entity.get("createdDate")),
        member_id=str(member) if is_id(member) else None,
        **encoded_answers(values),
    )


def encoded_answers(values: Mapping[str, Any]) -> "EncodedAnswers":
    """Encode the answers of a submission as :class:`NewSubmission` holds them.

    Raises WebhookRejected if there are too many answers, or they exceed ``MAX_STORED_BYTES``.
    """
    encoded, plain = encode_values(values), fraction_targets(values)
    if len(encoded.encode()) + len(json.dumps(plain)) > MAX_STORED_BYTES:
        raise rejection("answers-too-large")
    return {"values": encoded, "plain": plain}


def encode_values(values: Mapping[str, Any]) -> str:
    """Encode answers as compact JSON. Raises WebhookRejected for more than ``MAX_VALUES``.

    A text with half of a surrogate pair, which no store accepts, keeps its JSON escapes: it is
    found to be invalid when the submission is read later, and the sender gets a message.

    >>> encode_values({"city": "Köln", "pallets": 3})
    '{"city":"Köln","pallets":3}'
    """
    if len(values) > MAX_VALUES:
        raise rejection("too-many-answers")
    encoded = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return encoded if _is_unicode(encoded) else json.dumps(values, separators=(",", ":"))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def fraction_targets(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sorted names of the answers that are numbers with a fraction.

    >>> fraction_targets({"price": Fraction("0.10"), "pallets": 3})
    ('price',)
    """
    return tuple(sorted(target for target, value in values.items() if isinstance(value, Fraction)))
