"""Rules of the conformance kit on onboarding steps.

They check transitions, and that a completed step unlocks the steps that wait on it.
"""

from ops.gateway.check.created_records import Change, record_path
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.rules import (
    Broken,
    Capability,
    Need,
    Skipped,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import Session

steps = Capability("steps", "Onboarding steps")
DONE = ("completed", "waived")
OPEN_WAY = {
    "available": ("in_progress", "submitted", "completed"),
    "in_progress": ("submitted", "completed"),
    "submitted": ("completed",),
    "changes_requested": ("in_progress", "submitted", "completed"),
}
"""Statuses through which an open step is completed, by its present status."""


@steps.rule(
    "keys", "The steps of an enrollment wait on steps that it has, and have keys of their own"
)
def check_keys(session: Session) -> None:
    session.sample("enrollments")
    for page in session.list_records("enrollments").pages:
        for enrollment in page.document["items"]:
            keys = [step["key"] for step in enrollment["steps"]]
            named = {key for step in enrollment["steps"] for key in step["waitsOn"]}
            require(len(keys) == len(set(keys)), f"{enrollment['id']} doubles a step", page)
            unknown = (named | set(enrollment["currentStepKeys"])) - set(keys)
            require(
                not unknown,
                f"{enrollment['id']} names steps that it has not: {', '.join(sorted(unknown))}",
                page,
            )


@steps.rule(
    "locked", "A step that waits on others cannot be begun before they are done", Need.WRITE
)
def check_locked(session: Session) -> None:
    enrollment = _enrollment(session)
    status = {step["key"]: step["status"] for step in _steps(enrollment)}
    locked = next(
        (
            step
            for step in _steps(enrollment)
            if step["status"] == "locked"
            and any(status.get(key) not in DONE for key in step["waitsOn"])
        ),
        None,
    )
    if locked is None:
        raise Skipped(f"no step of {enrollment.id} waits on another")
    for to in ("in_progress", "available"):
        require_problem(_move(session, enrollment, locked["key"], to), "invalid-transition")


@steps.rule("reason", "A step is waived with a reason only, else validation", Need.WRITE)
def check_reason(session: Session) -> None:
    enrollment = _enrollment(session)
    step = next((step for step in _steps(enrollment) if step["status"] in OPEN_WAY), None)
    if step is None:
        raise Skipped(f"{enrollment.id} has no open step")
    require_problem(_move(session, enrollment, step["key"], "waived"), "validation")


@steps.rule(
    "preconditions", "If-Match of a step is the version of its enrollment, and required", Need.WRITE
)
def check_preconditions(session: Session) -> None:
    enrollment = _enrollment(session)
    path = f"{_step_path(enrollment, _steps(enrollment)[0]['key'])}/transitions"
    body = {"to": "gateway_check"}
    require_problem(session.records.post(path, body), "precondition-required")
    require_problem(session.records.post(path, body, if_match='"v0"'), "version-conflict")


@steps.rule("moved", "A step moves, and its response has the enrollment's version", Need.WRITE)
def check_moved(session: Session) -> None:
    before, moves, _ = _completed_step(session)
    version = before.version
    for exchange in moves:
        version += 1
        found = exchange.document["enrollmentVersion"]
        require(found == version, f"enrollmentVersion is {found}, not {version}", exchange)
        require(exchange.etag == f'"v{version}"', f"the ETag is {exchange.etag}", exchange)


@steps.rule(
    "unlocked",
    "A step whose prerequisites are done is available, or can be made so",
    Need.WRITE,
)
def check_unlocked(session: Session) -> None:
    before, moves, after = _completed_step(session)
    waiting = _unlocked_by(before, moves[0].document["key"])
    if not waiting:
        raise Skipped(f"no step of {before.id} waits on {moves[0].document['key']} alone")
    for key in waiting:
        status = next(step["status"] for step in _steps(after) if step["key"] == key)
        if status != "locked":
            continue
        exchange = _move(session, after, key, "available")
        require(
            exchange.status == 200 and exchange.document["status"] == "available",
            f"{key} stays locked, although all that it waits on is done",
            after.exchange,
            exchange,
        )
        after = session.records.read("enrollments", after.id)


@steps.rule(
    "relocked",
    "A completed step that needs changes locks the steps that wait on it, and names them",
    Need.WRITE,
)
def check_relocked(session: Session) -> None:
    before, moves, _ = _completed_step(session)
    key = moves[0].document["key"]
    current = session.records.read("enrollments", before.id)
    waiting = [
        step["key"]
        for step in _steps(current)
        if key in step["waitsOn"] and step["status"] not in (*DONE, "locked")
    ]
    exchange = _move(session, current, key, "changes_requested", reason="gridwix gateway check")
    require_status(exchange, 200)
    after = session.records.read("enrollments", before.id)
    try:
        by_key = {step["key"]: step["status"] for step in _steps(after)}
        named = exchange.document.get("relocked", [])
        for name in waiting:
            require(
                by_key[name] == "locked" and name in named,
                f"{name} is {by_key[name]} after {key} was opened again; relocked is {named}",
                exchange,
                after.exchange,
            )
    finally:
        for to in OPEN_WAY["changes_requested"]:
            again = _move(session, after, key, to)
            after = session.records.read("enrollments", before.id)
    require_status(again, 200)
    if not waiting:
        raise Skipped(f"no open step of {before.id} waits on {key}")


def _enrollment(session: Session) -> Change:
    """Return the record of the enrollment that ``--enrollment`` names, read from the gateway.

    The conformance kit may advance the steps of this enrollment. Raises Skipped if the option is
    not given, or if the enrollment does not belong to the test partner.
    """
    identifier = session.options.enrollment
    if identifier is None:
        raise Skipped("no enrollment is named whose steps may advance (--enrollment)")
    found = session.records.read("enrollments", identifier)
    if found.document["partnerId"] != session.records.partner_id:
        raise Skipped(f"{identifier} is no enrollment of {session.records.partner_id}")
    return found


def _completed_step(session: Session) -> tuple[Change, list[Exchange], Change]:
    """Complete the open step of the test enrollment that unlocks the most other steps.

    The first call in a run of the conformance kit completes the step; later calls return the result
    of the first call.

    Returns:
        The enrollment as read before, the requests and responses of the step's transitions, and the
        enrollment as read afterwards.
    """

    def make() -> tuple[Change, list[Exchange], Change]:
        before = _enrollment(session)
        candidates = [step for step in _steps(before) if step["status"] in OPEN_WAY]
        if not candidates:
            raise Skipped(f"{before.id} has no open step")
        step = max(candidates, key=lambda step: len(_unlocked_by(before, step["key"])))
        current, moves = before, list[Exchange]()
        for to in OPEN_WAY[step["status"]]:
            exchange = _move(session, current, step["key"], to)
            require_status(exchange, 200)
            if exchange.document["status"] != to:
                raise Broken(f"{step['key']} is {exchange.document['status']}, not {to}", exchange)
            moves.append(exchange)
            current = session.records.read("enrollments", before.id)
        return before, moves, current

    return session.keep("a completed step", make)


def _unlocked_by(enrollment: Change, key: str) -> list[str]:
    """Return the keys of the locked steps that the completion of one step unlocks.

    These are steps that wait on this step, and on no other step that is not done.
    """
    done = {step["key"] for step in _steps(enrollment) if step["status"] in DONE} | {key}
    return [
        step["key"]
        for step in _steps(enrollment)
        if step["status"] == "locked" and key in step["waitsOn"] and done >= set(step["waitsOn"])
    ]


def _steps(enrollment: Change) -> list[Document]:
    found: list[Document] = enrollment.document["steps"]
    return found


def _step_path(enrollment: Change, key: str) -> str:
    return f"{enrollment.path}{record_path('steps', key)}"


def _move(
    session: Session, enrollment: Change, key: str, to: str, reason: str | None = None
) -> Exchange:
    body = {"to": to} if reason is None else {"to": to, "reason": reason}
    path = f"{_step_path(enrollment, key)}/transitions"
    return session.records.post(path, body, if_match=enrollment.etag)
