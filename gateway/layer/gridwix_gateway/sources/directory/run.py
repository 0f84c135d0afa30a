"""Reads OpenText's partner directory in one run, and commits partners and contacts to the table."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import httpx

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.directory.declaration import DirectoryDeclaration
from gridwix_gateway.sources.directory.entries import (
    TERMINATED,
    list_entries,
    read_contacts,
    read_directory,
)
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import JsonReader, Timing
from gridwix_gateway.sources.http_source import HttpSource, Reading
from gridwix_gateway.sources.mapping import MappedRecord, MappedRow
from gridwix_gateway.sources.runs import SourceRow, SourceRun

SERVICE = "/TGCommunityServices/v1"

MAX_BYTES = 25_000_000
"""Maximum bytes of the directory, which the API returns in one response."""

MAX_SECONDS = 240.0
RESERVED_SECONDS = 20.0
"""Seconds before the deadline from which the run begins no further request."""

CONTACTS_PER_RUN = 200
"""Partners for which one run reads the users. The next run continues with the others."""

MAX_DENIED = 3
"""Companies in a row with users that the account may not read, after which the run reads no more
(circuit breaker).
"""

DENIED = frozenset({"refused", "unauthenticated"})


@dataclass(frozen=True)
class DirectorySource(HttpSource[DirectoryDeclaration]):
    """A declared source that reads OpenText's partner directory, ready to run."""

    @cached_property
    def digest(self) -> str:
        """Digest of the declaration. If it changes, the next run starts from the beginning."""
        text = json.dumps(self.declaration.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def longest_run(self) -> float:
        return MAX_SECONDS

    @property
    def largest_answer(self) -> int:
        return MAX_BYTES

    def make_reading(self, run: SourceRun, timing: Timing, deadline: float) -> Reading:
        return _Reading(self, run, timing, deadline)


def make_directory_source(name: str, declaration: Document) -> DirectorySource:
    """Return the directory source of a declaration that ``make config`` has validated."""
    return DirectorySource(name, DirectoryDeclaration.model_validate(declaration))


class _Reading(Reading):
    """Reads the directory in one run: commits all partners, and contacts of up to 200 of them."""

    def __init__(
        self, source: DirectorySource, run: SourceRun, timing: Timing, deadline: float
    ) -> None:
        self._declaration = source.declaration
        self._run = run
        self._timing = timing
        self._deadline = deadline
        self.pages = 0
        self.warnings: list[str] = []

    def repeat_refused(self) -> None:
        """Do nothing: each run reads all entries of the directory, refused ones included."""

    def read_all(self, reader: JsonReader) -> bool:
        partners = self.read_partners(reader)
        if self._declaration.contacts == "users":
            self.read_contacts(reader, partners)
        return True

    def read_partners(self, reader: JsonReader) -> Sequence[str]:
        """Read and commit all partners. Return their ids, sorted. Raises SourceFault."""
        entries = self._list(reader, self._declaration.company, "partnerDirectory")
        said = {one.id: one for one in self._run.said_records()}
        reading = read_directory(entries, self._declaration.new_partner, said)
        if reading.omitted:
            self.warnings.append("values-omitted")
        refused = sum(1 for row in reading.rows if row.mapped.faults)
        guard = self._declaration.guard
        if refused > guard.refused_rows and refused > guard.refused_share * len(reading.rows):
            raise SourceFault(
                "too-many-refused", f"{refused} of {len(reading.rows)} entries cannot be read"
            )
        listed = [record.id for row in reading.rows for record in row.mapped.records]
        # An entry that cannot be read is there: its partner does not count as missing.
        missing = self._missing_rows(said.values(), {row.key for row in reading.rows})
        if missing and reading.unidentified:
            # An entry without a readable id could be any of them.
            self.warnings.append("missing-kept")
            missing = ()
        self._run.commit_rows([*reading.rows, *missing], self._run.state)
        return listed

    def read_contacts(self, reader: JsonReader, partners: Sequence[str]) -> None:
        """Read and commit the contacts of up to 200 partners. Raises SourceFault.

        It begins after the partner at which the last run ended.
        """
        after = self._run.state.turn
        turn = [
            *(one for one in partners if one > after),
            *(one for one in partners if one <= after),
        ]
        denied = 0
        for partner in turn[:CONTACTS_PER_RUN]:
            if self._timing.monotonic() > self._deadline - RESERVED_SECONDS:
                return
            try:
                entries = self._list(reader, partner, "users")
            except SourceFault as fault:
                if fault.code not in DENIED:
                    raise
                denied += 1
                if denied == MAX_DENIED:
                    self.warnings.append("contacts-denied")
                    return
                continue
            denied = 0
            contacts, omitted = read_contacts(entries)
            if omitted and "values-omitted" not in self.warnings:
                self.warnings.append("values-omitted")
            self._commit_contacts(partner, contacts)

    def _commit_contacts(self, partner: str, contacts: list[Document]) -> None:
        record = MappedRecord("partners", partner, {"contacts": contacts})
        row = SourceRow(f"{partner}/contacts", MappedRow((record,)), part="contacts")
        self._run.commit_rows([row], replace(self._run.state, turn=partner))

    def _missing_rows(self, said: Iterable[MappedRecord], listed: set[str]) -> Sequence[SourceRow]:
        """Return rows that terminate the partners that the directory no longer lists, one for each.

        Partners that are terminated already are left out. No row is returned if the option
        ``missing`` of the source's declaration is ``keep``.

        Args:
            said: The partners' records as the source gave them last.
            listed: Keys of the directory's entries.

        Raises:
            SourceFault: ``too-many-missing``: more partners are missing than the declared limits
                permit.
        """
        if self._declaration.missing == "keep":
            return ()
        known = [one for one in said if one.fields["status"] != TERMINATED]
        missing = [one for one in known if one.id not in listed]
        guard = self._declaration.missing_guard
        if len(missing) > guard.partners and len(missing) > guard.share * len(known):
            raise SourceFault(
                "too-many-missing", f"{len(missing)} of {len(known)} partners are missing"
            )
        return [
            SourceRow(
                one.id, MappedRow((replace(one, fields={**one.fields, "status": TERMINATED}),))
            )
            for one in missing
        ]

    def _list(self, reader: JsonReader, company: str, what: str) -> Sequence[object]:
        path = f"{SERVICE}/companies/{company}/{what}"
        page = reader.read_document(httpx.URL(self._declaration.url.rstrip("/") + path))
        self.pages += 1
        return list_entries(page.document)
