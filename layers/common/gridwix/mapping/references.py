"""Identifiers derived from a submission id.

Few imports, because the webhook functions need a fast cold start. Pure.
"""

import base64
import hashlib
import uuid

_KEYS = uuid.UUID("0f4b7f0a-3f43-5b0c-8d7e-5d9b1c7a2e61")


def reference(submission_id: str) -> str:
    """Return the reference of a submission for its sender, short enough to read out on the phone.

    It depends only on the submission id.

    >>> reference("sub_1")
    'GX-DPEY-YDWA'
    """
    code = base64.b32encode(
        hashlib.blake2b(submission_id.encode(), digest_size=5).digest()
    ).decode()
    return f"GX-{code[:4]}-{code[4:]}"


def idempotency_key(submission_id: str, part: str = "") -> str:
    """Return the idempotency key (a UUID) of a submission's request to Trading Grid.

    It is equal for every attempt.

    >>> idempotency_key("sub_1") == idempotency_key("sub_1")
    True

    Args:
        submission_id: the id of the submission.
        part: name of one of several requests for the submission; "" if there is only one.
    """
    return str(uuid.uuid5(_KEYS, f"{submission_id}/{part}" if part else submission_id))
