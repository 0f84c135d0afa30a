"""How a document's transfer goes on, step by step. Pure.

Each step is kept before what it announces is done, so whoever dies after a step leaves a state from which the next one can be worked out.
"""

from gridwix.document_sync.transfers import Arrival, Bytes, PortalFile, Transfer


def begun(transfer: Transfer, wanted: Bytes, *, now: float, until: float) -> Transfer:
    """Somebody copies these bytes, until ``until`` at the latest (Unix seconds)."""
    arriving = Arrival(version=wanted.version, sha256=wanted.sha256, private=wanted.private, begun=now)
    return transfer.model_copy(update={"arriving": arriving, "held_until": until})


def given_up(transfer: Transfer) -> Transfer:
    """Whoever copied has stopped. If something is still arriving it is not known whether there is a file: it is looked for before the next attempt."""
    return transfer.model_copy(update={"held_until": None})


def came(transfer: Transfer, file_id: str) -> Transfer:
    """The file is in the media library; it may not be usable yet."""
    assert transfer.arriving is not None
    return transfer.model_copy(update={"arriving": transfer.arriving.model_copy(update={"file_id": file_id}), "held_until": None})


def forsaken(transfer: Transfer, *others: str) -> Transfer:
    """What was on its way is not wanted any more; nor are ``others``, which came with it."""
    unwanted = [*others, *([transfer.arriving.file_id] if transfer.arriving and transfer.arriving.file_id else [])]
    return _leaving(transfer, *unwanted).model_copy(update={"arriving": None})


def found(transfer: Transfer, file_id: str, *others: str) -> Transfer:
    """The file that was looked for is there, and so are ``others`` of the same bytes, which have to go."""
    return _leaving(came(transfer, file_id), *others)


def arrived(transfer: Transfer) -> Transfer:
    """The file that was on its way is usable, so the row goes over to it."""
    assert transfer.arriving is not None
    assert transfer.arriving.file_id
    file = PortalFile.model_validate(transfer.arriving.model_dump(include=set(PortalFile.model_fields)))
    return showing(transfer.model_copy(update={"arriving": None}), file)


def showing(transfer: Transfer, file: PortalFile | None, fault: str = "") -> Transfer:
    """The row is to show this file, or none, and what is wrong. The file that it showed before has to go, once the row has gone over."""
    former = transfer.shown
    if former == file and transfer.fault == fault:
        return transfer
    changed = transfer.model_copy(update={"shown": file, "fault": fault, "edition": transfer.edition + 1})
    stays = former is None or (file is not None and former.file_id == file.file_id)
    return changed if stays or former is None else _leaving(changed, former.file_id)


def lost(transfer: Transfer) -> Transfer:
    """The file that the row shows cannot be opened any more: the row is to show none until its bytes are there again. What is left of it, in the trash, has to
    go."""
    return showing(transfer, None, transfer.fault)


def refused(transfer: Transfer, fault: str) -> Transfer:
    """The wanted bytes cannot be taken over: what the row shows stays, and it says why."""
    return showing(given_up(forsaken(transfer)), transfer.shown, fault)


def settled(transfer: Transfer) -> Transfer:
    """The row shows it, and what had to go is gone."""
    return transfer.model_copy(update={"leaving": (), "published": transfer.edition})


def _leaving(transfer: Transfer, *file_ids: str) -> Transfer:
    return transfer.model_copy(update={"leaving": tuple(dict.fromkeys([*transfer.leaving, *file_ids]))})
