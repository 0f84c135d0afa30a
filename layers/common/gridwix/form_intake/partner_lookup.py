"""Looks up the partners of submissions: by the member's links and in the partner directory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from gridwix.errors import RecordFault, Refused, Unavailable
from gridwix.form_intake.ports import IdentifierDirectory, MemberLinks
from gridwix.form_intake.states import ReadSubmission
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Reading, Submission


@dataclass(frozen=True, slots=True)
class KnownPartners:
    """The links and identified partners of the senders of some submissions.

    Attributes:
        links: The partners that each member acts for, with its role at each, by member id.
        owners: The partner of each identifier that was looked up; None if it has none, a
            RecordFault if the directory's answer cannot be read.
    """

    links: Mapping[str, Mapping[PartnerId, str]]
    owners: Mapping[tuple[IdentifierScheme, str], PartnerId | RecordFault | None]

    def linked_to(self, submission: Submission) -> frozenset[PartnerId]:
        """The partners that the sender acts for; empty for a visitor."""
        return frozenset(self.roles_of(submission))

    def roles_of(self, submission: Submission) -> Mapping[PartnerId, str]:
        """The sender's role at each partner that it acts for; empty for a visitor."""
        return self.links.get(submission.member_id or "", {})

    def identified_by(self, reading: Reading) -> Mapping[IdentifierScheme, PartnerId | None]:
        """The partner of each identifier that the sender gave. Raises RecordFault if one of the
        directory's answers cannot be read."""
        found: dict[IdentifierScheme, PartnerId | None] = {}
        for identifier in reading.identifiers.items():
            owner = self.owners.get(identifier)
            if isinstance(owner, RecordFault):
                raise owner
            found[identifier[0]] = owner
        return found


class PartnerLookup:
    """Looks up links and identifiers of a page of submissions: one call for all members, and one
    for each distinct identifier that is needed."""

    def __init__(self, links: MemberLinks, directory: IdentifierDirectory) -> None:
        self._links = links
        self._directory = directory

    def find_partners(self, submissions: Sequence[ReadSubmission]) -> KnownPartners:
        """Look up the senders. Raises UpstreamError or BudgetExhausted without an answer."""
        members = {one.submission.member_id for one in submissions if one.submission.member_id}
        links = self._links.partners_of(members) if members else {}
        identifiers = dict.fromkeys(
            identifier
            for one in submissions
            if one.definition.action == "request" and _needs_identifiers(one.submission, links)
            for identifier in one.reading.identifiers.items()
        )
        return KnownPartners(
            links, {identifier: self._find_owner(*identifier) for identifier in identifiers}
        )

    def _find_owner(
        self, scheme: IdentifierScheme, identifier: str
    ) -> PartnerId | RecordFault | None:
        record = f"partners/{scheme.value}"
        try:
            with confine_to_record(record):
                return self._directory.partner_known_by(scheme, identifier)
        except Refused:
            # The directory takes no such identifier, so it belongs to no partner.
            return None
        except RecordFault as fault:
            return fault
        except Unavailable as error:
            if error.status != HTTPStatus.OK:
                raise
            # 200 with a malformed body: the directory is up, so only this identifier is at fault.
            return RecordFault(record, error.vendor_code or error.code)


def _needs_identifiers(submission: Submission, links: Mapping[str, Collection[PartnerId]]) -> bool:
    """Return True if the member's links alone do not tell the partner: the sender has none, or has
    several and chose none."""
    linked = links.get(submission.member_id or "", ())
    return not linked or (len(linked) > 1 and submission.partner_id is None)
