"""DynamoDB table of the inbox, the store of form submissions: one item per submission, key ``id``.

The sparse index ``waiting`` holds the submissions with open work, oldest first. A submission is
listed as ``open`` until it is delivered to Trading Grid, as ``held`` while it waits for a person's
review, and as ``row`` until its row on the portal is written. The same table counts each
submitter's submissions of an hour (rate limit), under keys ``rate#...``.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_value
from gridwix.clients.aws.items import Item, Value, decode_item, encode_item
from gridwix.clients.aws.repeats import REPORT_STORED, was_carried_out
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.partner_requests.orders import FollowUp, RequestOrder, decode_order, encode_order
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submission_items import (
    ROW_DUE,
    encode_outcome,
    parse_submission_item,
    read_submission_item,
)
from gridwix.partner_requests.submissions import (
    HoldReason,
    Outcome,
    Stage,
    Submission,
    SubmissionPage,
    SubmissionRetention,
)
from gridwix.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "waiting"

COUNTED_SECONDS = 2 * 3600
"""Time to live, in seconds, of the count of a submitter's submissions in an hour."""


class DynamoDBSubmissionInbox(SubmissionInbox):
    """Inbox of form submissions in DynamoDB: submissions by stage, with their order and outcome.

    An order is the call to Trading Grid that delivers a submission. The index is eventually
    consistent, so a delivered submission may be listed again. To deliver it again is idempotent.

    Args:
        client: boto3's client of DynamoDB.
        table: Name of the table.
        retention: How long held, released and delivered submissions are kept. None leaves the time
            to live of each submission as it is: for callers that only read.
        clock: Returns Unix seconds. Needed with ``retention``.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        *,
        retention: SubmissionRetention | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._table = table
        self._retention = retention
        self._clock = clock

    def list_submissions(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        page = self._read_page(stage.value, cursor, limit)
        if stage is not Stage.HELD or page.cursor is not None:
            return page
        # Few, and only until their rows are written: they come as a whole with the last page.
        due: str | None = None
        found: list[Submission] = []
        while True:
            rows = self.list_due_rows(due, limit)
            found += [one for one in rows.submissions if one.stage is Stage.HELD]
            due = rows.cursor
            if due is None:
                return replace(page, submissions=(*page.submissions, *found))

    def list_due_rows(self, cursor: str | None, limit: int) -> SubmissionPage:
        return self._read_page(ROW_DUE, cursor, limit)

    def clear_due_rows(self, submissions: Iterable[Submission]) -> None:
        for one in submissions:
            is_held = one.stage is Stage.HELD
            values: dict[str, Value] = {":row": ROW_DUE, ":revision": one.revision}
            self._change_stage(
                one.id,
                one.stage,
                "SET waiting = :before" if is_held else "REMOVE waiting",
                values,
                condition=" AND waiting = :row AND revision = :revision",
            )

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        readings = (
            read_submission_item(item) for item in read_items(self._client, self._table, "id", ids)
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
            {":order": encode_order(order)},
        )
        return decode_order(stored["order"])

    def note_file_try(self, submission_id: str, tries: int, at: datetime | None) -> None:
        changes = "SET fileTries = :tries"
        values: dict[str, Value] = {":tries": tries}
        if at is None:
            changes += " REMOVE fileTriedAt"
        else:
            changes += ", fileTriedAt = :at"
            values[":at"] = at.isoformat()
        self._change_stage(submission_id, Stage.OPEN, changes, values)

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

    def hold_submission(
        self,
        submission_id: str,
        reason: HoldReason,
        file_fault: str = "",
        *,
        detail: str = "",
        row_due: bool = False,
    ) -> Submission | RecordFault | None:
        held = self._change_stage(
            submission_id,
            Stage.OPEN,
            "SET stage = :held, waiting = :waiting, heldFor = :reason, fileFault = :fault,"
            f" heldDetail = :detail{self._kept} ADD revision :one",
            {
                **self._until(SubmissionRetention.held_until),
                ":held": Stage.HELD.value,
                ":waiting": ROW_DUE if row_due else Stage.HELD.value,
                ":reason": reason.value,
                ":fault": file_fault,
                ":detail": detail,
                ":one": 1,
            },
            # Whatever its stage says, it is listed as open: so an item can be held of which nothing
            # else can be read.
            where="waiting",
        )
        return None if held is None else read_submission_item(held)

    def release_submission(self, submission_id: str, at: datetime) -> bool:
        # The stored order goes, so that what Trading Grid has refused is built again.
        changes = (
            f"SET stage = :open, waiting = :open, released = :yes, releasedAt = :at{self._kept}"
            " ADD revision :one REMOVE heldFor, fileFault, heldDetail, fileTriedAt, #order"
        )
        values: dict[str, Value] = {
            **self._until(SubmissionRetention.held_until),
            ":open": "open",
            ":yes": True,
            ":at": at.isoformat(),
            ":one": 1,
        }
        # The time marks this release, also after the submission has been delivered.
        released = self._change_stage(
            submission_id,
            Stage.HELD,
            changes,
            values,
            names={"#order": "order"},
            mark={"releasedAt": at.isoformat()},
        )
        return released is not None

    def remove_submission(self, submission_id: str) -> bool:
        for stage in (Stage.HELD, Stage.OPEN):
            removed = self._change_stage(
                submission_id,
                stage,
                f"SET stage = :removed, waiting = :row{self._kept} ADD revision :one"
                " REMOVE heldFor, fileFault, heldDetail, fileTries, fileTriedAt, plain, #values,"
                " #order",
                {
                    **self._until(SubmissionRetention.delivered_until),
                    ":removed": Stage.REMOVED.value,
                    ":row": ROW_DUE,
                    ":one": 1,
                },
                names={"#values": "values", "#order": "order"},
                mark={"stage": Stage.REMOVED.value},
            )
            if removed is not None:
                # Nobody can make a row of it, so none is due, and later runs do not stumble on it.
                if isinstance(read_submission_item(removed), RecordFault):
                    self._change_stage(submission_id, Stage.REMOVED, "REMOVE waiting", {})
                return True
        return False

    def settle_submission(self, submission_id: str, outcome: Outcome) -> Submission:
        new = "if_not_exists(outcome, :outcome)" if outcome.refusal else ":outcome"
        stored = self._update_submission(
            submission_id,
            f"SET stage = :delivered, waiting = :row, outcome = {new}{self._kept} ADD revision :one"
            " REMOVE heldFor, fileFault, heldDetail, fileTries, fileTriedAt, #values, #order",
            {"#values": "values", "#order": "order"},
            {
                **self._until(SubmissionRetention.delivered_until),
                ":delivered": Stage.DELIVERED.value,
                ":row": ROW_DUE,
                ":outcome": encode_outcome(outcome),
                ":one": 1,
            },
        )
        with confine_to_record(f"submissions/{submission_id}"):
            return parse_submission_item(stored)

    @property
    def _kept(self) -> str:
        """Part of an update expression that sets the time to live; "" if it stays as it is."""
        return "" if self._retention is None else ", expiration = :expires"

    def _until(self, until: Callable[[SubmissionRetention, float], int]) -> dict[str, Value]:
        if self._retention is None or self._clock is None:
            return {}
        return {":expires": until(self._retention, self._clock())}

    def _read_page(self, waiting: str, cursor: str | None, limit: int) -> SubmissionPage:
        position: Any = {} if cursor is None else {"ExclusiveStartKey": json.loads(cursor)}
        with translate_aws_errors("Query"):
            response = self._client.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="waiting = :waiting",
                ExpressionAttributeValues=encode_item({":waiting": waiting}),
                Limit=limit,
                **position,
            )
        following = response.get("LastEvaluatedKey")
        readings = [read_submission_item(decode_item(item)) for item in response["Items"]]
        return SubmissionPage(
            tuple(reading for reading in readings if isinstance(reading, Submission)),
            None if following is None else json.dumps(following),
            tuple(reading for reading in readings if isinstance(reading, RecordFault)),
        )

    def _change_stage(
        self,
        submission_id: str,
        stage: Stage,
        changes: str,
        values: Mapping[str, Value],
        *,
        names: dict[str, str] | None = None,
        where: str = "stage",
        condition: str = "",
        mark: Mapping[str, object] | None = None,
    ) -> Item | None:
        """Update a submission's item if the submission is in a stage; else change nothing.

        Args:
            submission_id: The submission.
            stage: The stage that it must be in; ``:before`` in the expressions.
            changes: The update expression.
            values: Values of the expressions.
            names: Attribute names of the expressions.
            where: Name of the attribute that must have the value ``stage``.
            condition: Further conditions, appended as they are: " AND ...".
            mark: Attributes with values that only this write sets. If botocore retries the update
                after a lost response, the condition fails, because the first copy was carried out;
                the mark shows this, and the update counts as done.

        Returns:
            The updated item, or None if the condition failed.
        """
        named: Any = {"ExpressionAttributeNames": names} if names else {}
        with translate_aws_errors("UpdateItem"):
            try:
                response = self._client.update_item(
                    TableName=self._table,
                    Key=encode_item({"id": submission_id}),
                    UpdateExpression=changes,
                    ConditionExpression=f"{where} = :before{condition}",
                    ExpressionAttributeValues=encode_item({**values, ":before": stage.value}),
                    ReturnValues="ALL_NEW",
                    **named,
                    **REPORT_STORED,
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                if mark is None or not was_carried_out(error, mark):
                    return None
                stored: Any = error.response
                return decode_item(stored.get("Item", {}))
        return decode_item(response.get("Attributes", {}))

    def _update_submission(
        self, submission_id: str, changes: str, names: dict[str, str], values: Mapping[str, Value]
    ) -> Item:
        """Update a submission and return its item. Raises UpstreamConflict if its id is unknown."""
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
