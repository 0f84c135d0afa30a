"""Model of ``config/intake.yaml``: limits and rules for form submissions."""

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field, field_validator

from gridwix.configuration.base import Config, require_each
from gridwix.configuration.files import AttachmentRules
from gridwix.models.texts import PhraseText

type Refusal = Literal[
    "case_closed",
    "request_closed",
    "not_resolved",
    "reason_missing",
    "step_locked",
    "step_submitted",
    "step_done",
    "step_not_yours",
    "program_over",
    "document_closed",
    "file_known",
    "file_refused",
    "file_damaged",
    "file_protected",
    "file_macros",
    "file_web_page",
    "file_xml_spreadsheet",
    "file_text_table",
    "file_web_document",
    "file_rich_text",
    "file_private_key",
    "file_unreachable",
    "not_allowed",
    "not_found",
    "other",
]
"""Reason why a follow-up of a member was refused."""


class VisitorLimits(Config):
    """Hourly rate limits on form submissions of visitors; any above are held for review.

    A visitor is not logged in. ``site`` limits the submissions of all visitors together,
    ``partner`` the submissions that name identifiers of the same partner.
    """

    # Each count is one item of DynamoDB with an id per submission.
    site: int = Field(default=100, ge=1, le=1_000)
    partner: int = Field(default=10, ge=1, le=1_000)


class Intake(Config):
    """``config/intake.yaml``: hourly limits on form submissions, and rules for their attachments.

    A submission above a limit is held for manual review. ``submissions_per_hour`` is the limit of
    one sender: a member, or a visitor by the email address that it has typed. ``refusals`` are the
    texts that tell a member why its submission was refused.
    """

    submissions_per_hour: int = Field(ge=1, le=10_000)
    # A version of the configuration from before there were these limits stays readable.
    visitor_submissions_per_hour: VisitorLimits = VisitorLimits()
    attachments: AttachmentRules
    refusals: Mapping[Refusal, PhraseText]

    @field_validator("refusals")
    @classmethod
    def _check_refusals(cls, refusals: Mapping[str, PhraseText]) -> Mapping[str, PhraseText]:
        require_each(refusals, get_args(Refusal.__value__))
        return refusals
