"""Reads form submissions from items of DynamoDB, written by this or earlier releases. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gridwix.clients.aws.items import Item
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record, readable_id, reason_of
from gridwix.models.texts import Sentence
from gridwix.partner_requests.orders import (
    FollowUp,
    NewerOrder,
    RequestOrder,
    decode_order,
)
from gridwix.partner_requests.submissions import HoldReason, Outcome, Stage, Submission

ROW_DUE = "row"
"""Value of ``waiting`` of a delivered or held submission with a row that may not be on the portal
yet."""


def read_submission_item(item: Item) -> Submission | RecordFault:
    """Return the submission of an item, or a fault if this release cannot read the item."""
    try:
        with confine_to_record(f"submissions/{readable_id(item.get('id'))}"):
            return parse_submission_item(item)
    except RecordFault as fault:
        return fault


def parse_submission_item(item: Item) -> Submission:
    """Parse an item of DynamoDB as a submission. Raises if this release cannot read the item."""
    text: Mapping[str, str] = {
        name: value for name, value in item.items() if isinstance(value, str)
    }
    order, order_fault = _parse_order(text.get("order"))
    return Submission(
        id=text["id"],
        form=text["form"],
        received_at=datetime.fromisoformat(text["receivedAt"]),
        submitted_at=datetime.fromisoformat(text["submittedAt"]),
        member_id=text.get("memberId"),
        partner_id=text.get("partnerId"),
        # A decimal stays the text that the form sent: a float would change it.
        values=json.loads(text.get("values", "{}"), parse_float=str),
        stage=Stage(text["stage"]),
        held_for=HoldReason(text["heldFor"]) if "heldFor" in text else None,
        file_fault=text.get("fileFault", ""),
        held_detail=text.get("heldDetail", ""),
        released=bool(item.get("released")),
        released_at=datetime.fromisoformat(text["releasedAt"]) if "releasedAt" in text else None,
        order=order,
        order_fault=order_fault,
        file_tries=item.get("fileTries", 0),
        file_tried_at=datetime.fromisoformat(text["fileTriedAt"])
        if "fileTriedAt" in text
        else None,
        outcome=_parse_outcome(json.loads(text["outcome"])) if "outcome" in text else None,
        locale=text.get("locale"),
        plain=frozenset(json.loads(text.get("plain", "[]"))),
        # An item of before shape 3 has no revision until its stage changes.
        revision=item.get("revision", 0),
        row_due=text.get("waiting") == ROW_DUE,
        ends_at=_parse_end(item),
    )


def _parse_end(item: Item) -> datetime | None:
    expiration = item.get("expiration")
    return None if expiration is None else datetime.fromtimestamp(int(expiration), UTC)


def _parse_order(stored: str | None) -> tuple[RequestOrder | FollowUp | None, str]:
    """Decode a stored order, the call to Trading Grid; return it with the fault "".

    If it cannot be read, return None and the reason. The submission itself is readable, so it is
    held for review with this reason, and its row is shown on the portal. Without a stored order,
    return None and "".
    """
    if stored is None:
        return None, ""
    try:
        return decode_order(stored), ""
    except NewerOrder as error:
        return None, f"its order was stored by a later release: {error}"
    # Whatever another release has stored: any exception is of this order alone.
    except Exception as error:
        return None, f"its stored order cannot be read: {reason_of(error)}"


def _parse_outcome(known: Mapping[str, Any]) -> Outcome:
    sentence = known.get("note_sentence")
    return Outcome(
        **{
            **known,
            "note_sentence": None if sentence is None else Sentence.model_validate(sentence),
        }
    )


def encode_outcome(outcome: Outcome) -> str:
    """Encode the outcome of delivering a submission as JSON, for an item of DynamoDB.

    ``Outcome.request``, the created collaboration request, is left out.
    """
    known: dict[str, Any] = {
        "record": outcome.record,
        "number": outcome.number,
        "refusal": outcome.refusal,
        "note": outcome.note,
    }
    known |= (
        {"note_sentence": outcome.note_sentence.model_dump(mode="json", exclude_none=True)}
        if outcome.note_sentence
        else {}
    )
    return json.dumps({name: value for name, value in known.items() if value})
