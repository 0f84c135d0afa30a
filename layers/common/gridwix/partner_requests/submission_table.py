"""The inbox of submissions, in DynamoDB: one item for each under the key ``id``; the index ``waiting`` has those that wait, oldest first.

The same table counts a submitter's submissions of an hour, under ``rate#...``.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import aws_errors
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.texts import Sentence
from gridwix.partner_requests.orders import ORDER, FollowUp, RequestOrder
from gridwix.partner_requests.submissions import HoldReason, Outcome, Stage, Submission, SubmissionPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "waiting"

COUNTED_SECONDS = 2 * 3600
"""For how long an hour's count is kept."""


class DynamoDBSubmissionInbox:
    """Implements ``gridwix.partner_requests.ports.SubmissionInbox``. The index lags behind by moments, so a submission may show in it once more after
    it was delivered; delivering it again changes nothing."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def list_submissions(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        position: Any = {} if cursor is None else {"ExclusiveStartKey": json.loads(cursor)}
        with aws_errors("Query"):
            answer = self._client.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="waiting = :stage",
                ExpressionAttributeValues={":stage": {"S": stage.value}},
                Limit=limit,
                **position,
            )
        following = answer.get("LastEvaluatedKey")
        readings = [_reading(item) for item in answer["Items"]]
        return SubmissionPage(
            tuple(reading for reading in readings if isinstance(reading, Submission)),
            None if following is None else json.dumps(following),
            tuple(reading for reading in readings if isinstance(reading, RecordFault)),
        )

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        readings = (_reading(item) for item in read_items(self._client, self._table, "id", ids))
        return {reading.id: reading for reading in readings if isinstance(reading, Submission)}

    def keep_order(self, submission_id: str, order: RequestOrder | FollowUp) -> RequestOrder | FollowUp:
        text = order.model_dump_json()
        answer = self._update(submission_id, "SET #order = if_not_exists(#order, :order)", {"#order": "order"}, {":order": {"S": text}})
        return ORDER.validate_json(answer["Attributes"]["order"]["S"])

    def count_submission(self, submitter: str, hour: str, submission_id: str, limit: int) -> bool:
        expires = int(datetime.fromisoformat(f"{hour}:00:00+00:00").timestamp()) + COUNTED_SECONDS
        with aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"id": {"S": f"rate#{submitter}#{hour}"}},
                    UpdateExpression="ADD submissions :one SET expiration = :expires",
                    ConditionExpression="attribute_not_exists(submissions) OR contains(submissions, :id) OR size(submissions) < :limit",
                    ExpressionAttributeValues={
                        ":one": {"SS": [submission_id]},
                        ":id": {"S": submission_id},
                        ":limit": {"N": str(limit)},
                        ":expires": {"N": str(expires)},
                    },
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def hold_submission(self, submission_id: str, reason: HoldReason, file_fault: str = "") -> None:
        changes = "SET stage = :held, waiting = :held, heldFor = :reason, fileFault = :fault"
        self._move(submission_id, Stage.OPEN, changes, {":held": {"S": "held"}, ":reason": {"S": reason.value}, ":fault": {"S": file_fault}})

    def release_submission(self, submission_id: str, at: datetime) -> bool:
        # What Trading Grid has refused is made anew.
        changes = "SET stage = :open, waiting = :open, released = :yes, releasedAt = :at REMOVE heldFor, fileFault, #order"
        values = {":open": {"S": "open"}, ":yes": {"BOOL": True}, ":at": {"S": at.isoformat()}}
        return self._move(submission_id, Stage.HELD, changes, values, {"#order": "order"})

    def settle_submission(self, submission_id: str, outcome: Outcome) -> None:
        known: dict[str, Any] = {"record": outcome.record, "number": outcome.number, "refusal": outcome.refusal, "note": outcome.note}
        known |= {"note_sentence": outcome.note_sentence.model_dump(mode="json", exclude_none=True)} if outcome.note_sentence else {}
        self._update(
            submission_id,
            "SET stage = :delivered, outcome = :outcome REMOVE waiting, heldFor, fileFault, #values, #order",
            {"#values": "values", "#order": "order"},
            {":delivered": {"S": Stage.DELIVERED.value}, ":outcome": {"S": json.dumps({name: value for name, value in known.items() if value})}},
        )

    def _move(self, submission_id: str, stage: Stage, changes: str, values: dict[str, Any], names: dict[str, str] | None = None) -> bool:
        """Change a submission of a stage; False if it is not in it."""
        named: Any = {"ExpressionAttributeNames": names} if names else {}
        with aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"id": {"S": submission_id}},
                    UpdateExpression=changes,
                    ConditionExpression="stage = :before",
                    ExpressionAttributeValues={**values, ":before": {"S": stage.value}},
                    **named,
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def _update(self, submission_id: str, changes: str, names: dict[str, str], values: dict[str, Any]) -> Any:
        with aws_errors("UpdateItem"):
            return self._client.update_item(
                TableName=self._table,
                Key={"id": {"S": submission_id}},
                UpdateExpression=changes,
                ConditionExpression="attribute_exists(id)",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )


def _reading(item: Mapping[str, Any]) -> Submission | RecordFault:
    """The submission of an item; the fault of one that this release cannot read."""
    try:
        with confine_to_record(f"submissions/{item['id']['S']}"):
            return _submission(item)
    except RecordFault as fault:
        return fault


def _submission(item: Mapping[str, Any]) -> Submission:
    text = {name: value["S"] for name, value in item.items() if "S" in value}
    return Submission(
        id=text["id"],
        form=text["form"],
        received_at=datetime.fromisoformat(text["receivedAt"]),
        submitted_at=datetime.fromisoformat(text["submittedAt"]),
        member_id=text.get("memberId"),
        partner_id=text.get("partnerId"),
        values=json.loads(text.get("values", "{}"), parse_float=str),
        stage=Stage(text["stage"]),
        held_for=HoldReason(text["heldFor"]) if "heldFor" in text else None,
        file_fault=text.get("fileFault", ""),
        released=bool(item.get("released", {}).get("BOOL")),
        released_at=datetime.fromisoformat(text["releasedAt"]) if "releasedAt" in text else None,
        order=ORDER.validate_json(text["order"]) if "order" in text else None,
        outcome=_outcome(json.loads(text["outcome"])) if "outcome" in text else None,
        locale=text.get("locale"),
        plain=frozenset(json.loads(text.get("plain", "[]"))),
    )


def _outcome(known: Mapping[str, Any]) -> Outcome:
    said = known.get("note_sentence")
    return Outcome(**{**known, "note_sentence": None if said is None else Sentence.model_validate(said)})
