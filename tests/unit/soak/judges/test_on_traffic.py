"""The judges on the soak test's own traffic: a portal that shows the newest records is right.

The product's projections make that portal. A row of before is found.
"""

from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from gridwix.document_sync.projection import document_row
from gridwix.document_sync.transfers import PortalFile
from gridwix.mapping.audiences import audience_test
from gridwix.mapping.documents import has_audience, is_restricted
from gridwix.mapping.next_actor import hub_rule_keys
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import EntityId, PartnerId
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment, CommentAuthor
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.notice_publisher.service_notices import notice_row
from gridwix.onboarding_sync.projection import progress_row, step_key, step_rows
from gridwix.status_publisher.projection import PartnerRecords, status_row
from ops.configuration import load_configuration
from soak.inputs import CommentAdded, VersionAdded
from soak.judges import Judges, Kind, Outputs, Verdict
from soak.traffic.shape import small_world
from tests.fakes.soak_outside import MemoryWorld
from tests.unit.soak.judges.good_world import SETTINGS

type Rows = dict[str, dict[str, Any]]

JUDGED = (
    "PartnerStatus/",
    "OpenIssues/",
    "ServiceNotices/",
    "OnboardingProgress/",
    "OnboardingSteps/",
    "PartnerDocuments/",
)


class Portal:
    """Makes the rows of a world's newest records with the product's projections."""

    def __init__(self, world: MemoryWorld) -> None:
        self.files: dict[str, str] = {}
        self._configuration = load_configuration()
        self._texts = Texts(self._configuration)
        self._records: defaultdict[str, list[Any]] = defaultdict(list)
        for name, record in world.hub.records.items():
            self._records[name.partition("/")[0]].append(record)
        self._comments: defaultdict[str, list[Comment]] = defaultdict(list)
        self._versions: dict[str, VersionAdded] = {}
        for given in world.notes.inputs:
            if isinstance(given, CommentAdded):
                self._comments[given.record_id].append(_comment(given))
            if isinstance(given, VersionAdded):
                self._versions[given.document_id] = given
        self._partners = [Partner.model_validate(one) for one in self._records["partners"]]

    def rows(self) -> Rows:
        """All rows, by collection and id."""
        return {
            "PartnerStatus": _shown({one.id: self._status(one) for one in self._partners}),
            "OpenIssues": _shown({one["id"]: self._issue(one) for one in self._records["cases"]}),
            "ServiceNotices": _shown(
                {one["id"]: self._notice(one) for one in self._records["service-notices"]}
            ),
            "OnboardingProgress": _shown(
                {
                    one["id"]: progress_row(Enrollment.model_validate(one), self._texts)
                    for one in self._records["enrollments"]
                }
            ),
            "OnboardingSteps": _shown(
                {
                    step_key(row): row
                    for one in self._records["onboarding-programs"]
                    for row in step_rows(OnboardingProgram.model_validate(one), self._texts)
                }
            ),
            "PartnerDocuments": _shown(
                {one["id"]: self._document(one) for one in self._records["documents"]}
            ),
        }

    def _status(self, partner: Partner) -> Any:
        own = {
            name: [one for one in self._records[name] if one["partnerId"] == partner.id]
            for name in ("enrollments", "compliance-checks", "cases")
        }
        records = PartnerRecords(
            partner,
            [Enrollment.model_validate(one) for one in own["enrollments"]],
            [ComplianceCheck.model_validate(one) for one in own["compliance-checks"]],
            [Case.model_validate(one) for one in own["cases"]],
        )
        return status_row(records, self._texts)

    def _issue(self, record: Mapping[str, Any]) -> Any:
        comments = self._comments[record["id"]]
        rules = hub_rule_keys(self._configuration.case_rules)
        return open_issue(Case.model_validate(record), comments, self._texts, rules)

    def _members(self, audience: Audience) -> tuple[PartnerId, ...]:
        is_member = audience_test(audience, self._configuration.audiences.regions)
        return tuple(sorted(one.partner_id for one in self._partners if is_member(one)))

    def _notice(self, record: Mapping[str, Any]) -> Any:
        notice = ServiceNotice.model_validate(record)
        allowed = self._members(notice.audience)
        return notice_row(notice, allowed, self._texts)

    def _document(self, record: Mapping[str, Any]) -> Any:
        document = Document.model_validate(record)
        allowed: Any = (document.partner_id,) if document.partner_id else ()
        if has_audience(document):
            allowed = self._members(document.audience)
        version, file, fault = self._versions.get(document.id), None, ""
        if version is not None and document.status == "published" and not is_restricted(document):
            fault = "" if version.sound else "wrong_type"
            if version.sound:
                self.files[f"file_{document.id}"] = version.sha256
                file = PortalFile(
                    version=version.number,
                    sha256=version.sha256,
                    private=True,
                    file_id=f"file_{document.id}",
                )
        return document_row(document, (), file, fault, allowed, self._texts)


@cache
def played() -> MemoryWorld:
    """A world in which the workload has happened."""
    return MemoryWorld(small_world(40, 4000)).play()


@cache
def shown() -> tuple[Rows, Mapping[str, str]]:
    """What a portal shows that is right: its rows, and the SHA-256 of its files by id."""
    portal = Portal(played())
    return portal.rows(), portal.files


def verdict_on(world: MemoryWorld, rows: Rows, files: Mapping[str, str]) -> Verdict:
    """The verdict on rows, after all inputs of a world."""
    judges = Judges(SETTINGS)
    for given in world.notes.inputs:
        judges.accept(given)
    for name, record in world.hub.records.items():
        if name not in world.hub.spoilt:
            judges.observe_stored(name.partition("/")[0], record, world.scheduler.now)
    return judges.verdict(Outputs(rows=rows, files=files))


def findings_about_rows(verdict: Verdict) -> list[str]:
    """The findings that are not about submissions and messages, which have no outputs here."""
    return [text for text in verdict.findings if any(name in text for name in JUDGED)]


def test_verdict_when_the_portal_shows_the_newest_of_the_traffic_has_nothing_to_say() -> None:
    rows, files = shown()

    verdict = verdict_on(played(), rows, files)

    assert min(len(of_kind) for of_kind in rows.values()) > 5
    assert findings_about_rows(verdict) == []


@pytest.mark.parametrize("name", [one.rstrip("/") for one in JUDGED])
def test_verdict_when_a_row_of_the_traffic_is_missing_is_lost(name: str) -> None:
    right, files = shown()
    rows = deepcopy(right)
    gone = min(rows[name])

    del rows[name][gone]

    verdict = verdict_on(played(), rows, files)
    assert f"{Kind.LOST}: {name}/{gone} is not there" in verdict.findings


def _shown(rows: Mapping[str, Any]) -> dict[str, Any]:
    return {key: data_item(key, row).data for key, row in rows.items() if row is not None}


def _comment(given: CommentAdded) -> Comment:
    return Comment(
        id=EntityId(given.comment_id),
        author=CommentAuthor(kind="internal"),
        visibility=given.visibility,
        body=given.token,
        created_at=datetime.fromtimestamp(given.at, UTC),
    )
