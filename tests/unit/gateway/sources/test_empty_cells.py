"""A cell that became empty: no source makes a record that the profile does not permit.

The profile forbids null in many members. There a required member refuses the row, another is left
out; where it permits null, the member becomes null.
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from jsonschema_rs import Draft202012Validator

from gridwix_gateway.documents import Document
from gridwix_gateway.profile.nulls import permits_null
from gridwix_gateway.profile.schemas import entity_schema, profile_components, resolved_schema
from gridwix_gateway.sources.directory.declaration import NewPartner
from gridwix_gateway.sources.directory.entries import read_directory
from gridwix_gateway.sources.mapping import MappedRow, MappingDeclaration, compile_mapping
from gridwix_gateway.sources.mapping.members import RULES, SCHEMAS
from gridwix_gateway.sources.merging import merge_record
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.feed import Feed
from tests.fakes.gateway.memory_table import MemoryTable
from tests.fakes.gateway.source_runs import World as RestWorld
from tests.fakes.gateway.source_runs import simple_source
from tests.unit.gateway.sources.files.test_service import World as FileWorld

GIVEN: Mapping[str, Any] = {
    "name": "Amber",
    "role": "supplier",
    "key": "tax",
    "partnerId": "GC1",
    "programId": "prg",
    "enrollmentId": "enr",
    "targetGoLive": "2026-12-01",
    "dueOn": "2026-12-01",
    "routing": {"teamKey": "edi", "ruleKey": "r"},
    "steps": [
        {"key": "tax", "title": "Tax", "phase": "setup", "owner": "hub", "kind": "info",
         "waitsOn": []},
    ],
}  # fmt: skip
"""Values of members that refer to others, or have a form of their own."""

STATUSES = {"onboarding-programs": "published", "service-notices": "investigating"}
MEMBERS = [
    (collection, member) for collection, rules in RULES.items() for member in sorted(rules.members)
]


def sample(collection: str, member: str) -> Any:
    """Return a valid value of a member."""
    words = RULES[collection].words.get(member)
    if member == "status":
        return STATUSES.get(collection, min(RULES[collection].statuses))
    if words or member in GIVEN:
        return words[0] if words else GIVEN[member]
    schema = resolved_schema(entity_schema(SCHEMAS[collection])["properties"][member])
    if "enum" in schema:
        return schema["enum"][0]
    if "format" in schema:
        return {"date": "2026-11-01", "date-time": "2026-11-01T00:00:00.000Z"}[schema["format"]]
    type_ = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    return {"string": "x", "integer": 1, "array": [], "object": {}}[type_]


class Gateway:
    """A gateway with one source that sets all members of a collection."""

    def __init__(self, collection: str) -> None:
        self.collection = collection
        self.table = MemoryTable()
        self.commits = Commits(self.table, "HUB", "t.", sleep=lambda _: None)
        self.before: Any = None
        members = sorted(RULES[collection].members)
        self.mapping = compile_mapping(
            MappingDeclaration.model_validate(
                {
                    "columns": {
                        "id": {"path": "id", "type": "text"},
                        **{f"c_{name.lower()}": {"path": name, "type": "json"} for name in members},
                    },
                    "records": [
                        {
                            "collection": collection,
                            "id": "row.id",
                            "fields": {name: f"row.c_{name.lower()}" for name in members},
                        }
                    ],
                }
            )
        )
        self.commits.run(self._create_referred)
        self.row = {"id": "r", **{name: sample(collection, name) for name in members}}

    def _create_referred(self, draft: Any) -> None:
        for collection, identifier in (
            ("partners", "GC1"),
            ("onboarding-programs", "prg"),
            ("enrollments", "enr"),
        ):
            draft.create(collection, {"id": identifier, "steps": GIVEN["steps"]}, None)

    def send(self, **changes: Any) -> MappedRow:
        """Map and apply a row; a refused one changes nothing."""
        mapped = self.mapping.map_row(self.mapping.read_cells({**self.row, **changes}))
        for record in mapped.records:
            self.commits.run(
                lambda draft, record=record: merge_record(  # type: ignore[misc]
                    draft, self.before, record
                )
            )
            self.before = record
        return mapped

    def record(self) -> Document:
        found = self.commits.run(lambda draft: draft.get(self.collection, "r"))
        assert found is not None
        return found


def profile_errors(collection: str, record: Document) -> list[str]:
    """Return what the profile's schema says about a record as the API would serve it."""
    name = SCHEMAS[collection]
    schema = {"$ref": f"#/components/schemas/{name}", "components": profile_components()}
    validator = Draft202012Validator(schema, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(record)]


@pytest.mark.parametrize(("collection", "member"), MEMBERS)
def test_member_without_a_value_is_as_the_profile_permits(collection: str, member: str) -> None:
    gateway = Gateway(collection)
    assert gateway.send().faults == ()
    assert profile_errors(collection, gateway.record()) == []
    before = gateway.record()

    mapped = gateway.send(**{member: None})

    after = gateway.record()
    assert profile_errors(collection, after) == []
    schema = entity_schema(SCHEMAS[collection])
    if member in schema["required"]:
        (fault,) = mapped.faults
        assert (fault.column, after) == (f"c_{member.lower()}", before)
        assert fault.reason.startswith(f"{collection}.{member}: there is no value")
    elif permits_null(schema["properties"][member]):
        assert after[member] is None
    else:
        assert member not in after


@pytest.mark.parametrize(
    ("collection", "changes", "expected"),
    [
        (
            "partners",
            {"tradingAddresses": [{"qualifier": "ZZ", "id": "A", "van": None}]},
            {"tradingAddresses": [{"qualifier": "ZZ", "id": "A"}]},
        ),
        (
            "partners",
            {"identifiers": [{"scheme": "gln", "value": None}]},
            "partners.identifiers.0.value: there is no value",
        ),
        ("cases", {"routedBy": {"ruleKey": None}}, {"routedBy": {}}),
        (
            "onboarding-programs",
            {"steps": [{**GIVEN["steps"][0], "requiredDocumentTypes": None, "dueInDays": None}]},
            {"steps": [{**GIVEN["steps"][0], "dueInDays": None}]},
        ),
        (
            "onboarding-programs",
            {"steps": [{**GIVEN["steps"][0], "title": None}]},
            "onboarding-programs.steps.0.title: there is no value",
        ),
        (
            "enrollments",
            {"steps": [{"key": "tax", "status": "available", "title": None}]},
            "enrollments.steps.0.title: there is no value",
        ),
        (
            "enrollments",
            {"steps": [{"key": "tax", "status": None}]},
            "enrollments.steps.0.status: there is no value",
        ),
    ],
)  # fmt: skip
def test_member_of_a_member_is_left_out_or_refused_alike(
    collection: str, changes: Document, expected: Any
) -> None:
    gateway = Gateway(collection)
    gateway.send()

    mapped = gateway.send(**changes)

    assert profile_errors(collection, gateway.record()) == []
    if isinstance(expected, str):
        assert [fault.reason[: len(expected)] for fault in mapped.faults] == [expected]
        return
    assert expected.items() <= gateway.record().items()
    new = Gateway(collection)
    new.send(**changes)
    assert expected.items() <= new.record().items()


def test_step_that_loses_a_member_gets_the_programs_again() -> None:
    gateway = Gateway("enrollments")
    own = {"key": "tax", "status": "available", "phase": "testing", "note": "n"}
    gateway.send(steps=[own])
    assert gateway.record()["steps"][0]["phase"] == "testing"

    gateway.send(steps=[{**own, "phase": None, "note": None}])

    (step,) = gateway.record()["steps"]
    assert (step["phase"], step["note"]) == ("setup", None)


def test_removed_member_has_one_event_with_its_former_value() -> None:
    gateway = Gateway("partners")
    gateway.send()
    version = gateway.record()["version"]

    gateway.send(mailbox=None)
    gateway.send(mailbox=None)

    event = Feed(gateway.table).read_page(0, 100).events[-1]
    assert event["data"]["before"] == {"mailbox": "x"}
    assert event["data"]["changed"] == ["mailbox"]
    assert "mailbox" not in event["data"]["after"]
    assert gateway.record()["version"] == event["data"]["version"] == version + 1


def test_record_that_comes_back_without_a_value_has_not_the_former_one() -> None:
    gateway = Gateway("partners")
    gateway.send()
    gateway.commits.run(
        lambda draft: draft.change(
            "partners", gateway.record(), {"deletedAt": "2026-11-01T00:00:00.000Z"}, None
        )
    )

    gateway.before = None
    gateway.send(mailbox=None, legalName=None)

    found = gateway.record()
    assert "mailbox" not in found
    assert (found["legalName"], found["deletedAt"]) == (None, None)
    assert profile_errors("partners", found) == []


def test_file_whose_cell_became_empty_removes_the_member() -> None:
    world = FileWorld()
    world.process(world.drop("GC1;Amber;;;11/12/2026;1,5", "GC2;Baltic;;;;"))
    assert world.partners()["GC1"]["mailbox"] == "1.5"

    result = world.process(world.drop("GC1;Amber;;;;", "GC2;;;;;"))

    assert result.status == "applied"
    found = world.partners()
    assert ("mailbox" in found["GC1"], found["GC1"]["legalName"]) == (False, None)
    assert found["GC2"]["name"] == "Baltic"
    assert profile_errors("partners", found["GC1"]) == []
    (report,) = world.drops.reports.values()
    assert '3,Name,,"partners.name: there is no value, and every record needs one"' in report


def test_api_whose_value_became_null_removes_the_member() -> None:
    answer: dict[str, Any] = {"id": "r0", "updated": "2026-03-12T07:00:00Z", "subject": "a"}

    def api(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json={"rows": [answer] if request.url.params["offset"] == "0" else []}
        )

    world = RestWorld(api)
    declared = json.loads(json.dumps(simple_source().declaration.model_dump(mode="json")))
    records = declared["records"]
    records[0]["fields"] |= {"description": "row.subject", "nextStep": "row.subject"}
    records[0]["fields"]["subject"] = "'x'"
    source = simple_source(records=records)
    world.run_to_end(source)
    assert world.records()["c_r0"]["description"] == "a"

    answer |= {"subject": None, "updated": "2026-03-12T07:30:00Z"}
    world.run_to_end(source)

    found = world.records()["c_r0"]
    assert ("description" in found, found["nextStep"]) == (False, None)


def test_directory_with_empty_values_gives_none() -> None:
    entry = {"companyId": "GC1", "companyName": "Amber", "contacts": None, "duns": None, "gln": ""}

    (row,) = read_directory([entry], NewPartner(), {}).rows

    (record,) = row.mapped.records
    assert None not in record.fields.values()
