"""Models of collaboration requests in the community gateway profile.

The profile is the API contract that the gateway to Trading Grid serves. A collaboration request is
the item that Trading Grid makes of a form submission.
"""

from typing import Any

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Entity, Moment, Payload


class ClaimedIdentifier(Payload):
    """An identifier that a submitter claims as its own. ``scheme``: gln, duns, trading_address.

    ``partner_id`` is a hint for the hub's staff: the partner whom the directory lists with this
    identifier; None if it was not looked up or not found. The hint proves nothing, since any sender
    can enter the identifier of another company.
    """

    scheme: str
    value: str
    partner_id: PartnerId | None = None


class Submitter(Payload):
    """The sender of a collaboration request, as entered by the sender and not verified."""

    name: str = ""
    email: str = ""
    company: str = ""
    claimed_identifiers: tuple[ClaimedIdentifier, ...] = ()


class RequestRouting(Payload):
    """Routing of a collaboration request: the team, and the key of the rule that chose it.

    ``reason`` explains the choice to people.
    """

    team_key: str
    rule_key: str
    reason: str = ""


class RequestAttachment(Payload):
    """A file attached to a collaboration request: the id of its upload, and its name."""

    upload_id: str
    file_name: str


class NewRequest(Payload):
    """Request body that creates a collaboration request.

    ``partner_id`` is None if the hub's staff have to determine the partner. ``partner_match`` is
    the evidence for the partner, a value of the field ``by`` of
    :class:`gridwix.partner_requests.submissions.Match`. ``answers`` are the answers in the
    submitted form; decimals are strings.
    """

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
    """A collaboration request, which Trading Grid makes of a form submission, in its current state.

    ``status``: received, triaged, in_progress, waiting_on_partner, completed, rejected, duplicate.
    gridwix does not read the submitter, nor the answers in the form.
    """

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
