"""``gridwix explain``: says for each field of a portal row where its value comes from."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.publication.models import RowKey
from ops.aws import Aws
from ops.budgets import shared_budget
from ops.collections import collection_definitions
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.configuration_versions import configuration_in_effect
from ops.connections import connect, publisher_settings
from ops.console import print_note, print_result, show_spinner
from ops.explanation.ownership import known_collections
from ops.explanation.reading import ABSENT, FieldExplanation, RowExplainer, RowExplanation
from ops.explanation.reads import RowReads
from ops.json_output import print_json
from ops.stack import Stack

CALL_SECONDS = 5.0
"""Timeout, in seconds, of each call to Trading Grid and Wix."""

MAX_CELL = 100
"""Maximum number of characters of a printed value; ``--json`` has the whole value."""

MAX_NAMED = 3
"""Maximum number of records that are printed for a field; ``--json`` has all of them."""

MAX_RECORDS = 20
"""Maximum number of records that are printed with their versions."""


@example("gridwix explain OpenIssues/case_1 --stack prod")
@with_aws_options
def explain(
    row: Annotated[
        str,
        typer.Argument(
            metavar="ROW",
            help="A row of the portal as COLLECTION/ID, such as OpenIssues/case_1.",
        ),
    ],
    stack: StackName = DEFAULT_STACK,
    no_values: Annotated[
        bool,
        typer.Option(
            "--no-values", help="Leave the values out, which may name people: for a ticket."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Say for each field of ROW which records and rules make it, who owns it, what Wix has, and
    what it should be. Only reads.

    Its call to Wix counts against the site's call budget. Exit code 1 if the row in Wix differs
    from what it should be, cannot be read, or is unknown.
    """
    key = parse_row(row)
    with show_spinner(f"Explaining {row}"):
        found = explain_row(Stack.read(stack, Aws()), key)
    if as_json:
        print_json(explanation_document(found, values=not no_values))
    else:
        _print_explanation(found, values=not no_values)
    if not found.is_right:
        raise typer.Exit(1)


def parse_row(name: str) -> RowKey:
    """Return the key of the row that ``COLLECTION/ID`` names.

    Raises typer.BadParameter if the portal has no such collection, or if the id is missing.

    >>> parse_row("OpenIssues/case_1").item_id
    'case_1'
    """
    collection, _, identifier = name.replace("#", "/", 1).partition("/")
    if not identifier and collection not in known_collections():
        raise typer.BadParameter(
            f"{name} is no row: name it as COLLECTION/ID, such as PartnerStatus/GC070000000101."
            f" `gridwix trace {name}` lists the rows of a partner or a record"
        )
    if collection not in known_collections():
        raise typer.BadParameter(
            f"the portal has no collection {collection};"
            f" it has {', '.join(sorted(known_collections()))}"
        )
    if not identifier:
        raise typer.BadParameter(f"name a row of it: {collection}/ID")
    return RowKey(CollectionId(collection), WixItemId(identifier))


def explain_row(stack: Stack, key: RowKey) -> RowExplanation:
    """Return for each field of a portal row where its value comes from, and what it should be.

    Reads the row in Wix and its records in Trading Grid, and uses the configuration in effect.
    """
    settings = publisher_settings(stack)
    transfers = DynamoDBTransfers(stack.aws.dynamodb, stack.output("TransferTableName"))
    inbox = DynamoDBSubmissionInbox(stack.aws.dynamodb, stack.output("SubmissionTableName"))
    with connect(
        stack, shared_budget(stack.aws, settings), settings=settings, timeout=CALL_SECONDS
    ) as connections:
        return RowExplainer(
            configuration=configuration_in_effect(stack),
            ledger=DynamoDBLedger(stack.aws.dynamodb, settings.ledger_table),
            wix=connections.wix,
            reads=lambda own: RowReads(connections.community, transfers, inbox, own),
            fields=defined_fields(),
        ).explain(key)


def defined_fields() -> Mapping[CollectionId, tuple[str, ...]]:
    """Return the fields of each portal collection, in the order of its definition."""
    return {
        CollectionId(definition["id"]): tuple(field["key"] for field in definition["fields"])
        for definition in collection_definitions()
    }


def explanation_document(found: RowExplanation, *, values: bool = True) -> dict[str, Any]:
    """Return the explanation of a portal row as JSON values.

    They have the form of ``docs/command/explain.schema.json``. ``values`` is False to leave out the
    values of the row's fields, which may name people.
    """
    return {
        "row": f"{found.key.collection}/{found.key.item_id}",
        "inWix": found.in_wix,
        "verdict": None if found.verdict is None else str(found.verdict),
        "right": found.is_right,
        "reason": found.reason or None,
        "fields": [_field_document(field, values=values) for field in found.fields],
        "faults": list(found.faults),
    }


def _field_document(field: FieldExplanation, *, values: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "field": field.name,
        "owner": str(field.writer),
        "records": [
            {"record": one.name, "version": one.version, "shownVersion": one.shown}
            for one in field.records
        ],
        "rules": [{"file": rule.file, "key": rule.key} for rule in field.rules],
        "differs": field.differs,
    }
    both = {"shown": field.shown, "expected": field.expected}
    return document | {
        name: _json_value(value) for name, value in both.items() if values and value is not ABSENT
    }


def _json_value(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): _json_value(member) for name, member in value.items()}
        case list() | tuple():
            return [_json_value(member) for member in value]
        case None | bool() | int() | float():
            return value
    return str(value)


def _print_explanation(found: RowExplanation, *, values: bool) -> None:
    where = {True: "in Wix", False: "not in Wix", None: "Wix was not read"}[found.in_wix]
    verdict = "" if found.verdict is None else f", {found.verdict}"
    print_result(
        (f"{found.key.collection}/{found.key.item_id}", "bold"),
        "  (",
        (f"{where}{verdict}", "green" if found.is_right else "yellow"),
        ")",
    )
    if found.reason:
        print_result(f"  {found.reason}")
    if found.is_known:
        _print_records(found)
        for field in found.fields:
            _print_field(field, values=values)
    for fault in found.faults:
        print_note((fault, "yellow"))


def _print_records(found: RowExplanation) -> None:
    records = {one.name: one for field in found.fields for one in field.records}
    for one in list(records.values())[:MAX_RECORDS]:
        versions = [
            *([] if one.version is None else [f"version {one.version} in Trading Grid"]),
            *([] if one.shown is None else [f"version {one.shown} on the row"]),
        ]
        behind = None not in (one.version, one.shown) and one.version != one.shown
        print_result(
            f"  {one.name}", (f": {', '.join(versions)}" if versions else "", "yellow" * behind)
        )
    if len(records) > MAX_RECORDS:
        print_result(f"  and {len(records) - MAX_RECORDS} more records")


def _print_field(field: FieldExplanation, *, values: bool) -> None:
    parts: list[str | tuple[str, str]] = [(field.name, "bold")]
    if values:
        parts.append(f": {_cell(field.shown)}")
    if field.differs:
        wanted = f", should be: {_cell(field.expected)}" if values else " (differs)"
        parts.append((wanted, "yellow"))
    print_result("  ", *parts)
    names = [one.name for one in field.records]
    more = [f"{len(names) - MAX_NAMED} more"] if len(names) > MAX_NAMED else []
    causes = [
        str(field.writer),
        *(["from " + ", ".join([*names[:MAX_NAMED], *more])] if names else []),
        *(
            ["by " + ", ".join(f"{rule.file} {rule.key}" for rule in field.rules)]
            * bool(field.rules)
        ),
    ]
    print_result("      ", ("; ".join(causes), "dim"))


def _cell(value: Any) -> str:
    if value is ABSENT:
        return "none"
    plain = _json_value(value)
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 3]}..."
