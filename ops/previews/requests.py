"""Previews the route of a request: the routing rule that it hits, team, priority and due date."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.errors import WebhookRejected
from gridwix.form_intake.forms import locale_of, read_form_values
from gridwix.form_intake.routing import Route, select_route
from gridwix.partner_requests.projection import form_definition
from gridwix.partner_requests.submissions import Submission
from gridwix.wix_webhook.form_posts import read_form_post
from ops.errors import OpsError


@dataclass(frozen=True, slots=True)
class RequestPreview:
    """Result that the function form_intake would have for a submission. Nothing is written.

    Attributes:
        form: Key of the submission's form.
        type: Type of request; "" if the form makes no request.
        held: Reason for which a person would have to review the submission; "" for none.
        route: Route of the request; None if the form makes no request.
        position: Number of the routing rule that the request hits, from 1, and the number of rules.
    """

    form: str
    type: str
    held: str
    route: Route | None
    position: tuple[int, int] = (0, 0)


def read_sample(path: Path, form: str | None, now: datetime) -> Submission:
    """Read a sample submission from a JSON file.

    Args:
        path: A form post as the webhook receives it (``events/wix_webhook/form_post.json``), its
            body alone, or the answers alone.
        form: Key of the form, for a file that does not name the form.
        now: Time of the submission, for a file that names no time.

    Raises:
        OpsError: The file cannot be read, is no form post, or its form is not known.
    """
    try:
        document: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise OpsError(
            f"{path} is no JSON file that can be read ({type(error).__name__})",
            "give another file, such as one of events/",
        ) from None
    match document:
        case {"pathParameters": {"form": str(named)}, "body": str(body)}:
            form, content = form or named, body.encode()
        case dict():
            content = json.dumps(document).encode()
        case _:
            raise OpsError(
                f"{path} holds no object with the answers of a form",
                "give another file, such as events/wix_webhook/form_post.json",
            )
    if form is None:
        raise OpsError(
            f"{path} does not say which form it is of", "give the form's key with --form"
        )
    try:
        read = read_form_post(form, content, trusted=True, now=now.timestamp()).submission
    except WebhookRejected as rejected:
        raise OpsError(
            f"{path} is no form post that the webhook takes ({rejected.reason})",
            "give another file, such as events/wix_webhook/form_post.json",
        ) from None
    assert read is not None
    at = datetime.fromisoformat(read.submitted_at).astimezone(UTC)
    return Submission(
        id=read.id,
        form=form,
        received_at=at,
        submitted_at=at,
        member_id=read.member_id,
        partner_id=read.partner_id,
        values=json.loads(read.values),
        locale=read.locale,
        plain=frozenset(read.plain),
    )


def preview_request(submission: Submission, configuration: Configuration) -> RequestPreview:
    """Return the route that a form submission would get, or the reason of a manual review.

    The rate limit and the rules for attachments are not applied: they depend on other submissions
    and on files.

    Args:
        submission: The form submission.
        configuration: The settings, which have the forms and the routing rules.

    Raises:
        OpsError: The configuration has no form for the submission.
    """
    found = form_definition(submission.form, configuration.forms)
    if found is None:
        raise OpsError(
            f"there is no form {submission.form}, so a person would have to review it",
            f"choose one of {', '.join(sorted(configuration.forms))}",
        )
    key, definition = found
    reading = read_form_values(
        definition, submission.values, locale=locale_of(submission), plain=submission.plain
    )
    held = ""
    if reading.trapped:
        held = "the hidden field is filled in, as programs do (honeypot)"
    elif reading.faults:
        held = "an answer is invalid: " + ", ".join(fault.field for fault in reading.faults)
    if definition.action != "request":
        return RequestPreview(key, "", held, None)
    routing = configuration.routing
    route = select_route(definition.type, reading.answers, submission.received_at, routing)
    keys = [rule.key for rule in routing.rules]
    position = (keys.index(route.rule) + 1, len(keys))
    return RequestPreview(key, definition.type, held, route, position)
