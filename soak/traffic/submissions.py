"""Acts of members who send something from the portal: questions, comments, answers, steps and
documents.
"""

from collections.abc import Callable

from soak.inputs import token
from soak.traffic.population import Member, partner_id, record_id
from soak.traffic.ports import Document
from soak.traffic.posts import Wish, send_wish, upload
from soak.traffic.scene import Scene

DOUBLE_CLICKS = 0.03
"""Share of submissions that a member sends twice at once."""

ANSWERS = 0.2
"""Share of submissions that answer a team's question, while there is an open one."""

REQUEST_FORMS = (
    "partner-question",
    "invoice-question",
    "ship-notice-problem",
    "onboarding-question",
)
WITH_FILES = frozenset({"partner-question", "invoice-question", "onboarding-question"})


def begin_submission(scene: Scene) -> Callable[[], None]:
    """Choose a member; return a function that lets it send something at each call, or lets another
    member answer a team's question.
    """
    member = scene.population.any_member()

    def send() -> None:
        answer = _answer(scene) if scene.chance(ANSWERS) else None
        if answer is None:
            if member is None or not member.links:
                return
            partner = scene.pick(sorted(member.links))
            make = scene.pick(_WISHES)
            # Without anything to answer there is always a question.
            wish = make(scene, member, partner) or _new_request(scene, member, partner)
            answer = member, partner, wish
        send_wish(scene, *answer)
        if scene.chance(DOUBLE_CLICKS):
            send_wish(scene, *answer)

    return send


def _mark(scene: Scene, partner: int) -> str:
    return token(partner, "s", scene.population.next_number(partner, "s"), 1)


def _new_request(scene: Scene, member: Member, partner: int) -> Wish:
    """Return a question of one of four forms, some with files."""
    form, mark = scene.pick(REQUEST_FORMS), _mark(scene, partner)
    number = scene.population.count(partner, "s")
    values: Document = {"question": f"{mark} {scene.words()}"}
    match form:
        case "partner-question":
            values["topic"] = scene.pick(("orders", "freight", "tax", "bank", "other"))
        case "invoice-question":
            price = f"{number % 90}.{number % 10}5"
            values |= {"invoice_number": f"INV-{number} {mark}", "invoiced_unit_price": price}
        case "ship-notice-problem":
            values |= {"po_number": f"45{number} {mark}", "arrives_on": scene.day(3)}
            values["already_shipped"] = scene.chance(0.5)
    values |= {"your_name": f"Member {member.number}", "email": member.email}
    files: tuple[str, ...] = ()
    if form in WITH_FILES and scene.chance(0.15):
        sent = [
            upload(scene, member, partner, member.id, partner_id(partner), form)[0]
            for _ in range(1 + int(scene.random.random() * 3))
        ]
        values["attachments"] = sent
        files = tuple([file["fileId"] for file in sent])
    return Wish(form, "request", "", mark, values, files=files)


def _case_of(scene: Scene, partner: int, *statuses: str) -> str:
    """Return the id of a random case that the portal shows to a partner, in one of these statuses
    if there are any; else "".
    """
    number = scene.population.any_number(partner, "c")
    identifier = record_id("c", partner, number)
    row = scene.site.row("OpenIssues", identifier) if number else None
    return identifier if row is not None and (not statuses or row["status"] in statuses) else ""


def _comment(scene: Scene, member: Member, partner: int) -> Wish | None:
    """Return a comment on a case that the portal shows; sometimes on one that is over by now."""
    case_id = _case_of(scene, partner)
    if not case_id:
        return None
    mark = _mark(scene, partner)
    values = {
        "case_id": case_id,
        "comment": f"{mark} {scene.words()}",
        "your_name": f"Member {member.number}",
    }
    return Wish("issue-comment", "case_comment", case_id, mark, values)


def _resolution(scene: Scene, member: Member, partner: int) -> Wish | None:
    """Return an answer to the resolution of a case; None without such a case."""
    del member
    case_id = _case_of(scene, partner, "resolved")
    if not case_id:
        return None
    accepted, mark = scene.chance(0.7), _mark(scene, partner)
    values: Document = {"case_id": case_id, "accepted": accepted}
    if not accepted:
        values["comment"] = f"{mark} {scene.words()}"
    return Wish("issue-resolution", "case_resolution", case_id, mark, values, accepted=accepted)


def _answer(scene: Scene) -> tuple[Member, int, Wish] | None:
    """Return an answer to a team's question about a request, with a member who acts for the
    request's partner; None without a question.
    """
    waiting = scene.population.waiting
    if not waiting:
        return None
    request_id, partner = waiting.pop(int(scene.random.random() * len(waiting)))
    member = scene.population.acting_for(partner)
    request = scene.hub.get("collaboration-requests", request_id)
    if member is None or request is None:
        return None
    row = scene.site.row("PartnerRequests", request["sourceSubmissionId"])
    if row is None or not row.get("answerable"):
        return None
    mark = _mark(scene, partner)
    values = {
        "request_id": request_id,
        "comment": f"{mark} {scene.words()}",
        "your_name": f"Member {member.number}",
    }
    return member, partner, Wish("request-answer", "request_comment", request_id, mark, values)


def _step(scene: Scene, member: Member, partner: int) -> Wish | None:
    """Return a submission of a step that the portal shows as the partner's to do; None without
    one.
    """
    del member
    number = scene.population.count(partner, "e")
    identifier = record_id("e", partner, number)
    row = scene.site.row("OnboardingProgress", identifier) if number else None
    steps = [
        step["key"]
        for step in (row or {}).get("steps") or ()
        if step.get("status") in ("available", "in_progress", "changes_requested")
        and step.get("owner") != "hub"
    ]
    if row is None or not steps:
        return None
    key, mark = scene.pick(steps), _mark(scene, partner)
    values: Document = {"enrollment_id": identifier, "step_key": key, "comment": mark}
    form = "onboarding-step"
    if key == "edi_setup" and row.get("programId") == record_id("g", 0, 1):
        form = "edi-setup"
        values |= {"standard": "X12", "connection": "AS2", "edi_address": f"ZZ:SOAK{partner}"}
        values |= {"edi_contact": f"edi{partner}@partner.example", "acknowledges": True}
    return Wish(form, "step_submission", identifier, mark, values, step=key)


def _version(scene: Scene, member: Member, partner: int) -> Wish | None:
    """Return a new version of one of the partner's documents that the portal shows; None without
    one.
    """
    number = scene.population.any_number(partner, "d")
    identifier = record_id("d", partner, number)
    row = scene.site.row("PartnerDocuments", identifier) if number else None
    if row is None or row.get("restricted") or row.get("partnerId") != partner_id(partner):
        return None
    file, mark = upload(scene, member, partner, partner_id(partner), identifier)
    # The row names the version that the member has seen.
    values = {
        "document_id": identifier,
        "file": [file],
        "base_version": int(row.get("version") or 0),
    }
    files = (file["fileId"],)
    return Wish("document-version", "document_version", identifier, mark, values, files=files)


_WISHES: tuple[Callable[[Scene, Member, int], Wish | None], ...] = (
    _new_request,
    _new_request,
    _comment,
    _comment,
    _comment,
    _resolution,
    _step,
    _version,
)
