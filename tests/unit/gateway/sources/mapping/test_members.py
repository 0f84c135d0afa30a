"""The members that a source may write agree with the profile's OpenAPI file."""

from typing import Any

import pytest

from gridwix_gateway.profile.state_machines import STEP_STATUSES
from gridwix_gateway.sources.mapping.members import (
    GATEWAYS_OWN,
    OF_EVERY_RECORD,
    RULES,
    SCHEMAS,
)
from ops.paths import ROOT
from ops.yaml_files import load_trusted_yaml

# The pure Python parser takes seconds for it, in each worker of pytest-xdist.
DEFINED: dict[str, Any] = load_trusted_yaml(
    (ROOT / "docs/community-gateway.openapi.yaml").read_text()
)["components"]["schemas"]


@pytest.mark.parametrize("collection", RULES)
def test_rules_of_a_collection_are_those_of_the_profile(collection: str) -> None:
    own = DEFINED[SCHEMAS[collection]]["allOf"][1]
    rules = RULES[collection]

    assert rules.required <= set(own["required"])
    assert set(own["required"]) - rules.required <= rules.computed
    assert {*rules.references, *rules.computed} <= set(own["properties"])
    assert rules.members == set(own["properties"]) | OF_EVERY_RECORD
    described = (
        own["properties"]["status"].get("description")
        or DEFINED[SCHEMAS[collection]]["description"]
    )
    words = set(described.replace(",", " ").replace(";", " ").split())
    assert rules.statuses - {"postmortem"} <= words


@pytest.mark.parametrize(
    ("collection", "schema", "member"),
    [
        ("cases", "CasePatch", "priority"),
        ("cases", "CasePatch", "nextStepOwner"),
        ("collaboration-requests", "CollaborationRequest", "type"),
        ("collaboration-requests", "CollaborationRequest", "priority"),
    ],
)
def test_words_are_those_of_the_profiles_enumerations(
    collection: str, schema: str, member: str
) -> None:
    parts = DEFINED[schema].get("allOf", [DEFINED[schema]])

    words = parts[-1]["properties"][member]["enum"]

    assert [word for word in words if word] == list(RULES[collection].words[member])


@pytest.mark.parametrize(
    ("collection", "schema", "member"),
    [
        ("onboarding-programs", "StepDefinition", "owner"),
        ("onboarding-programs", "StepDefinition", "kind"),
        ("enrollments", "StepInstance", "status"),
        ("service-notices", "ServiceNotice", "kind"),
        ("service-notices", "ServiceNotice", "impact"),
    ],
)
def test_words_are_those_that_the_profile_describes(
    collection: str, schema: str, member: str
) -> None:
    parts = DEFINED[schema].get("allOf", [DEFINED[schema]])
    place = f"steps.{member}" if schema.startswith("Step") else member

    described = parts[-1]["properties"][member]["description"]

    assert described.split(", ") == list(RULES[collection].words[place])


def test_steps_of_enrollments_have_the_words_of_their_definitions() -> None:
    words = RULES["enrollments"].words

    assert words.items() >= RULES["onboarding-programs"].others.items()


def test_step_statuses_are_those_of_the_profile() -> None:
    described = DEFINED["StepInstance"]["properties"]["status"]["description"]

    assert tuple(described.split(", ")) == STEP_STATUSES


def test_members_of_the_gateway_are_those_of_every_entity() -> None:
    assert set(DEFINED["Entity"]["properties"]) == GATEWAYS_OWN | OF_EVERY_RECORD


def test_documented_members_of_collections_are_those_of_the_rules() -> None:
    page = (ROOT / "docs/gateway-files.md").read_text()
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `")]
    documented = {
        name.strip(" `"): (schema.strip(" `"), {one.strip(" `") for one in required.split(",")})
        for name, schema, required, _ in (row for row in rows if len(row) == 4)
    }

    assert documented == {
        name: (SCHEMAS[name], set(rules.required - rules.computed)) for name, rules in RULES.items()
    }
