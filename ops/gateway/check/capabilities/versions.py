"""Rules of the conformance kit on the version numbers of records.

They start at 1, increase by 1 with every change, and never fall.
"""

import itertools

from ops.gateway.check.created_records import Change
from ops.gateway.check.rules import Capability, Need, require, require_status
from ops.gateway.check.session import Session, parsed_time

versions = Capability("versions", "Versions")


@versions.rule("start_at_one", "The version of a new record is 1", Need.WRITE)
def check_start_at_one(session: Session) -> None:
    created = _changes(session)[0]
    require(created.version == 1, f"a new case has the version {created.version}", created.exchange)


@versions.rule("grow_by_one", "The version increases by 1 with every change", Need.WRITE)
def check_grow_by_one(session: Session) -> None:
    changes = _changes(session)
    for before, after in itertools.pairwise(changes):
        require(
            after.version == before.version + 1,
            f"a change takes the version from {before.version} to {after.version}",
            before.exchange,
            after.exchange,
        )


@versions.rule("etag", "The response to a change has the ETag of the new version", Need.WRITE)
def check_etag(session: Session) -> None:
    for change in _changes(session):
        found = change.exchange.etag
        require(found == change.etag, f"the ETag is {found}, not {change.etag}", change.exchange)


@versions.rule("etag_of_reads", "The ETag of a read changes with every change", Need.WRITE)
def check_etag_of_reads(session: Session) -> None:
    case = session.records.create_case()
    before = session.gateway.get(case.path)
    session.records.patch(case, {"priority": "normal"})
    after = session.gateway.get(case.path)
    require_status(after, 200)
    require(
        after.etag != before.etag,
        f"the ETag is {after.etag} before and after a change",
        before,
        after,
    )


@versions.rule(
    "read_after_change", "A read after a change never shows an older version", Need.WRITE
)
def check_read_after_change(session: Session) -> None:
    case = session.records.create_case()
    for priority in ("normal", "high", "low"):
        case = session.records.patch(case, {"priority": priority})
        for _ in range(2):
            exchange = session.gateway.get(case.path)
            require_status(exchange, 200)
            version = exchange.document["version"]
            require(
                version >= case.version,
                f"after the change to version {case.version} a read shows {version}",
                case.exchange,
                exchange,
            )


@versions.rule("list_after_change", "A list shows the version of a change", Need.WRITE)
def check_list_after_change(session: Session) -> None:
    case = session.records.create_case()
    changed = session.records.patch(case, {"priority": "normal"})
    filters = {
        "partnerId": session.records.partner_id,
        "updatedSince": changed.document["updatedAt"],
    }

    def is_listed() -> bool:
        return any(
            record["id"] == case.id and record["version"] == changed.version
            for record in session.read_list("/cases", filters).items
        )

    require(
        session.wait_until(is_listed),
        f"the list does not show {case.id} at version {changed.version}",
        changed.exchange,
    )


@versions.rule("times", "updatedAt never falls, and createdAt stays", Need.WRITE)
def check_times(session: Session) -> None:
    changes = _changes(session)
    for before, after in itertools.pairwise(changes):
        require(
            after.document["createdAt"] == before.document["createdAt"],
            "createdAt changes",
            before.exchange,
            after.exchange,
        )
        require(
            parsed_time(after.document["updatedAt"]) >= parsed_time(before.document["updatedAt"]),
            f"updatedAt goes from {before.document['updatedAt']} to {after.document['updatedAt']}",
            before.exchange,
            after.exchange,
        )


def _changes(session: Session) -> list[Change]:
    """Return a support case, created for the test, as it was after each of five writes.

    The writes are its creation and four changes. The first call in a run of the conformance kit
    makes the writes; later calls return the same.
    """

    def make() -> list[Change]:
        records = session.records
        changes = [records.create_case()]
        changes.append(records.patch(changes[-1], {"priority": "normal"}))
        changes.append(records.move(changes[-1], "open"))
        changes.append(records.patch(changes[-1], {"nextStep": "Ignore this test record."}))
        changes.append(records.move(changes[-1], "awaiting_internal"))
        return changes

    return session.keep("versions of a case", make)
