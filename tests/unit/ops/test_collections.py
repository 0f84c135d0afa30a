"""Bringing collections to their definitions, again and again, without harm to what people added on
the site.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import PARTNER_MESSAGES
from gridwix.models.portal.partner_messages import PartnerMessageRow
from gridwix.models.portal.rows import field_names
from ops.collections import (
    Ensured,
    Outcome,
    collection_definitions,
    ensure_collection,
    plan_collection,
)
from ops.errors import OpsError

LOCKED = {"insert": "ADMIN", "update": "ADMIN", "remove": "ADMIN", "read": "ADMIN"}
WANTED = {
    "id": "Notices",
    "displayName": "Notices",
    "fields": [{"key": "title", "displayName": "Title", "type": "TEXT"}],
    "permissions": LOCKED,
}


@dataclass
class FakeSite:
    """Collections of a site; ``writes`` counts what was created or updated.

    Wix adds to a definition what it likes.
    """

    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: int = 0

    def get_collection(self, collection: CollectionId) -> Mapping[str, Any] | None:
        return self.stored.get(collection)

    def create_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        assert definition["id"] not in self.stored
        return self._store(definition, "1")

    def update_collection(self, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        revision = self.stored[definition["id"]]["revision"]
        assert definition["revision"] == revision
        return self._store(definition, str(int(revision) + 1))

    def _store(self, definition: Mapping[str, Any], revision: str) -> Mapping[str, Any]:
        self.writes += 1
        assert not any(each.get("systemField") for each in definition["fields"])
        assert "createdDate" not in definition
        system = {"key": "_id", "displayName": "_id", "type": "TEXT", "systemField": True}
        fields = [system, *({"systemField": False, **each} for each in definition["fields"])]
        self.stored[definition["id"]] = {
            "collectionType": "NATIVE",
            "createdDate": "2026-03-12T14:05:31.220Z",
            **definition,
            "fields": fields,
            "revision": revision,
        }
        return self.stored[definition["id"]]


def test_ensure_of_a_missing_collection_creates_it_locked() -> None:
    site = FakeSite()

    ensured = ensure_collection(site, WANTED)

    assert ensured.outcome is Outcome.CREATED
    assert site.stored["Notices"]["permissions"] == LOCKED


def test_ensure_twice_writes_once() -> None:
    site = FakeSite()
    ensure_collection(site, WANTED)

    again = ensure_collection(site, WANTED)

    assert again.outcome is Outcome.UNCHANGED
    assert site.writes == 1


def test_planned_update_names_fields_and_members_and_writes_nothing() -> None:
    site = FakeSite()
    further = {
        **WANTED,
        "fields": [*WANTED["fields"], {"key": "impact", "displayName": "Impact", "type": "TEXT"}],
    }

    missing = plan_collection(WANTED, None)
    ensure_collection(site, WANTED)
    site.stored["Notices"]["permissions"] = {**LOCKED, "read": "ANYONE"}
    site.stored["Notices"]["fields"] = [
        {**one, "displayName": "Renamed"} if one["key"] == "title" else one
        for one in site.stored["Notices"]["fields"]
    ]
    outdated = plan_collection(further, site.get_collection(CollectionId("Notices")))

    assert (missing.ensured.outcome, missing.revision) == (Outcome.CREATED, None)
    assert outdated.ensured == Ensured(
        CollectionId("Notices"),
        Outcome.UPDATED,
        ("impact",),
        {"title": ("displayName",)},
        ("permissions",),
    )
    assert outdated.revision is not None
    assert site.writes == 1


def test_ensure_of_an_opened_collection_locks_it_again() -> None:
    site = FakeSite()
    ensure_collection(site, WANTED)
    site.stored["Notices"]["permissions"] = {**LOCKED, "read": "ANYONE"}

    ensured = ensure_collection(site, WANTED)

    assert ensured.outcome is Outcome.UPDATED
    assert site.stored["Notices"]["permissions"] == LOCKED


def test_ensure_with_a_further_field_keeps_the_fields_that_somebody_added_on_the_site() -> None:
    site = FakeSite()
    ensure_collection(site, WANTED)
    site.stored["Notices"]["fields"].append(
        {"key": "photo", "displayName": "Photo", "type": "IMAGE"}
    )
    further = {
        **WANTED,
        "fields": [*WANTED["fields"], {"key": "impact", "displayName": "Impact", "type": "TEXT"}],
    }

    ensure_collection(site, further)

    assert [each["key"] for each in site.stored["Notices"]["fields"]] == [
        "_id",
        "title",
        "photo",
        "impact",
    ]


def test_every_collection_of_the_portal_is_for_administrators_only() -> None:
    found = collection_definitions()

    assert found
    assert all(definition["permissions"] == LOCKED for definition in found)


def test_messages_have_the_fields_of_their_rows() -> None:
    (definition,) = [one for one in collection_definitions() if one["id"] == PARTNER_MESSAGES]

    assert {each["key"] for each in definition["fields"]} == field_names(PartnerMessageRow)


def test_definitions_in_a_file_of_another_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "Other.json").write_text(json.dumps(WANTED))

    with pytest.raises(OpsError, match=r"Other\.json"):
        collection_definitions(tmp_path)
