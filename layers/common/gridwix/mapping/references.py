"""The names of a submission: what a visitor is told, and under what its request is made. Imports little, for it runs at the edge."""

import base64
import hashlib
import uuid

_KEYS = uuid.UUID("0f4b7f0a-3f43-5b0c-8d7e-5d9b1c7a2e61")


def reference(submission_id: str) -> str:
    """What a visitor is told at once, and can name on the telephone: ``GX-7K3M-92QF``. It is made from the submission's id alone."""
    code = base64.b32encode(hashlib.blake2b(submission_id.encode(), digest_size=5).digest()).decode()
    return f"GX-{code[:4]}-{code[4:]}"


def idempotency_key(submission_id: str, part: str = "") -> str:
    """The key under which Trading Grid is asked for what a submission wants, or for a ``part`` of it: the same at every attempt."""
    return str(uuid.uuid5(_KEYS, f"{submission_id}/{part}" if part else submission_id))
