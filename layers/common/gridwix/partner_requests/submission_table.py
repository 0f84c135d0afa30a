"""DynamoDB table of the inbox of submissions: one item per submission, key ``id``.

The sparse index ``waiting`` holds the submissions that wait, oldest first. The same table counts
each submitter's submissions of an hour (rate limit), under keys ``rate#...``.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_value
from gridwix.clients.aws.items import Item, Value, decode_item, encode_item
from gridwix.clients.aws.repeats import REPORT_STORED, was_carried_out
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.texts import Sentence
from gridwix.partner_requests.orders import ORDER, FollowUp, RequestOrder
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import (
    HoldReason,
    Outcome,
    Stage,
    Submission,
    SubmissionPage,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "waiting"

COUNTED_SECONDS = 2 * 3600
"""Time to live, in seconds, of an hour's count."""


class DynamoDBSubmissionInbox(SubmissionInbox):
    """Submissions by stage, and their order and outcome.

    The index is eventually consistent, so a delivered submission may be listed once more.
    Delivering it again is idempotent.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def list_submissions(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        position: Any = {} if cursor is None else {"ExclusiveStartKey": json.loads(cursor)}
        with translate_aws_errors("Query"):
            response = self._client.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="waiting = :stage",
                ExpressionAttributeValues=encode_item({":stage": stage.value}),
                Limit=limit,
                **position,
            )
        following = response.get("LastEvaluatedKey")
        readings = [_read_submission(decode_item(item)) for item in response["Items"]]
        return SubmissionPage(
            tuple(reading for reading in readings if isinstance(reading, Submission)),
            None if following is None else json.dumps(following),
            tuple(reading for reading in readings if isinstance(reading, RecordFault)),
        )

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        readings = (
            _read_submission(item) for item in read_items(self._client, self._table, "id", ids)
        )
        return {reading.id: reading for reading in readings if isinstance(reading, Submission)}

    def keep_order(
        self, submission_id: str, order: RequestOrder | FollowUp
    ) -> RequestOrder | FollowUp:
        names: dict[str, str] = {"#order": "order"}
        stored = self._update_submission(
            submission_id,
            "SET #order = if_not_exists(#order, :order)",
            names,
            {":order": order.model_dump_json()},
        )
        return ORDER.validate_json(stored["order"])

    def count_submission(self, submitter: str, hour: str, submission_id: str, limit: int) -> bool:
        expires = int(datetime.fromisoformat(f"{hour}:00:00+00:00").timestamp()) + COUNTED_SECONDS
        # A set of ids and not a number: counting the same submission again changes nothing.
        with translate_aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=encode_item({"id": f"rate#{submitter}#{hour}"}),
                    UpdateExpression=(
                        "ADD submissions :one SET expiration = :expires, schemaVersion = :schema"
                    ),
                    ConditionExpression=(
                        "attribute_not_exists(submissions)"
                        " OR contains(submissions, :id)"
                        " OR size(submissions) < :limit"
                    ),
                    ExpressionAttributeValues=encode_item(
                        {
                            ":one": {submission_id},
                            ":id": submission_id,
                            ":limit": limit,
                            ":expires": expires,
                            **schema_value(ItemKind.SUBMISSION_COUNT),
                        }
                    ),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def hold_submission(self, submission_id: str, reason: HoldReason, file_fault: str = "") -> None:
        changes = "SET stage = :held, waiting = :held, heldFor = :reason, fileFault = :fault"
        self._change_stage(
            submission_id,
            Stage.OPEN,
            changes,
            {":held": "held", ":reason": reason.value, ":fault": file_fault},
        )

    def release_submission(self, submission_id: str, at: datetime) -> bool:
        # The stored order goes, so that what Trading Grid has refused is built again.
        changes = (
            "SET stage = :open, waiting = :open, released = :yes, releasedAt = :at"
            " REMOVE heldFor, fileFault, #order"
        )
        values: dict[str, Value] = {":open": "open", ":yes": True, ":at": at.isoformat()}
        # The time marks this release, also after the submission has been delivered.
        return self._change_stage(
            submission_id,
            Stage.HELD,
            changes,
            values,
            {"#order": "order"},
            mark={"releasedAt": at.isoformat()},
        )

    def settle_submission(self, submission_id: str, outcome: Outcome) -> None:
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
        self._update_submission(
            submission_id,
            "SET stage = :delivered, outcome = :outcome"
            " REMOVE waiting, heldFor, fileFault, #values, #order",
            {"#values": "values", "#order": "order"},
            {
                ":delivered": Stage.DELIVERED.value,
                ":outcome": json.dumps({name: value for name, value in known.items() if value}),
            },
        )

    def _change_stage(
        self,
        submission_id: str,
        stage: Stage,
        changes: str,
        values: Mapping[str, Value],
        names: dict[str, str] | None = None,
        *,
        mark: Mapping[str, object] | None = None,
    ) -> bool:
        """Update a submission if it is in this stage. Returns False if it is in another one.

        With ``mark``, attributes that only this write has, a write counts as well that botocore has
        repeated after its answer was lost, and whose first copy has changed the stage.
        """
        named: Any = {"ExpressionAttributeNames": names} if names else {}
        with translate_aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=encode_item({"id": submission_id}),
                    UpdateExpression=changes,
                    ConditionExpression="stage = :before",
                    ExpressionAttributeValues=encode_item({**values, ":before": stage.value}),
                    **named,
                    **REPORT_STORED,
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return mark is not None and was_carried_out(error, mark)
        return True

    def _update_submission(
        self, submission_id: str, changes: str, names: dict[str, str], values: Mapping[str, Value]
    ) -> Item:
        """Update a submission and return it. Raises Conflict if there is none of this id."""
        with translate_aws_errors("UpdateItem"):
            response = self._client.update_item(
                TableName=self._table,
                Key=encode_item({"id": submission_id}),
                UpdateExpression=changes,
                ConditionExpression="attribute_exists(id)",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=encode_item(values),
                ReturnValues="ALL_NEW",
            )
        return decode_item(response.get("Attributes", {}))


def _read_submission(item: Item) -> Submission | RecordFault:
    """The submission of an item, or the fault of one that this release cannot read."""
    try:
        with confine_to_record(f"submissions/{item['id']}"):
            return _parse_submission(item)
    except RecordFault as fault:
        return fault


def _parse_submission(item: Item) -> Submission:
    text: Mapping[str, str] = {
        name: value for name, value in item.items() if isinstance(value, str)
    }
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
        released=bool(item.get("released")),
        released_at=datetime.fromisoformat(text["releasedAt"]) if "releasedAt" in text else None,
        order=ORDER.validate_json(text["order"]) if "order" in text else None,
        outcome=_parse_outcome(json.loads(text["outcome"])) if "outcome" in text else None,
        locale=text.get("locale"),
        plain=frozenset(json.loads(text.get("plain", "[]"))),
    )


def _parse_outcome(known: Mapping[str, Any]) -> Outcome:
    sentence = known.get("note_sentence")
    return Outcome(
        **{
            **known,
            "note_sentence": None if sentence is None else Sentence.model_validate(sentence),
        }
    )
