"""Adds the next step for the user to the text of an error of gridwix, of AWS or of the network.

The command's own errors (``ops.errors``) and configuration errors bring their next step with them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gridwix.errors import ConfigurationError, GridwixError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

LATER = "run the command again in a minute; `gridwix status` shows what has stopped"
"""Next step after an error that ends by itself, such as an outage."""

NEXT_STEPS: Mapping[str, str] = {
    "gridwix": "`gridwix doctor` checks everything that the stack needs",
    "invalid_event": "give the event or the record in the form of docs/events",
    "webhook_rejected": "docs/runbook.md#codes says what each reason means",
    "budget_exhausted": "run the command again in a minute, when the site's call budget has room",
    "row_held": LATER,
    "row_paced": LATER,
    "source_behind": LATER,
    "out_of_time": "run the command again, with a higher --timeout if it has one",
    "unknown_partner": "correct the partner's id, or add the addresses to its profile",
    "record_fault": "correct the record in the system that it is from",
    "file_refused": "replace the file in the system that it is from",
    "upstream": LATER,
    "upstream_unavailable": LATER,
    "file_unreachable": LATER,
    "upstream_throttled": LATER,
    "upstream_unauthenticated": "store valid credentials with `gridwix secret set`",
    "upstream_forbidden": "`gridwix doctor` names the permission that is missing",
    "upstream_not_found": "correct the id; `gridwix doctor` checks the addresses of all systems",
    "upstream_conflict": "run the command again: it reads what has changed",
    "cursor_expired": "`gridwix resync` reads and publishes all partners again",
    "upstream_refused": "`gridwix doctor` checks whether this release and the system fit together",
}
"""Next step by the code of one of gridwix's errors."""

AWS_STEPS: Mapping[str, str] = {
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"),
        "docs/command.md#permissions lists what each command needs",
    ),
    **dict.fromkeys(
        (
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "RequestExpired",
            "UnrecognizedClientException",
        ),
        "log in again, or give --profile",
    ),
    **dict.fromkeys(
        ("ConnectTimeoutError", "EndpointConnectionError", "ReadTimeoutError"),
        "check the network, --region and AWS_ENDPOINT_URL",
    ),
}
"""Next step by an error code of AWS, or by the class of botocore's own error."""

AWS_DEFAULT = "check --stack, --profile and --region, and run the command again"


def error_message(error: GridwixError) -> str:
    """Return the text of an error of gridwix's functions, followed by the next step for the user.

    >>> from gridwix.errors import NotFound
    >>> error_message(NotFound("no row", system="wix")).partition(": ")[0]
    'no row'
    """
    if isinstance(error, ConfigurationError):
        return str(error)
    return f"{str(error).rstrip('.')}: {NEXT_STEPS[error.code]}"


def aws_message(error: "ClientError | BotoCoreError") -> str:
    """Return the text of an AWS error, followed by the next step for the user."""
    response = getattr(error, "response", None) or {}
    code = response.get("Error", {}).get("Code") or type(error).__name__
    step = AWS_STEPS.get(code, AWS_DEFAULT)
    return f"AWS: {str(error).rstrip('.')}: {step}"
