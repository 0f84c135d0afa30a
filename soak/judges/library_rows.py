"""The expected rows of PartnerDocuments, and their files.

Rules: docs/functions/document_sync.md. That ``draft`` has no row is the code's rule.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from soak.judges.expected import Expected, Row
from soak.judges.facts import Library
from soak.judges.verdict import Findings, Kind
from soak.judges.world import World

SHOWN = frozenset({"published", "expired", "in_review"})
"""Statuses of documents that have a row on the portal."""

OPEN = frozenset({"public", "partner"})
"""Classifications of documents with bytes that may leave Trading Grid. An unknown one counts as
restricted.
"""


def has_row(document: Library) -> bool:
    """Return True if a document has a row on the portal."""
    is_shown = not document.head.deleted and document.head.status in SHOWN
    # Nobody sees a document of the shared library before it was approved.
    return is_shown and bool(document.head.partner or document.head.status != "in_review")


def is_restricted(document: Library) -> bool:
    """Return True if a document's bytes must stay in Trading Grid."""
    return document.classification not in OPEN


def expected_document(document: Library, audience: Sequence[str] | None) -> Expected:
    """Return the expected row of PartnerDocuments, without its file.

    Args:
        document: The document.
        audience: Partners that may see a document of the shared library; None if not judged.
    """
    owner, everybody = document.head.partner, document.audience.all
    fields: dict[str, Any] = {
        "partnerId": owner,
        "forEverybody": not owner and everybody,
        "status": document.head.status,
        "category": document.category,
        "restricted": is_restricted(document),
        "private": bool(owner) or not everybody or document.classification != "public",
        "effectiveFrom": document.effective,
        "expiresOn": document.expires,
    }
    if owner:
        fields["partnerIds"] = (owner,)
    elif everybody or audience is not None:
        fields["partnerIds"] = () if everybody else tuple(audience or ())
    return Expected(fields, {"title": document.title})


class FileJudge:
    """Judges the files on the portal by the newest approved versions of documents.

    Args:
        world: The newest state of the records.
        findings: Gets what is wrong.
    """

    def __init__(self, world: World, findings: Findings) -> None:
        self._world = world
        self._findings = findings

    def observe_bytes(self, name: str, sha256: str) -> None:
        """Judge bytes that have reached the site, even if only for a moment.

        Args:
            name: How the findings call them.
            sha256: Their digest.
        """
        if sha256 in self._world.restricted:
            self._findings.add(Kind.INTERNAL, f"{name} has bytes of a restricted document")

    def judge_file(
        self, identifier: str, document: Library, row: Row, files: Mapping[str, str]
    ) -> None:
        """Judge the file of a document's row.

        Args:
            identifier: The document.
            document: Its facts.
            row: Its row.
            files: Digest of each file of the site, by its id.
        """
        name, file = f"PartnerDocuments/{identifier}", str(row.get("fileId") or "")
        digest = files.get(file)
        if file and digest is None:
            self._findings.add(Kind.WRONG_FILE, f"{name} opens {file}, which is not there")
        if is_restricted(document) or document.head.status != "published":
            if file:
                self._findings.add(Kind.WRONG_FILE, f"{name} has a file, and must not")
            return
        if row.get("conflict") and identifier in self._world.undecided:
            # Until it is decided, the version stays that both sides agreed on.
            return
        wanted = self._world.current_version(identifier, document)
        if wanted is None:
            return
        if not wanted.sound:
            self._judge_unsound(name, wanted.sha256, digest, row)
        elif digest is None and not file:
            self._findings.add(Kind.LOST, f"{name} lacks the file of version {wanted.number}")
        elif digest is not None and digest != wanted.sha256:
            self._findings.add(
                Kind.WRONG_FILE, f"{name} has other bytes than version {wanted.number}"
            )
        elif row.get("version") != wanted.number:
            self._findings.add(
                Kind.STALE, f"{name} says version {row.get('version')}, not {wanted.number}"
            )

    def judge_leftovers(
        self,
        rows: Mapping[str, Row],
        files: Mapping[str, str],
        held: Collection[str] = (),
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Judge that each file belongs to one row: after a new version, the old file is deleted.

        Args:
            rows: The rows of PartnerDocuments.
            files: Digest of each file in the folder of the functions, by its id.
            held: Names of refused rows, each of which may have a file that waits for it.
            labels: Labels of files, for the words of a finding.
        """
        waiting = Counter(self._waiting_digests(held))
        owners: dict[str, str] = {}
        for identifier, row in rows.items():
            file = row.get("fileId")
            if file and (other := owners.setdefault(file, identifier)) != identifier:
                self._findings.add(
                    Kind.DOUBLED, f"PartnerDocuments/{identifier} and {other} open one file"
                )
        for file, digest in files.items():
            if file in owners:
                continue
            waiting[digest] -= 1
            if waiting[digest] < 0:
                name = " ".join(filter(None, (file, labels.get(file))))
                self._findings.add(Kind.DOUBLED, f"file {name} is left over, no row opens it")

    def _waiting_digests(self, held: Collection[str]) -> Iterator[str]:
        for name in held:
            collection, _, identifier = name.partition("/")
            version = self._world.versions.get(identifier)
            if collection == "PartnerDocuments" and version is not None:
                yield version.sha256

    def _judge_unsound(self, name: str, sha256: str, digest: str | None, row: Row) -> None:
        if digest == sha256:
            self._findings.add(Kind.WRONG_FILE, f"{name} shows a version that must be refused")
        elif not row.get("problem"):
            self._findings.add(Kind.STALE, f"{name} does not say that a version is refused")
