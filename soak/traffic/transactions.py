"""Business documents in Lens: most are fine, some fail, and some of these are corrected later."""

from collections.abc import Callable

from soak.inputs import TransactionShown, token
from soak.traffic.population import partner_id
from soak.traffic.ports import Document
from soak.traffic.scene import Scene

HUB_ADDRESS = "ZZ:NORTHWIND"
FAULTY = 0.3
"""Share of the transactions that get an exception."""

TYPES = ("850", "855", "856", "810")
FROM_HUB = "850"
EXCEPTIONS: dict[str, Document] = {
    "delivery_failed": {"status": "F"},
    "validation_error": {"status": "V"},
    "acknowledgment_rejected": {"fastatus": "R"},
    "acknowledgment_overdue": {"fastatus": "T"},
}
"""Members of a Lens entry that mean each exception."""

MOST_FAULTY = 1_000
"""Maximum number of faulty transactions that are kept to be corrected."""


def begin_transaction(scene: Scene) -> Callable[[], None]:
    """Choose a partner and an order; return a function that sends a document of the order at each
    call.
    """
    population = scene.population
    partner = population.any_partner()
    order = population.next_number(partner, "t")
    sent = 0

    def send() -> None:
        nonlocal sent
        if population.faulty and scene.chance(0.15):
            put_right(scene)
        else:
            sent += 1
            send_document(scene, partner, order, sent)

    return send


def send_document(scene: Scene, partner: int, order: int, sent: int) -> None:
    """Send one business document with its file. Lens shows some of them late.

    Args:
        scene: The world.
        partner: The partner's number.
        order: The number of the partner's order.
        sent: How many documents of this order there are, with this one.
    """
    document_type = scene.pick(TYPES)
    exception = scene.pick(tuple(EXCEPTIONS)) if scene.chance(FAULTY) else ""
    mark = token(partner, "t", order, sent)
    correlation_id = f"soak-{partner}-{order}-{sent}"
    identifier = f"TG16-PROD-{partner}-{order}-{sent}"
    own, now = f"ZZ:SOAK{partner}", scene.now_text()
    sender, receiver = (HUB_ADDRESS, own) if document_type == FROM_HUB else (own, HUB_ADDRESS)
    common: Document = {
        "correlationid": correlation_id,
        "envelopetype": "ISA",
        "senderaddress": sender,
        "receiveraddress": receiver,
        "arrivaltime": now,
        "statusdate": now,
        "type": "EDI",
    }
    wrong = bool(exception)
    file: Document = {
        **common,
        "transactionid": f"{identifier}-F",
        "transactionlevel": "File",
        "status": "C",
        "errorcode": "DLV-0431" if wrong and exception[0] in "dv" else None,
        # It may quote the document, so it has a token that must not leave Trading Grid.
        "externalerrormessage": f"{scene.internal_mark(partner)} refused" if wrong else None,
    }
    document: Document = {
        **common,
        "transactionid": identifier,
        "transactionlevel": "Document",
        "editype": document_type,
        "status": "S",
        "fastatus": "A",
        "fastatusdate": now,
        "contentkeys": [{"key": "purchase order number", "value": f"45{order} {mark}"}],
        **EXCEPTIONS.get(exception, {}),
    }
    if not wrong:
        del file["errorcode"], file["externalerrormessage"]
    late = 60 * scene.random.random() if scene.chance(0.1) else 0.0
    scene.hub.put_transaction(file, late)
    scene.hub.put_transaction(document, late)
    if wrong:
        faulty = scene.population.faulty
        if len(faulty) >= MOST_FAULTY:
            del faulty[: MOST_FAULTY // 2]
        faulty.append((partner, identifier, document_type))
    scene.accept(
        TransactionShown(
            scene.now + late,
            identifier,
            correlation_id,
            partner_id(partner),
            document_type,
            exception,
            False,
            mark,
        )
    )


def put_right(scene: Scene) -> None:
    """Correct one of the faulty transactions: it was delivered and acknowledged after all."""
    faulty = scene.population.faulty
    partner, identifier, document_type = faulty.pop(int(scene.random.random() * len(faulty)))
    _, _, number, order, sent = identifier.split("-")
    now = scene.now_text()
    changes: Document = {"transactionid": identifier, "status": "S", "fastatus": "A"}
    scene.hub.put_transaction({**changes, "statusdate": now, "fastatusdate": now})
    file = {"transactionid": f"{identifier}-F", "errorcode": None, "externalerrormessage": None}
    scene.hub.put_transaction({**file, "statusdate": now})
    scene.accept(
        TransactionShown(
            scene.now,
            identifier,
            f"soak-{number}-{order}-{sent}",
            partner_id(partner),
            document_type,
            "",
            True,
            token(partner, "t", int(order), int(sent)),
        )
    )
