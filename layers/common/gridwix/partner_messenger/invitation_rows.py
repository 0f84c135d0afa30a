"""Reads rows of the collection ``PartnerInvitations`` for messages about invitations.

The portal's backend redeems the invitations (``portal/backend/invitations.js``).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import override

from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.patch import set_field
from gridwix.errors import RecordFault, Unavailable
from gridwix.mapping.record_faults import readable_id
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS
from gridwix.models.wix import DataItem
from gridwix.partner_messenger.invitations import ACTIVE, COLLECTION, InvitationRow
from gridwix.partner_messenger.ports import InvitationStore
from gridwix.people.row_values import row_text

PER_CALL = 100
"""Maximum number of invitations in one query."""

# At least what the portal accepts: a row that is never read would be looked for again and again.
_EMAIL = re.compile(r"[^\s@<>,;\x00-\x1f]{1,64}@[^\s@<>,;\x00-\x1f]{1,252}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class WixInvitations(InvitationStore):
    """Invitations as rows of the Wix site; reads them from Wix's primary database.

    One query reads up to ``PER_CALL`` invitations.
    """

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    @override
    def read_invitations(self, ids: Collection[WixItemId]) -> Listing[InvitationRow]:
        found: list[InvitationRow] = []
        faults: list[RecordFault] = []
        for chunk in batched(sorted(set(ids)), PER_CALL, strict=False):
            for page in self._wix.query_pages(
                PARTNER_INVITATIONS,
                filter={"_id": {"$in": list(chunk)}},
                by="offset",
                sort=[("_id", "ASC")],
            ):
                for item in page.items:
                    match _read_row(item):
                        case InvitationRow() as invitation:
                            found.append(invitation)
                        case fault:
                            faults.append(fault)
        return Listing(found, faults)

    @override
    def unannounced_invitations(self, now: datetime, limit: int) -> Sequence[InvitationRow]:
        page = self._wix.query_items(
            PARTNER_INVITATIONS,
            filter={
                "status": ACTIVE,
                "codeHash": {"$exists": False},
                "email": {"$exists": True},
                "expiresAt": {"$gt": now},
            },
            limit=limit,
            sort=[("_id", "ASC")],
        )
        return [found for item in page.items if isinstance(found := _read_row(item), InvitationRow)]

    @override
    def store_code_hash(self, invitation_id: WixItemId, code_hash: str) -> None:
        try:
            self._wix.patch_item(
                PARTNER_INVITATIONS, invitation_id, [set_field("codeHash", code_hash)]
            )
        except Unavailable as error:
            # Nothing was sent yet, and storing the same hash again changes nothing.
            error.ambiguous = False
            raise

    @override
    def store_code_hashes(self, hashes: Mapping[WixItemId, str]) -> None:
        # A row that Wix refuses is found again by the next run.
        self._wix.bulk_set(
            PARTNER_INVITATIONS,
            {identifier: {"codeHash": code_hash} for identifier, code_hash in hashes.items()},
        )


def _read_row(item: DataItem) -> InvitationRow | RecordFault:
    """Return the invitation of a row, or a fault that says which field cannot be read.

    The fault contains no value of the row.
    """
    data = item.data
    partner_id, expires_at, email = (data.get(name) for name in ("partnerId", "expiresAt", "email"))
    if not isinstance(partner_id, str) or not partner_id:
        return _fault(item, "partnerId is none")
    if not isinstance(expires_at, datetime):
        return _fault(item, "expiresAt is none")
    if email and not (isinstance(email, str) and _EMAIL.fullmatch(email)):
        return _fault(item, "email is none")
    language = row_text(data, "language")
    return InvitationRow(
        id=item.id,
        partner_id=PartnerId(partner_id),
        role=row_text(data, "role"),
        status=row_text(data, "status"),
        expires_at=expires_at,
        email=str(email or ""),
        name=row_text(data, "name"),
        language=language if _LANGUAGE.fullmatch(language) else "",
        code_hash=row_text(data, "codeHash"),
        ended_for=row_text(data, "endedFor"),
    )


def _fault(item: DataItem, reason: str) -> RecordFault:
    return RecordFault(f"{COLLECTION}/{readable_id(item.id)}", reason, owner=item.id)
