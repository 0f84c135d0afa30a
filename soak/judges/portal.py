"""Judges all rows of the portal by the newest records."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from soak.judges.deliveries import DeliveryJudge
from soak.judges.expected import Comparison, Expected, Row
from soak.judges.facts import Enrollment, Library, Notice, Partner, Program, Request
from soak.judges.library_rows import FileJudge, expected_document, has_row
from soak.judges.request_rows import expected_request, judge_follow_up
from soak.judges.rows import (
    OVER,
    expected_issue,
    expected_notice,
    expected_program_rows,
    expected_progress,
)
from soak.judges.settings import Settings
from soak.judges.status_rows import expected_status
from soak.judges.verdict import Findings, Kind
from soak.judges.world import World

MOST_AUDIENCE = 10_000
"""Maximum number of partners to which a notice or document can be restricted (docs/adr/0006)."""

type Rows = Mapping[str, Mapping[str, Row]]
"""Rows by collection and ``_id``."""


class PortalJudge:
    """Judges the rows of the portal by the newest records of Trading Grid.

    A row's ``_id`` is the id of its record (that of PartnerStatus the partner's, that of
    PartnerRequests the submission's, that of OnboardingSteps program, step and locale, joined by
    dots). The documents only say that it is deterministic; the code has this rule.

    Args:
        world: The newest state of the records.
        settings: The configuration.
        findings: Gets what is wrong.
        deliveries: What became of submissions.
        held: Rows (``collection/_id``) that Wix has refused, which may be stale, and submissions
            that wait for a person or in a dead-letter queue.
    """

    def __init__(
        self,
        world: World,
        settings: Settings,
        findings: Findings,
        deliveries: DeliveryJudge,
        held: frozenset[str],
    ) -> None:
        self._world = world
        self._settings = settings
        self._findings = findings
        self._deliveries = deliveries
        self._held = held
        self._comparison = Comparison(findings)
        self._too_long: set[str] = set()
        self._troubled = frozenset(partner for partner in world.unreadable.values() if partner)
        self._unreadable = frozenset(
            identifier for source, identifier in world.unreadable if source == "partners"
        )

    def judge(self, rows: Rows, files: Mapping[str, str]) -> None:
        """Judge the rows of all collections.

        Args:
            rows: The rows.
            files: Digests of the site's files by id.
        """
        self._judge_status(rows.get("PartnerStatus", {}))
        self._judge_issues(rows.get("OpenIssues", {}))
        self._judge_notices(rows.get("ServiceNotices", {}))
        self._judge_progress(rows.get("OnboardingProgress", {}))
        self._judge_steps(rows.get("OnboardingSteps", {}))
        self._judge_documents(rows.get("PartnerDocuments", {}), files)
        self._judge_requests(rows.get("PartnerRequests", {}))

    def _judge_status(self, rows: Mapping[str, Row]) -> None:
        groups = {
            name: self._by_partner(name) for name in ("enrollments", "compliance-checks", "cases")
        }

        def expected(identifier: str, partner: Partner) -> Expected | None:
            if partner.head.deleted:
                return None
            own = {name: group.get(identifier, {}) for name, group in groups.items()}
            return expected_status(
                identifier, partner, own["enrollments"], own["compliance-checks"], own["cases"]
            )

        self._judge_collection("PartnerStatus", "partners", rows, expected)

    def _judge_issues(self, rows: Mapping[str, Row]) -> None:
        self._judge_collection(
            "OpenIssues",
            "cases",
            rows,
            lambda identifier, case: (
                None
                if case.head.deleted
                else expected_issue(
                    case, self._world.comments.get(identifier), self._settings.hub_rules
                )
            ),
        )

    def _judge_notices(self, rows: Mapping[str, Row]) -> None:
        def expected(identifier: str, notice: Notice) -> Expected | None:
            if notice.head.deleted:
                return None
            # The list of one that is over is not computed again when a partner changes.
            judged = notice.head.status not in OVER
            return expected_notice(
                notice, self._audience(f"ServiceNotices/{identifier}", notice) if judged else None
            )

        self._judge_collection("ServiceNotices", "service-notices", rows, expected)

    def _judge_progress(self, rows: Mapping[str, Row]) -> None:
        def expected(_: str, enrollment: Enrollment) -> Expected | None:
            return None if enrollment.head.deleted else expected_progress(enrollment)

        self._judge_collection("OnboardingProgress", "enrollments", rows, expected)

    def _judge_steps(self, rows: Mapping[str, Row]) -> None:
        known: set[str] = set()
        programs: dict[str, Program] = self._world.records["onboarding-programs"]
        for identifier, program in programs.items():
            past = frozenset(self._world.retired.get(identifier, ()))
            for key, wanted in expected_program_rows(program, past).items():
                known.add(key)
                if not self._is_exempt("OnboardingSteps", "onboarding-programs", identifier):
                    self._judge_row("OnboardingSteps", key, rows.get(key), wanted)
        self._judge_unknown("OnboardingSteps", rows, known)

    def _judge_documents(self, rows: Mapping[str, Row], files: Mapping[str, str]) -> None:
        judge = FileJudge(self._world, self._findings)

        def expected(identifier: str, document: Library) -> Expected | None:
            if not has_row(document):
                return None
            return expected_document(
                document,
                None
                if document.head.partner
                else self._audience(f"PartnerDocuments/{identifier}", document),
            )

        self._judge_collection("PartnerDocuments", "documents", rows, expected)
        for identifier, row in rows.items():
            document = self._world.records["documents"].get(identifier)
            if document is not None and not self._is_exempt(
                "PartnerDocuments", "documents", identifier
            ):
                judge.judge_file(identifier, document, row, files)

    def _judge_requests(self, rows: Mapping[str, Row]) -> None:
        requests: dict[str, Request] = self._world.records["collaboration-requests"]
        for identifier, sent in self._deliveries.sent.items():
            name, row = f"PartnerRequests/{identifier}", rows.get(identifier)
            held = identifier in self._held or name in self._held
            made = self._deliveries.request_of(identifier)
            request = requests.get(made) if made else None
            if made and request is not None:
                if request.head.deleted:
                    self._judge_row("PartnerRequests", identifier, row, None)
                elif not self._is_exempt("PartnerRequests", "collaboration-requests", made):
                    wanted = expected_request(made, request, sent, self._world.comments.get(made))
                    self._judge_row("PartnerRequests", identifier, row, wanted)
            elif row is None:
                if sent.accepted and not held:
                    self._findings.add(Kind.LOST, f"{name} is not there")
            elif sent.action != "request":
                judge_follow_up(name, row, sent, held=held, findings=self._findings)
        self._judge_unknown("PartnerRequests", rows, self._deliveries.sent.keys())

    def _judge_collection(
        self, collection: str, source: str, rows: Mapping[str, Row], expected: Any
    ) -> None:
        """Judge a collection that has one row for each record of a collection of Trading Grid."""
        records = self._world.records[source]
        for identifier, facts in records.items():
            if not self._is_exempt(collection, source, identifier):
                self._judge_row(
                    collection, identifier, rows.get(identifier), expected(identifier, facts)
                )
        self._judge_unknown(collection, rows, records)

    def _judge_row(
        self, collection: str, identifier: str, row: Row | None, wanted: Expected | None
    ) -> None:
        name = f"{collection}/{identifier}"
        if wanted is None:
            if row is not None:
                self._findings.add(Kind.STALE, f"{name} is still there")
        elif row is None:
            if name not in self._too_long:
                self._findings.add(Kind.LOST, f"{name} is not there")
        else:
            self._comparison.compare(name, *self._without_unreadable(row, wanted))

    def _without_unreadable(self, row: Row, wanted: Expected) -> tuple[Row, Expected]:
        """Return the row and the expected one without malformed partners in their list of partners.

        Such a partner is in no audience, and may still be in one that was computed before.
        """
        ids = wanted.fields.get("partnerIds")
        if ids is None or not self._unreadable:
            return row, wanted
        kept = [one for one in row.get("partnerIds") or () if one not in self._unreadable]
        fields = {**wanted.fields, "partnerIds": tuple(set(ids) - self._unreadable)}
        fields["partnerIds"] = tuple(sorted(fields["partnerIds"]))
        return {**row, "partnerIds": sorted(kept)}, wanted._replace(fields=fields)

    def _judge_unknown(self, collection: str, rows: Mapping[str, Row], known: Any) -> None:
        for identifier in rows:
            if identifier not in known and not self._is_exempt(
                collection, _SOURCES[collection], identifier
            ):
                self._findings.add(Kind.DOUBLED, f"{collection}/{identifier} is of no record")

    def _is_exempt(self, collection: str, source: str, identifier: str) -> bool:
        """Return True if a row may be stale: one of its records cannot be read, or Wix has refused
        the row. A dead letter excuses none: the comparison has put the row right.
        """
        return (
            f"{collection}/{identifier}" in self._held
            or self._world.has_trouble(source, identifier)
            or (collection == "PartnerStatus" and identifier in self._troubled)
        )

    def _audience(self, name: str, record: Notice | Library) -> list[str] | None:
        """Return the partners of a restricted record; None if they are too many to be listed: Wix
        may refuse such a row.
        """
        if record.audience.all:
            return None
        found = self._world.audience(record, self._settings.regions)
        if len(found) > MOST_AUDIENCE:
            self._too_long.add(name)
            return None
        return found

    def _by_partner(self, collection: str) -> dict[str, dict[str, Any]]:
        found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        for identifier, facts in self._live(collection):
            found[facts.head.partner][identifier] = facts
        return found

    def _live(self, collection: str) -> Iterator[tuple[str, Any]]:
        for identifier, facts in self._world.records[collection].items():
            if not facts.head.deleted:
                yield identifier, facts


_SOURCES = {
    "PartnerStatus": "partners",
    "OpenIssues": "cases",
    "ServiceNotices": "service-notices",
    "OnboardingProgress": "enrollments",
    "OnboardingSteps": "onboarding-programs",
    "PartnerDocuments": "documents",
    "PartnerRequests": "collaboration-requests",
}
