"""Reads the people of partners from OpenText's directory (Community Management Services).

The settings of OpenText's tenant decide if a hub may read the users of its partners. If not all
users of a partner can be read, the partner is left unchanged: no person is invited there, and no
person counts as leaving.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from gridwix.clients.trading_grid.directory_users import DirectoryUser
from gridwix.concurrency import map_in_order
from gridwix.configuration.people import People
from gridwix.errors import Forbidden, NotFound, Refused, Throttled, Unavailable
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.people.addresses import normal_email
from gridwix.people.persons import Person, Source
from ops.errors import OpsError

WORKERS = 4
"""Number of partners that are read in parallel: OpenText states no rate limit."""

MAX_FAULTS = 5
"""Number of consecutive partners without an answer after which the directory counts as unavailable
(circuit breaker).
"""

FORBIDDEN = (
    "the consumer key may not read the users of your partners, so there is nobody to import from"
    " the directory"
)

LEFT_OUT = ("inactive", "without_status", "without_role", "without_address", "gone", "doubled")
"""Reasons for which a user of the directory is not imported."""


class UserDirectory(Protocol):
    """The part of the client of OpenText's directory that reads users.

    Methods raise UpstreamError.
    """

    def company_users(self, company_id: CompanyId) -> Sequence[DirectoryUser]: ...
    def user_roles(self, company_id: CompanyId, login_id: str) -> Sequence[str] | None: ...


@dataclass(frozen=True, slots=True)
class DirectoryPeople:
    """Result of reading the users of partners from OpenText's directory.

    ``people`` are the users to import. ``read`` are the partners of which all users could be read.
    ``unread`` has the number of the other partners, by the code of the error. ``left_out`` has the
    number of users who are not imported, by the reason (``LEFT_OUT``).
    """

    people: tuple[Person, ...]
    read: frozenset[PartnerId]
    unread: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Read:
    """The users of one partner with their roles, or the code of the error."""

    partner_id: PartnerId
    people: tuple[Person, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)
    fault: str = ""


class DirectoryReader:
    """Reads users from OpenText's directory and maps their roles to those of the portal.

    Args:
        directory: OpenText's directory.
        settings: ``config/people.yaml``.
        languages: The languages of the portal.
        workers: Number of partners that are read in parallel.
    """

    def __init__(
        self,
        directory: UserDirectory,
        settings: People,
        languages: Sequence[str],
        *,
        workers: int = WORKERS,
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._languages = frozenset(languages)
        self._workers = workers
        self._silent = 0
        self._lock = threading.Lock()

    def read_people(
        self,
        partner_ids: Sequence[PartnerId],
        report: Callable[[int, int], None] = lambda *_: None,
    ) -> DirectoryPeople:
        """Read the users of some partners; leave out users without an address or a mapped role.

        Args:
            partner_ids: The partners.
            report: Receives the number of partners that were read, and the number of all.

        Raises:
            OpsError: The tenant does not let the hub read the users of any of the partners, or
                ``config/people.yaml`` maps no role.
            UpstreamError: OpenText no longer accepts the credentials, or does not answer.
        """
        if not self._settings.directory_roles:
            raise OpsError(
                "config/people.yaml maps no role of the directory",
                "add directory_roles, so that users get a role at the portal",
            )
        people: list[Person] = []
        read: set[PartnerId] = set()
        unread, left_out = Counter[str](), Counter[str]()
        for done, one in enumerate(self._read_all(partner_ids), start=1):
            if one.fault:
                unread[one.fault] += 1
            else:
                read.add(one.partner_id)
                people += one.people
                left_out += one.left_out
            report(done, len(partner_ids))
        if partner_ids and not read and set(unread) <= {Forbidden.code, NotFound.code}:
            raise OpsError(
                FORBIDDEN,
                "ask OpenText to entitle it (Community Management Services), or import a file",
            )
        return DirectoryPeople(tuple(people), frozenset(read), unread, left_out)

    def _read_all(self, partner_ids: Sequence[PartnerId]) -> Iterator[_Read]:
        return map_in_order(self._read_partner, partner_ids, workers=self._workers)

    def _read_partner(self, partner_id: PartnerId) -> _Read:
        try:
            found = self._read_users(partner_id)
        except (Forbidden, NotFound, Refused) as error:
            self._note_answer()
            return _Read(partner_id, fault=error.code)
        except (Throttled, Unavailable) as error:
            with self._lock:
                self._silent += 1
                if self._silent >= MAX_FAULTS:
                    raise
            return _Read(partner_id, fault=error.code)
        self._note_answer()
        return found

    def _note_answer(self) -> None:
        with self._lock:
            self._silent = 0

    def _read_users(self, partner_id: PartnerId) -> _Read:
        company_id = CompanyId(partner_id)
        left_out = Counter[str]()
        # By address: two users of one company may share one. The better role counts.
        found: dict[str, tuple[int, Person]] = {}
        for user in self._directory.company_users(company_id):
            reason = self._unusable(user)
            if reason:
                left_out[reason] += 1
                continue
            roles = user.roles
            if roles is None:
                read = self._directory.user_roles(company_id, user.login_id or user.user_id)
                if read is None:
                    left_out["gone"] += 1
                    continue
                roles = tuple(read)
            place = self._settings.place_of(roles)
            if place is None:
                left_out["without_role"] += 1
                continue
            person = self._person(partner_id, user, place)
            known = found.get(person.email)
            if known is not None:
                left_out["doubled"] += 1
            if known is None or place < known[0]:
                found[person.email] = (place, person)
        return _Read(partner_id, tuple(person for _, person in found.values()), left_out)

    def _unusable(self, user: DirectoryUser) -> str:
        """Return the reason why a user is not imported; "" for none.

        Roles are not considered here.
        """
        if not user.status.strip():
            return "without_status"
        if not user.is_active:
            return "inactive"
        return "" if normal_email(user.email) else "without_address"

    def _person(self, partner_id: PartnerId, user: DirectoryUser, place: int) -> Person:
        language = user.language.strip().replace("_", "-").partition("-")[0].lower()
        return replace(
            Person(
                partner_id,
                normal_email(user.email) or "",
                self._settings.directory_roles[place].role,
            ),
            name=" ".join(user.name.split())[:200],
            language=language if language in self._languages else "",
            source=Source.DIRECTORY,
            user_id=user.user_id,
        )
