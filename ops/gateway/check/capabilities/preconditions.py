"""Rules of the conformance kit on optimistic locking, so that no write overwrites another.

A write names the version that it is based on (``If-Match``).
"""

from concurrent.futures import ThreadPoolExecutor

from ops.gateway.check.created_records import Change
from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.rules import Capability, Need, require, require_problem
from ops.gateway.check.session import Session

preconditions = Capability("preconditions", "Preconditions")


@preconditions.rule(
    "missing", "A write without If-Match is refused with precondition-required", Need.WRITE
)
def check_missing(session: Session) -> None:
    for exchange in _writes_without(session):
        require_problem(exchange, "precondition-required")


@preconditions.rule(
    "stale", "A write based on an older version is refused with version-conflict", Need.WRITE
)
def check_stale(session: Session) -> None:
    for exchange in _stale_writes(session):
        require_problem(exchange, "version-conflict")


@preconditions.rule(
    "current_version", "The problems of If-Match name the currentVersion", Need.WRITE
)
def check_current_version(session: Session) -> None:
    refused = [*_writes_without(session), *_stale_writes(session)]
    for exchange in refused:
        if exchange.status in (412, 428):
            found = exchange.document.get("currentVersion")
            require(found == 2, f"currentVersion is {found}, not 2", exchange)


@preconditions.rule("nothing_changed", "A refused write changes nothing", Need.WRITE)
def check_nothing_changed(session: Session) -> None:
    _writes_without(session)
    _stale_writes(session)
    for record in _records(session):
        found = session.records.read(record.collection, record.id)
        require(
            found.version == record.version,
            f"{record.path} is at version {found.version} after refused writes, not"
            f" {record.version}",
            found.exchange,
        )


@preconditions.rule("race", "Of two writes based on one version, one succeeds", Need.WRITE)
def check_race(session: Session) -> None:
    case = session.records.create_case()
    with ThreadPoolExecutor(2) as pool:
        exchanges = list(
            pool.map(
                lambda priority: session.records.try_patch(case, {"priority": priority}),
                ("normal", "high"),
            )
        )
    succeeded = [exchange for exchange in exchanges if exchange.status == 200]
    require(len(succeeded) == 1, f"{len(succeeded)} of two such writes succeed", *exchanges)
    for exchange in exchanges:
        if exchange.status != 200:
            require_problem(exchange, "version-conflict")


def _records(session: Session) -> list[Change]:
    """Return a case and a collaboration request that this run has created, both at version 2.

    The first call in a run of the conformance kit creates each and changes it once; later calls
    return the same.
    """

    def make() -> list[Change]:
        records = session.records
        request = records.create_request()
        status = request.document["status"]
        moved = records.move(request, "triaged" if status == "received" else "in_progress")
        return [records.patch(records.create_case(), {"priority": "normal"}), moved]

    return session.keep("records at version 2", make)


def _writes_without(session: Session) -> list[Exchange]:
    def write() -> list[Exchange]:
        case, request = _records(session)
        send, post = session.gateway.send, session.records.post
        return [
            send("PATCH", case.path, {"priority": "high"}),
            post(f"{case.path}/transitions", {"to": "open"}),
            post(f"{request.path}/transitions", {"to": _next_status(request)}),
        ]

    return session.keep("writes without If-Match", write)


def _stale_writes(session: Session) -> list[Exchange]:
    def write() -> list[Exchange]:
        case, request = _records(session)
        send, post = session.gateway.send, session.records.post
        stale = '"v1"'
        return [
            send("PATCH", case.path, {"priority": "high"}, headers={"if-match": stale}),
            post(f"{case.path}/transitions", {"to": "open"}, if_match=stale),
            post(f"{request.path}/transitions", {"to": _next_status(request)}, if_match=stale),
        ]

    return session.keep("writes with an old If-Match", write)


def _next_status(request: Change) -> str:
    return "in_progress" if request.document["status"] == "triaged" else "completed"
