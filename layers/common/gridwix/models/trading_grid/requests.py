"""Collaboration requests."""

from typing import Any

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Entity, Moment, Payload


class ClaimedIdentifier(Payload):
    """By what a submitter says who it is. ``scheme``: gln, duns, trading_address."""

    scheme: str
    value: str


class Submitter(Payload):
    """Who sent a request, as they say themselves."""

    name: str = ""
    email: str = ""
    company: str = ""
    claimed_identifiers: tuple[ClaimedIdentifier, ...] = ()


class RequestRouting(Payload):
    """Which team has a request, and by which rule. ``reason`` is for people."""

    team_key: str
    rule_key: str
    reason: str = ""


class RequestAttachment(Payload):
    """A file of a request, by the upload that brought it."""

    upload_id: str
    file_name: str


class NewRequest(Payload):
    """A collaboration request that is to be made. ``partner_id`` None: somebody has to find out whose it is; ``partner_match`` says what told (member, or a
    claimed identifier's scheme). ``answers`` hold decimals as texts."""

    type: str
    partner_id: PartnerId | None = None
    partner_match: str = ""
    submitter: Submitter
    form_key: str
    form_version: int
    answers: dict[str, Any]
    attachments: tuple[RequestAttachment, ...] = ()
    routing: RequestRouting
    priority: str
    due_at: Moment | None = None
    source_submission_id: str


class CollaborationRequest(Entity):
    """What became of a submission in Trading Grid. ``status``: received, triaged, in_progress, waiting_on_partner, completed, rejected, duplicate. Nothing of
    the submitter and of the answers is read."""

    COLLECTION = "collaboration-requests"

    number: str
    type: str
    form_key: str = ""
    partner_id: PartnerId | None = None
    status: str
    routing: RequestRouting | None = None
    due_at: Moment | None = None
    next_step: str | None = None
    source_submission_id: str | None = None
