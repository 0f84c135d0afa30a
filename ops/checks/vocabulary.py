"""Values that record fields can have by the community gateway profile, and country codes.

The profile is ``docs/community-gateway.openapi.yaml``. A gateway may have further values: they are
known as soon as ``config/labels.yaml`` has a label for them.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import get_args

import tzdata

from gridwix.configuration.campaigns import RecordKind, Role
from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import Classification, DocumentCategory
from gridwix.models.people_runs import EndReason
from gridwix.models.texts import LabelField, LabelText

VALUES: Mapping[RecordKind, Mapping[str, frozenset[str]]] = {
    "check": {
        "category": frozenset({"edi", "tax", "insurance", "labeling", "routing", "data_quality"}),
        "status": frozenset({"not_started", "pending", "passed", "failed", "waived", "expired"}),
    },
    "case": {
        "category": frozenset(
            {
                "asn_rejection",
                "invoice_discrepancy",
                "po_mismatch",
                "connectivity",
                "compliance",
                "label_quality",
                "onboarding",
                "access",
                "other",
            }
        ),
        "priority": frozenset({"low", "normal", "high", "critical"}),
        "status": frozenset(
            {
                "new",
                "open",
                "awaiting_partner",
                "awaiting_internal",
                "resolved",
                "closed",
                "cancelled",
            }
        ),
    },
    "notice": {
        "kind": frozenset({"incident", "maintenance", "advisory"}),
        "impact": frozenset({"none", "minor", "major", "critical"}),
        "status": frozenset(
            {"investigating", "identified", "monitoring", "resolved"}
            | {"scheduled", "in_progress", "verifying", "completed", "cancelled"}
            | {"published", "withdrawn"}
        ),
    },
    "document": {
        "category": frozenset(get_args(DocumentCategory.__value__)),
        "classification": frozenset(get_args(Classification.__value__)),
        "status": frozenset(
            {"draft", "in_review", "published", "superseded", "expired", "withdrawn"}
        ),
    },
    "step": {
        "phase": frozenset({"setup", "compliance", "connectivity", "testing", "go_live"}),
        "owner": frozenset({"partner", "hub", "joint"}),
        "kind": frozenset({"form", "document", "check", "test", "approval", "info"}),
        "status": frozenset(
            {
                "locked",
                "available",
                "in_progress",
                "submitted",
                "changes_requested",
                "completed",
                "waived",
            }
        ),
    },
    "invitation": {"role": frozenset(get_args(Role.__value__))},
    "access": {
        "role": frozenset(get_args(Role.__value__)),
        "reason": frozenset(reason.value for reason in EndReason),
    },
    "enrollment": {
        "status": frozenset(
            {"invited", "in_progress", "on_hold", "completed", "withdrawn", "rejected", "expired"}
        ),
    },
}
"""Values of record fields that the profile defines. A field that is not listed can have any
value.
"""

LABELS: Mapping[tuple[RecordKind, str], LabelField] = {
    ("case", "category"): "case.category",
    ("case", "priority"): "case.priority",
    ("case", "status"): "case.status",
    ("notice", "kind"): "notice.kind",
    ("notice", "impact"): "notice.impact",
    ("notice", "status"): "notice.status",
    ("document", "category"): "document.category",
    ("document", "status"): "document.status",
    ("step", "phase"): "step.phase",
    ("step", "owner"): "step.owner",
    ("step", "kind"): "step.kind",
    ("step", "status"): "step.status",
    ("enrollment", "status"): "enrollment.status",
    ("invitation", "role"): "invitation.role",
    ("access", "role"): "invitation.role",
}
"""Group of ``config/labels.yaml`` with the labels of a field's values, by kind of record and
field.
"""

REGIONS = frozenset({"NA", "EU", "EMEA", "APAC", "LATAM"})
"""Regions in the profile's examples. A hub may have others."""

MISTAKEN = {"UK": "GB", "EL": "GR"}
"""Common wrong country codes, with the correct ones."""


@cache
def country_codes() -> frozenset[str]:
    """Return the ISO 3166-1 alpha-2 country codes, from the package of the time zones."""
    lines = (resources.files(tzdata) / "zoneinfo/iso3166.tab").read_text("utf-8").splitlines()
    return frozenset(line.split("\t")[0] for line in lines if line and not line.startswith("#"))


def label_values(configuration: Configuration, group: str | None) -> Mapping[str, LabelText]:
    """Return the labels of a group in ``config/labels.yaml``, by value.

    Empty if ``group`` is None, or is missing in the file, which another check reports.
    """
    found = configuration.labels.get(group) if group is not None else None
    return {} if found is None else found.values
