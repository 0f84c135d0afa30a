"""What the traffic puts into Trading Grid: valid for the profile, and readable for gridwix."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from gridwix.files.contents import content_fault
from gridwix.form_intake.forms import normalized_identifier
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.models.transactions import LensEntry
from ops.yaml_files import load_trusted_yaml
from soak.inputs import RecordChanged, VersionAdded
from soak.traffic.library import file_content
from soak.traffic.population import gln
from tests.unit.soak.traffic.test_workload import played

PROFILE = Path(__file__).parents[4] / "docs/community-gateway.openapi.yaml"
MODELS: dict[str, tuple[str, type[Entity]]] = {
    "partners": ("Partner", Partner),
    "onboarding-programs": ("OnboardingProgram", OnboardingProgram),
    "enrollments": ("Enrollment", Enrollment),
    "compliance-checks": ("ComplianceCheck", ComplianceCheck),
    "cases": ("Case", Case),
    "service-notices": ("ServiceNotice", ServiceNotice),
    "documents": ("Document", Document),
    "collaboration-requests": ("CollaborationRequest", CollaborationRequest),
}
SAMPLE = 300


@cache
def profile() -> Registry[Any]:
    """The profile's schemas, which all validators share."""
    resource = Resource.opaque(load_trusted_yaml(PROFILE.read_text()))
    registry: Registry[Any] = Registry().with_resource("urn:profile", resource)
    return registry


@cache
def validator(schema: str) -> Draft202012Validator:
    """A validator of one of the profile's schemas."""
    found = {"$ref": f"urn:profile#/components/schemas/{schema}"}
    return Draft202012Validator(found, registry=profile())


@pytest.mark.parametrize("collection", MODELS)
def test_document_when_the_traffic_puts_it_then_it_is_valid_and_readable(collection: str) -> None:
    schema, model = MODELS[collection]
    found = [
        dict(one.document)
        for one in played().notes.inputs
        if isinstance(one, RecordChanged) and one.collection == collection
    ]
    sample = found[:: max(1, len(found) // SAMPLE)]

    for document in sample:
        assert [fault.message for fault in validator(schema).iter_errors(document)] == []
        assert model.model_validate(document).id == document["id"]
    assert sample


def test_validator_when_a_document_is_not_valid_then_it_says_so() -> None:
    faults = validator("Case").iter_errors({"id": 7, "status": "open"})

    assert {fault.validator for fault in faults} == {"type", "required"}


def test_transactions_when_the_traffic_sends_them_then_gridwix_reads_them() -> None:
    entries = [LensEntry.model_validate(one) for one in played().hub.transactions.values()]

    assert {one.level for one in entries} == {"File", "Document"}
    assert {one.status for one in entries} == {"C", "S", "F", "V"}
    assert {one.fa_status for one in entries} == {None, "A", "R", "T"}
    assert any(one.error_message for one in entries)


@pytest.mark.parametrize("ending", ["pdf", "txt", "csv"])
def test_file_when_it_is_sound_then_its_content_is_what_its_name_claims(ending: str) -> None:
    content = file_content(ending, "[[p1.b1.v1]]", 2_000)

    assert content_fault(f"a.{ending}", BytesIO(content), macros=False) is None
    assert b"[[p1.b1.v1]]" in content
    assert len(content) == pytest.approx(2_000, abs=40)


def test_versions_when_some_are_not_sound_then_gridwix_finds_a_fault_in_these_alone() -> None:
    contents = {
        content: fields for found in played().hub.versions.values() for fields, content in found
    }
    faulty = [
        content
        for content, fields in contents.items()
        if content_fault(fields["fileName"], BytesIO(content), macros=False)
    ]
    unsound = [
        one for one in played().notes.inputs if isinstance(one, VersionAdded) and not one.sound
    ]

    assert len(faulty) == len(unsound) > 0


@pytest.mark.parametrize("number", [1, 52, 99_999, 100_000, 110_010])
def test_gln_when_it_is_made_then_gridwix_accepts_it(number: int) -> None:
    assert normalized_identifier(IdentifierScheme.GLN, gln(number)) == gln(number)
