"""Looks up the partners of submissions' senders: by member links and in the partner directory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from gridwix.errors import Forbidden, GridwixError, RecordFault, Refused, Unavailable
from gridwix.form_intake.ports import IdentifierDirectory, MemberLinks
from gridwix.form_intake.states import ReadSubmission
from gridwix.mapping.record_faults import confine_to_record
from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Submission

type _Identifier = tuple[IdentifierScheme, str]

MAX_UNANSWERED = 10
"""Number of identifiers after which the lookup stops (circuit breaker), if the directory has
answered none of them."""

MAX_SILENT = 2
"""Number of requests without any HTTP response after which the lookup stops (circuit breaker)."""


@dataclass(frozen=True, slots=True)
class KnownPartners:
    """Partners of the senders of submissions: by the members' links, and by identifiers.

    A link is the permission of a member to act for a partner.

    Attributes:
        links: The partners that each member acts for, with its role at each, by member id.
        owners: The partner of each identifier that was looked up; None if no partner has it, an
            error if the directory did not answer, or its answer cannot be read.
        silence: The error of a directory that gave no response at all to several requests, so that
            each further request could take long; else None.
    """

    links: Mapping[str, Mapping[PartnerId, str]]
    owners: Mapping[_Identifier, PartnerId | GridwixError | None]
    silence: GridwixError | None = None

    def linked_to(self, submission: Submission) -> frozenset[PartnerId]:
        """Return the partners that the sender of a submission acts for; empty for a visitor."""
        return frozenset(self.roles_of(submission))

    def roles_of(self, submission: Submission) -> Mapping[PartnerId, str]:
        """Return the sender's role at each partner that it acts for; empty for a visitor."""
        return self.links.get(submission.member_id or "", {})

    def identified_by(self, read: ReadSubmission) -> Mapping[IdentifierScheme, PartnerId | None]:
        """Return the partner of each identifier in a submission, by scheme; None if none has it.

        If an identifier could not be looked up, raises the error of this lookup. But if the partner
        follows from the sender's links (the partners that it acts for), no identifier is needed,
        and the result has None for this one.
        """
        is_needed = _needs_identifiers(read.submission, self.links)
        found: dict[IdentifierScheme, PartnerId | None] = {}
        for identifier in read.reading.identifiers.items():
            owner = self.owners.get(identifier)
            if isinstance(owner, GridwixError):
                if is_needed:
                    raise owner
                owner = None
            found[identifier[0]] = owner
        return found

    def has_answers_for(self, read: ReadSubmission) -> bool:
        """Return False if a failed lookup makes it impossible to determine the sender's partner.

        That is so if the partner does not follow from the sender's links (the partners that it acts
        for), and the lookup of one of the submission's identifiers failed. True does not mean that
        a partner was found.
        """
        return not _needs_identifiers(read.submission, self.links) or not any(
            isinstance(self.owners.get(identifier), GridwixError)
            for identifier in read.reading.identifiers.items()
        )

    def without_unanswered(self) -> "KnownPartners":
        """Return a copy in which identifiers that the directory did not answer for have no partner.

        If the directory has answered and its answer cannot be read, the identifier keeps its error.
        """
        owners = {
            identifier: None if isinstance(owner, Unavailable | Forbidden) else owner
            for identifier, owner in self.owners.items()
        }
        return replace(self, owners=owners)


class PartnerLookup:
    """Looks up the partners of the senders of a page of submissions.

    A link is the permission of a member to act for a partner. One call reads the links of all
    members, and one call is made for each distinct identifier that is needed.
    """

    def __init__(self, links: MemberLinks, directory: IdentifierDirectory) -> None:
        self._links = links
        self._directory = directory

    def find_partners(
        self, submissions: Sequence[ReadSubmission], silence: GridwixError | None = None
    ) -> KnownPartners:
        """Look up the partners of the senders of submissions, by their links and their identifiers.

        A link is the permission of a member to act for a partner. If the directory does not answer
        for one identifier, only the submissions with this identifier are affected: a sender may
        have typed a text because of which a firewall blocks the request. Identifiers of members who
        act for partners are looked up first. Then come those of all other senders, the newest
        submissions first, so that old identifiers without an answer delay no new one.

        Args:
            submissions: The submissions of a page, oldest first.
            silence: The error of a directory that gave no response for an earlier page, else None.
                With an error, only identifiers of members who act for partners are looked up.

        Raises:
            UpstreamError: The links cannot be read, or the directory takes no request now.
            BudgetExhausted: The call budget is used up; nothing was sent.
        """
        members = {one.submission.member_id for one in submissions if one.submission.member_id}
        links = self._links.partners_of(members) if members else {}
        acting: dict[_Identifier, None] = {}
        others: dict[_Identifier, None] = {}
        for one in reversed(submissions):
            if one.definition.action == "request" and _needs_identifiers(one.submission, links):
                is_acting = links.get(one.submission.member_id or "")
                wanted = acting if is_acting else others
                wanted |= dict.fromkeys(one.reading.identifiers.items())
        owners, silent = self._find_owners(acting, others, silence)
        return KnownPartners(links, owners, silent)

    def _find_owners(
        self,
        acting: Collection[_Identifier],
        others: Collection[_Identifier],
        silence: GridwixError | None,
    ) -> tuple[Mapping[_Identifier, PartnerId | GridwixError | None], GridwixError | None]:
        """Look up the partners of identifiers, one by one, until the directory seems to be down.

        The lookup stops (circuit breaker) after ``MAX_SILENT`` requests without a response, or if
        the first ``MAX_UNANSWERED`` requests all get no answer. All later identifiers then get the
        last error without a request.

        Args:
            acting: Identifiers of members who act for partners. They are looked up first.
            others: Identifiers of all other senders.
            silence: The error of a directory that gave no response for an earlier page, else None.
                With an error, ``others`` are not looked up, and get this error.

        Returns:
            The partner of each identifier (None if no partner has it, or the error of its lookup),
            and the error of a directory that gave no response, now or before; None if there is no
            such error.
        """
        owners: dict[_Identifier, PartnerId | GridwixError | None] = {}
        failed: dict[_Identifier, GridwixError] = {}
        outage: GridwixError | None = None
        silent = 0
        for identifier in dict.fromkeys([*acting, *others]):
            stop = outage or (None if identifier in acting else silence)
            if stop is not None:
                failed[identifier] = stop
                continue
            try:
                owners[identifier] = self._find_owner(*identifier)
            except (Unavailable, Forbidden) as error:
                failed[identifier] = error
                silent += not error.status
                if silent == MAX_SILENT or (not owners and len(failed) == MAX_UNANSWERED):
                    outage = error
        answers_others = bool(owners)
        for identifier, fault in failed.items():
            # If it answers others, this identifier is at fault.
            is_own = answers_others and fault is not outage and fault is not silence
            record = f"partners/{identifier[0].value}"
            owners[identifier] = RecordFault(record, fault.code) if is_own else fault
        return owners, outage if silent == MAX_SILENT else silence

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
    """Return True if the partner of a submission does not follow from the sender's links alone.

    A link is the permission of a member to act for a partner. They are not enough if the sender has
    no link, or has several and chose no partner. The identifiers in the submission are then looked
    up.
    """
    linked = links.get(submission.member_id or "", ())
    return not linked or (len(linked) > 1 and submission.partner_id is None)
