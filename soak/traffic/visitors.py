"""Acts of the site's visitors, who are no members: they fill in one of Wix's own forms."""

import uuid
from collections.abc import Callable

from soak.inputs import Submission, SubmissionAccepted, Uncertain, token
from soak.traffic.population import gln
from soak.traffic.ports import Document
from soak.traffic.scene import Scene
from soak.traffic.site_events import SUBMITTED, send_site_event

FORM, WIX_FORM = "partner-question", "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f02"
"""Key of a form of ``config/forms`` and the id of the same form on the site."""


def begin_visit(scene: Scene) -> Callable[[], None]:
    """Return a function that lets a visitor ask something at each call. Most name a partner's
    GLN.
    """
    return lambda: send_question(scene)


def send_question(scene: Scene) -> None:
    """Let a visitor ask something. The request belongs to no partner, even if it names a partner's
    GLN.
    """
    partner = scene.population.any_partner() if scene.chance(0.7) else 0
    number = scene.population.next_number(partner, "s")
    mark = token(partner, "s", number, 1)
    values: Document = {
        "topic": "other",
        "question": f"{mark} {scene.words()}",
        "your_name": f"Visitor {partner}.{number}",
        "email": f"visitor{partner}.{number}@partner.example",
    }
    if partner:
        values["gln"] = gln(partner)
    identifier = str(uuid.UUID(int=scene.random.getrandbits(128), version=4))
    submission = Submission(identifier, FORM, "request", "", "", "", mark)
    entity = {
        "id": identifier,
        "formId": WIX_FORM,
        "namespace": "wix.form_app.form",
        "status": "CONFIRMED",
        "submissions": values,
        "createdDate": scene.now_text(),
        "submitter": {"visitorId": f"visitor-{partner}-{number}"},
    }
    scene.accepted += 1
    send_site_event(
        scene,
        SUBMITTED,
        identifier,
        {"createdEvent": {"entity": entity}},
        scene.random.random(),
        lambda: scene.report(SubmissionAccepted(scene.now, submission)),
        lambda: scene.report(Uncertain(scene.now, submission)),
    )
