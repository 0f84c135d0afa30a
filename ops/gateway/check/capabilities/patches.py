"""Rules of the conformance kit on patches: only the named members of a record change."""

from ops.gateway.check.rules import Capability, Need, require, require_problem, require_status
from ops.gateway.check.session import Session

patches = Capability("patches", "Patches")


@patches.rule("members", "A patch changes the members that it names, and no others", Need.WRITE)
def check_members(session: Session) -> None:
    case = session.records.create_case()
    wanted = {"priority": "high", "nextStep": "Ignore this test record."}
    changed = session.records.patch(case, wanted)
    for name, value in wanted.items():
        found = changed.document.get(name)
        require(found == value, f"{name} is {found!r}, not {value!r}", changed.exchange)
    kept = ("subject", "description", "category", "status", "partnerId", "number")
    for name in kept:
        require(
            changed.document.get(name) == case.document.get(name),
            f"{name} changes although the patch does not name it",
            case.exchange,
            changed.exchange,
        )


@patches.rule("null", "A patch with null clears a member", Need.WRITE)
def check_null(session: Session) -> None:
    case = session.records.create_case()
    case = session.records.patch(case, {"nextStep": "Ignore this test record."})
    cleared = session.records.patch(case, {"nextStep": None})
    found = cleared.document.get("nextStep")
    require(found is None, f"nextStep is {found!r} after null", cleared.exchange)


@patches.rule("empty", "A patch without members is refused with validation", Need.WRITE)
def check_empty(session: Session) -> None:
    case = session.records.create_case()
    require_problem(session.records.try_patch(case, {}), "validation")


@patches.rule("unknown_member", "A patch of another member is refused with validation", Need.WRITE)
def check_unknown_member(session: Session) -> None:
    case = session.records.create_case()
    for changes in ({"status": "closed"}, {"number": "TG-1"}, {"version": 7}):
        require_problem(session.records.try_patch(case, changes), "validation")


@patches.rule("partner", "The legal name of a partner can be changed, and be restored", Need.WRITE)
def check_partner(session: Session) -> None:
    partner = session.records.read("partners", session.records.partner_id)
    session.records.restore_later(partner)
    former = partner.document.get("legalName")
    changed = session.records.patch(
        partner, {"legalName": f"{former or ''} (gateway check)".strip()}
    )
    restored = session.records.try_patch(changed, {"legalName": former})
    require_status(restored, 200)
    found = restored.document.get("legalName")
    require(found == former, f"legalName is {found!r}, not {former!r}", restored)
    require(
        restored.document["name"] == partner.document["name"],
        "name changes although the patch does not name it",
        restored,
    )
