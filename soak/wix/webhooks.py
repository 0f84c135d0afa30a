"""Requests of the site to the functions: signed webhooks, and form posts of its own backend."""

import base64
import functools
import hashlib
import hmac
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from soak.wix.store import Row
from soak.wix.times import timestamp

SUBMITTED = "wix.forms.v4.submission_created"
TOKEN_SECONDS = 3600
DEDUPLICATION_SECONDS = 60
KEY_BITS = 2048
EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class SiteIdentity:
    """Ids of the site, its account and its app. All are fictional."""

    site_id: str = "5a1e0c3e-7d5b-4f8a-9d51-0d4c2a6b7e10"
    account_id: str = "0f6a2c58-2d3b-4f0e-8c69-6f1d6a1c9b20"
    app_id: str = "c1d5b9b0-3a52-4e0c-9d7a-6f0b8a4e2d30"
    instance_id: str = "7be4f2a6-91c5-4d83-a1b7-2c9e5d8f0a40"


@dataclass(frozen=True, slots=True)
class FormPost:
    """A form post to the functions: ``POST path`` with these headers (lower case) and body."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    submission_id: str


class Webhooks:
    """Makes and signs webhooks and form posts.

    Args:
        random: The source of ids.
        clock: Unix seconds.
        identity: The site.
    """

    def __init__(self, random: Random, clock: Callable[[], float], identity: SiteIdentity) -> None:
        self.signing_secrets = [_new_secret(random)]
        """Secrets of form posts. The first one signs; more of them only during a rotation."""
        self.key_number = 0
        """Number of the key pair that signs webhooks. Another number is another pair."""
        self._random = random
        self._clock = clock
        self._identity = identity
        self._number = 0

    def public_key(self, number: int | None = None) -> str:
        """Return a public key as PEM, by default that of the private key that signs."""
        key = _key_pair(self.key_number if number is None else number).public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def rotate_signing_secret(self) -> str:
        """Sign form posts with a new secret from now on. Return it."""
        self.signing_secrets.insert(0, _new_secret(self._random))
        return self.signing_secrets[0]

    def event(self, event_type: str, entity_id: str, body: Row) -> Row:
        """Return an event of an entity, as a webhook contains it.

        Args:
            event_type: Such as ``wix.members.v1.member_created``.
            entity_id: The entity's id.
            body: What the event says, such as ``{"createdEvent": {"entity": {...}}}``.
        """
        fqdn, _, slug = event_type.rpartition("_")
        if event_type.endswith(("_file_ready", "_file_failed")):
            fqdn, _, last = fqdn.rpartition("_")
            slug = f"{last}_{slug}"
        self._number += 1
        return {
            "id": self._new_id(),
            "entityFqdn": fqdn,
            "slug": slug,
            "entityId": entity_id,
            "eventTime": timestamp(self._clock()),
            "triggeredByAnonymizeRequest": False,
            "originatedFrom": "",
            "entityEventSequence": str(self._number),
            **body,
        }

    def submission_event(
        self, form_id: str, values: Mapping[str, Any], member_id: str | None = None
    ) -> Row:
        """Return the event of a submission of a Wix form, of type :data:`SUBMITTED`.

        Args:
            form_id: The form's id.
            values: The answers, by target.
            member_id: The member who submitted it; None for a visitor.
        """
        now, identifier = timestamp(self._clock()), self._new_id()
        submitter = {"memberId": member_id} if member_id else {"visitorId": self._new_id()}
        entity = {
            "id": identifier,
            "formId": form_id,
            "namespace": "wix.form_app.form",
            "status": "CONFIRMED",
            "submissions": dict(values),
            "revision": "1",
            "submitter": submitter,
            "seen": False,
            "extendedFields": {"namespaces": {}},
            "tags": {"tagIds": []},
            "createdDate": now,
            "updatedDate": now,
        }
        return self.event(SUBMITTED, identifier, {"createdEvent": {"entity": entity}})

    def signed_webhook(self, event_type: str, payload: Row, by: Row | None = None) -> bytes:
        """Return the signed body of ``POST /webhooks/wix``. Each attempt to deliver an event signs
        it again.

        Args:
            event_type: The event's type.
            payload: The event, as of :meth:`event`.
            by: The identity that caused it.
        """
        who = self._identity
        envelope: Row = {
            "eventType": event_type,
            "instanceId": who.instance_id,
            "data": orjson.dumps(payload).decode(),
            "accountInfo": {"accountId": who.account_id, "siteId": who.site_id},
        }
        if by is not None:
            envelope["identity"] = orjson.dumps(by).decode()
        now = int(self._clock())
        claims = {
            "data": orjson.dumps(envelope).decode(),
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "iss": "wix.com",
            "aud": who.app_id,
        }
        return jwt.encode(claims, _key_pair(self.key_number), algorithm="RS256").encode()

    def form_post(
        self,
        form: str,
        values: Mapping[str, Any],
        *,
        member_id: str,
        partner_id: str,
        submitted_at: float | None = None,
    ) -> FormPost:
        """Return a member's submission as the request that the portal's backend sends
        (``webhook-client.js``).

        Args:
            form: The form's key.
            values: The answers, by target.
            member_id: The member.
            partner_id: The partner for which the member acts.
            submitted_at: Unix seconds of the submission; now by default. An attempt to send it
                again has those of the first.
        """
        at = self._clock() if submitted_at is None else submitted_at
        facts = [member_id, partner_id, form, dict(values), math.floor(at / DEDUPLICATION_SECONDS)]
        digest = hashlib.sha256(orjson.dumps(facts)).hexdigest()
        submission_id = f"web-{digest[:40]}"
        body = orjson.dumps(
            {
                "submissionId": submission_id,
                "memberId": member_id,
                "partnerId": partner_id,
                "submittedAt": timestamp(at),
                "locale": "und",
                "values": values,
            }
        )
        path = f"/webhooks/wix/forms/{form}"
        return FormPost(path, self.signature_headers(submission_id, body), body, submission_id)

    def signature_headers(self, identifier: str, body: bytes) -> dict[str, str]:
        """Return the headers of a form post, signed as Standard Webhooks define it."""
        at = str(int(self._clock()))
        key = base64.b64decode(self.signing_secrets[0].removeprefix("whsec_"))
        digest = hmac.digest(key, f"{identifier}.{at}.".encode() + body, hashlib.sha256)
        return {
            "content-type": "application/json",
            "webhook-id": identifier,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }

    def _new_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))


def _new_secret(random: Random) -> str:
    return f"whsec_{base64.b64encode(random.randbytes(32)).decode()}"


@functools.cache
def _key_pair(number: int) -> rsa.RSAPrivateKey:
    """Return the RSA key pair of a number, the same in each run. Making it takes some tenths of a
    second.
    """
    random = Random(f"key pair {number}")
    p = q = 0
    while p == q:
        p, q = _prime(random), _prime(random)
    d = pow(EXPONENT, -1, math.lcm(p - 1, q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(EXPONENT, p * q),
    ).private_key()


def _prime(random: Random) -> int:
    """Return a prime with half of the key's bits, the two highest of which are set."""
    bits = KEY_BITS // 2
    while True:
        number = random.getrandbits(bits) | 3 << bits - 2 | 1
        if (
            math.gcd(number, _SMALL) == 1
            and math.gcd(number - 1, EXPONENT) == 1
            and all(_is_probably_prime(number, random) for _ in range(8))
        ):
            return number


_SMALL = math.prod(n for n in range(3, 2000) if all(n % d for d in range(2, math.isqrt(n) + 1)))
"""The product of small odd primes: most numbers share a factor with it."""


def _is_probably_prime(number: int, random: Random) -> bool:
    """Return True if a number is probably a prime (test of Miller and Rabin with one base; a
    composite passes it in one of four cases).
    """
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    power = pow(random.randrange(2, number - 1), odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False
