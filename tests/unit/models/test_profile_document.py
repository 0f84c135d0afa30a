"""The models read whatever the profile's OpenAPI file allows, and its examples."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Approval, Document, DocumentVersion
from gridwix.models.trading_grid.event_feed import CloudEvent, EventPage
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.trading_grid.requests import CollaborationRequest
from ops.paths import ROOT
from tests.fakes.profile_records import ProfileRecords

PROFILE: dict[str, Any] = yaml.load(
    (ROOT / "docs/community-gateway.openapi.yaml").read_text(),
    getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
COMPONENTS = PROFILE["components"]
VERBS = {"get", "put", "post", "patch", "delete"}
OPERATIONS: dict[str, Any] = {
    operation["operationId"]: operation
    for path in PROFILE["paths"].values()
    for verb, operation in path.items()
    if verb in VERBS
}

MODELS: Mapping[str, type[BaseModel]] = {
    "Partner": Partner,
    "OnboardingProgram": OnboardingProgram,
    "Enrollment": Enrollment,
    "ComplianceCheck": ComplianceCheck,
    "Case": Case,
    "Comment": Comment,
    "RequestComment": Comment,
    "CollaborationRequest": CollaborationRequest,
    "Document": Document,
    "DocumentVersion": DocumentVersion,
    "Approval": Approval,
    "ServiceNotice": ServiceNotice,
    "CloudEvent": CloudEvent,
    "EventPage": EventPage,
}
"""The model that reads each schema."""

REQUESTS: Mapping[str, str] = {
    "PartnerPatch": "Partner",
    "NewCase": "Case",
    "CasePatch": "Case",
    "NewComment": "Comment",
    "NewCollaborationRequest": "CollaborationRequest",
    "NewDocument": "Document",
    "NewDocumentVersion": "DocumentVersion",
    "NewApproval": "Approval",
}
"""The record that each request makes or changes."""


def validator(schema: Any) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": COMPONENTS}, validate_formats=True
    )


def example(media: Any) -> Any:
    """Return the example of a media type."""
    (found,) = media["examples"].values()
    return COMPONENTS["examples"][found["$ref"].rpartition("/")[2]]["value"]


def json_bodies(operation: Any) -> list[Any]:
    """Return the media types of an operation's JSON: of its request, and of its successes."""
    answers = [answer for status, answer in operation["responses"].items() if status < "300"]
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    contents = [one.get("content", {}) for one in (*bodies, *answers)]
    return [content["application/json"] for content in contents if "application/json" in content]


@pytest.mark.parametrize("name", MODELS)
def test_model_reads_whatever_the_document_allows(name: str) -> None:
    allowed = validator({"$ref": f"#/components/schemas/{name}"})

    @settings(
        max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(ProfileRecords(COMPONENTS["schemas"]).of(name))
    def read(record: Any) -> None:
        allowed.validate(record)
        MODELS[name].model_validate(record)

    read()


@pytest.mark.parametrize("name", REQUESTS)
def test_record_may_hold_whatever_a_request_for_it_may_hold(name: str) -> None:
    allowed = validator({"$ref": f"#/components/schemas/{REQUESTS[name]}"})

    @settings(
        max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(ProfileRecords(COMPONENTS["schemas"]).of(name))
    def check(request: Any) -> None:
        # The record has other members, too. Only what the request gives it is judged.
        faults = [error for error in allowed.iter_errors(request) if error.instance_path]
        assert [(error.instance_path, error.message) for error in faults] == []

    check()


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("DocumentVersion", "sha256", "A" * 64),
        ("DocumentVersion", "sizeBytes", -1),
        ("ComplianceCheck", "validUntil", "next year"),
        ("Case", "resolvedAt", "yesterday"),
        ("StepInstance", "unlockedAt", "yesterday"),
        ("Partner", "createdAt", "0001-01-01T00:00:00Z"),
        ("Partner", "updatedAt", "2200-01-01T00:00:00Z"),
        ("Partner", "id", "a/b"),
        ("Document", "audience", {"all": "everybody"}),
        ("EventPage", "nextCursor", ""),
    ],
)
def test_document_forbids_what_no_model_reads(name: str, member: str, value: Any) -> None:
    found = validator({"$ref": f"#/components/schemas/{name}"}).iter_errors({member: value})

    assert [member] in [error.instance_path[:1] for error in found]


def test_case_is_read_if_its_rule_is_not_named() -> None:
    record = COMPONENTS["examples"]["Case"]["value"]

    assert Case.model_validate({**record, "routedBy": {}}).routed_by is not None


def test_every_operation_has_a_summary_a_description_and_an_example() -> None:
    for name, operation in OPERATIONS.items():
        assert operation["summary"], name
        assert operation["description"], name
    without_json = {name for name, operation in OPERATIONS.items() if not json_bodies(operation)}

    # These have an example in their path, and the one of the bytes.
    assert without_json == {"getDocumentContent", "deleteWebhookEndpoint"}
    assert COMPONENTS["parameters"]["id"]["example"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_examples_are_allowed_by_their_schemas(name: str) -> None:
    for media in json_bodies(OPERATIONS[name]):
        validator(media["schema"]).validate(example(media))


@pytest.mark.parametrize("name", MODELS)
def test_models_read_the_examples_and_a_text_says_what_each_list_holds(name: str) -> None:
    found = COMPONENTS["examples"].get(name)
    if found is not None:
        MODELS[name].model_validate(found["value"])
    page = COMPONENTS["examples"].get(f"{name}Page")
    for item in page["value"]["items"] if page else ():
        MODELS[name].model_validate(item)


def test_every_list_says_what_its_items_are() -> None:
    def lists(schema: Any) -> list[Any]:
        inner = schema.values() if isinstance(schema, dict) else schema
        own = [schema] if isinstance(schema, dict) and "array" in str(schema.get("type")) else []
        return own + [
            one for value in inner if isinstance(value, dict | list) for one in lists(value)
        ]

    found = lists(COMPONENTS["schemas"])

    assert len(found) > 30
    assert [schema for schema in found if "items" not in schema] == []


def test_texts_of_the_document_are_not_cut_at_a_comma() -> None:
    """In YAML's flow style a comma ends a text, and its rest becomes a member without a value."""

    def empty_members(value: Any, place: str) -> list[str]:
        if isinstance(value, dict):
            own = [f"{place}/{name}" for name, one in value.items() if one is None]
            return own + [
                found
                for name, one in value.items()
                for found in empty_members(one, f"{place}/{name}")
            ]
        if isinstance(value, list):
            return [found for one in value for found in empty_members(one, place)]
        return []

    parts = {name: part for name, part in COMPONENTS.items() if name != "examples"}

    assert empty_members({**PROFILE, "components": parts}, "") == []


def test_document_needs_no_merge_keys() -> None:
    """YAML 1.2 has none, and readers of it take ``<<`` for a member."""
    assert "<<:" not in (ROOT / "docs/community-gateway.openapi.yaml").read_text()


@given(st.data())
@settings(max_examples=1, deadline=None)
def test_unknown_keyword_of_the_document_is_not_passed_over(data: st.DataObject) -> None:
    records = ProfileRecords({"New": {"type": "string", "contentEncoding": "base64"}})

    with pytest.raises(AssertionError, match="contentEncoding"):
        data.draw(records.of("New"))
