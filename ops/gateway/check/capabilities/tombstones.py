"""Rules of the conformance kit on tombstones: a deleted record stays in lists, marked as deleted.

So readers that missed its event still learn of the deletion.
"""

from dataclasses import dataclass

from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.profile import COLLECTIONS
from ops.gateway.check.rules import Capability, Skipped, require, require_status
from ops.gateway.check.session import PAGE, Session

tombstones = Capability("tombstones", "Tombstones")
COMPARED = 10


@tombstones.rule("listed", "A record that was deleted is in its list, with deletedAt")
def check_listed(session: Session) -> None:
    for (collection, identifier), deletion in _deleted(session).items():
        listed, pages = _find_listed(session, collection, identifier, deletion)
        require(
            listed is not None and listed.get("deletedAt"),
            f"{collection}/{identifier} was deleted, and its list has "
            + ("no such record" if listed is None else "it without deletedAt"),
            *pages[-1:],
        )


@tombstones.rule("version", "A deletion is a change: the tombstone has its version")
def check_version(session: Session) -> None:
    for (collection, identifier), deletion in _deleted(session).items():
        listed, pages = _find_listed(session, collection, identifier, deletion)
        if listed is None:
            raise Skipped(f"{collection}/{identifier} is not listed")
        require(
            listed["version"] >= deletion.version,
            f"{collection}/{identifier} was deleted with version {deletion.version}, and is listed"
            f" at {listed['version']}",
            *pages[-1:],
        )


@dataclass(frozen=True)
class Deletion:
    """The deletion of a record, by which its tombstone can be found in a list.

    ``version`` is the version that the record got by the deletion. ``since`` is the time of the
    deletion, to list only records that changed since then; None if it is not known.
    """

    version: int = 1
    since: str | None = None


def _deleted(session: Session) -> dict[tuple[str, str], Deletion]:
    """Return deleted records by collection and id.

    These are the record that ``--deleted`` names, and those that the event feed tells of. Raises
    Skipped if there are none.
    """

    def find() -> dict[tuple[str, str], Deletion]:
        found: dict[tuple[str, str], Deletion] = {}
        if session.options.deleted is not None:
            collection, _, identifier = session.options.deleted.partition("/")
            found[collection, identifier] = Deletion()
        cursor: str | None = None
        for _ in range(session.limits.pages):
            query: dict[str, str | int] = {"limit": PAGE}
            page = session.gateway.get(
                "/events", query if cursor is None else {**query, "cursor": cursor}
            )
            require_status(page, 200)
            for event in page.document["items"]:
                collection, _, identifier = event["subject"].partition("/")
                after = event["data"]["after"]
                known = collection in COLLECTIONS and "/" not in identifier
                if known and after.get("deletedAt"):
                    found[collection, identifier] = Deletion(
                        event["data"]["version"], after.get("updatedAt")
                    )
            cursor = page.document["nextCursor"]
            if not page.document["hasMore"]:
                break
        if not found:
            raise Skipped("the feed names no deleted record; name one (--deleted COLLECTION/ID)")
        return dict(list(found.items())[-COMPARED:])

    return session.keep("deleted records", find)


def _find_listed(
    session: Session, collection: str, identifier: str, deletion: Deletion
) -> tuple[Document | None, tuple[Exchange, ...]]:
    filters = {} if deletion.since is None else {"updatedSince": deletion.since}
    listing = session.read_list(f"/{collection}", filters)
    found = next((one for one in listing.items if one["id"] == identifier), None)
    if found is None and not listing.complete:
        raise Skipped(f"{collection} has too many records to find {identifier}")
    return found, listing.pages
