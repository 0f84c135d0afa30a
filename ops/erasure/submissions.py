"""The table of submissions (the inbox) as a store of personal data.

An erasure removes the content and the member of a submission. The rest of the item stays, such as
id, form, times, partner, and the name of the record that the submission created or changed in
Trading Grid. So a second delivery of the submission by Wix is deduplicated.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, override

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.items import Item, Value, decode_item, encode_item
from gridwix.partner_requests.submissions import Stage
from ops.erasure.ports import Findings, PersonalStore, Remainder
from ops.erasure.subject import Subject, parse_json
from ops.erasure.tables import item_texts, scan_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = (
    "waiting",
    "heldFor",
    "fileFault",
    "heldDetail",
    "fileTries",
    "fileTriedAt",
    "values",
    "order",
    "memberId",
    "locale",
    "plain",
)
"""Attributes of a submission that are removed. Its id, form, times and record stay, so that a late
second delivery of Wix makes no new submission.
"""


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """Parts of a submission that an erasure reads.

    ``content`` is the sender's input, ``outcome`` the stored result as JSON text (None if there is
    none), and ``record`` the record in Trading Grid.
    """

    id: str
    form: str
    member: str | None
    partner: str | None
    content: object = field(repr=False)
    outcome: str | None = field(repr=False)

    @property
    def record(self) -> str:
        return str(_outcome(self.outcome).get("record") or "")


class SubmissionReader:
    """Scans the table of submissions once for each subject, and keeps the result.

    Several stores of an erasure ask it for the submissions of the person or partner.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table
        self._found: dict[Subject, tuple[list[StoredSubmission], list[str]]] = {}

    def own(self, subject: Subject) -> list[StoredSubmission]:
        """Return the submissions that the person or partner to erase has sent.

        Raises UpstreamError and TooLarge.
        """
        return self._read(subject)[0]

    def of_others(self, subject: Subject) -> list[str]:
        """Return the ids of other people's submissions that name the person to erase.

        Empty if the subject is a partner. Raises UpstreamError and TooLarge.
        """
        return self._read(subject)[1]

    def _read(self, subject: Subject) -> tuple[list[StoredSubmission], list[str]]:
        if subject not in self._found:
            own: list[StoredSubmission] = []
            others: list[str] = []
            for item in scan_table(self.client, self.table):
                stored = _stored_submission(item)
                if stored is None:
                    continue
                if subject.has_sent(stored.member, stored.partner, stored.content):
                    own.append(stored)
                elif subject.partner is None and subject.is_named_in(*item_texts(item)):
                    others.append(stored.id)
            self._found[subject] = own, others
        return self._found[subject]


class SubmissionStore(PersonalStore):
    """The inbox of submissions. An erased submission loses its content and its member.

    The rest stays, such as id, form, times, partner, and the name of its record in Trading Grid. A
    submission that waits for delivery when it is erased is never delivered: it then counts as
    delivered.
    """

    name = "SubmissionTable"

    def __init__(self, reader: SubmissionReader) -> None:
        self._reader = reader

    @override
    def find(self, subject: Subject) -> Findings:
        own = [one for one in self._reader.own(subject) if one.member or one.content]
        records = tuple(sorted({one.record for one in own if one.record}))
        stays = [Remainder("records in Trading Grid that it sent", TRADING_GRID_STAYS, ids=records)]
        if others := self._reader.of_others(subject):
            stays.append(
                Remainder(
                    "submissions of other people that name it", OTHERS_STAY, None, tuple(others)
                )
            )
        return Findings(tuple(sorted(one.id for one in own)), tuple(stays))

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        outcomes = {one.id: one.outcome for one in self._reader.own(subject)}
        removed = 0
        for identifier in ids:
            self._empty(identifier, outcomes[identifier])
            removed += 1
        return removed

    def _empty(self, identifier: str, outcome: str | None) -> None:
        names = {f"#{name}": name for name in CONTENT}
        values: dict[str, Value] = {":delivered": Stage.DELIVERED.value}
        change, unchanged = "SET stage = :delivered", "attribute_not_exists(outcome)"
        if outcome is not None:
            # The note to the sender may repeat an answer.
            kept = {
                name: value
                for name, value in _outcome(outcome).items()
                if not name.startswith("note")
            }
            values |= {":known": outcome, ":outcome": json.dumps(kept)}
            change, unchanged = f"{change}, outcome = :outcome", "outcome = :known"
        client = self._reader.client
        with translate_aws_errors("UpdateItem"):
            try:
                client.update_item(
                    TableName=self._reader.table,
                    Key=encode_item({"id": identifier}),
                    UpdateExpression=f"{change} REMOVE {', '.join(names)}",
                    ConditionExpression=f"attribute_exists(id) AND {unchanged}",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=encode_item(values),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except client.exceptions.ConditionalCheckFailedException as error:
                answer: Mapping[str, Any] = error.response
            else:
                return
        # It was delivered or refused meanwhile; without an item, its time to live is over.
        found = _stored_submission(decode_item(answer.get("Item", {})))
        if found is not None and found.outcome != outcome:
            self._empty(identifier, found.outcome)


def _stored_submission(item: Item) -> StoredSubmission | None:
    """Return the submission of a table item; None for an item of the rate limit in that table."""
    if "form" not in item:
        return None
    content = [
        parse_json(item[name]) for name in ("values", "order") if isinstance(item.get(name), str)
    ]
    outcome = item["outcome"] if isinstance(item.get("outcome"), str) else None
    about = _outcome(outcome)
    content += [about[name] for name in ("note", "note_sentence") if name in about]
    return StoredSubmission(
        id=item["id"],
        form=item["form"],
        member=item.get("memberId"),
        partner=item.get("partnerId"),
        content=content,
        outcome=outcome,
    )


def _outcome(text: str | None) -> Mapping[str, Any]:
    """Return the outcome of a submission from its stored JSON; empty if it has no readable one."""
    outcome = None if text is None else parse_json(text)
    return outcome if isinstance(outcome, dict) else {}


TRADING_GRID_STAYS = (
    "Trading Grid is the hub's system: what was delivered has the sender's name and email address"
    " there, until the hub deletes it"
)
OTHERS_STAY = (
    "another person wrote them. They lose their text when they are delivered, or when that person"
    " is erased"
)
