"""Connects the judges with the models, and collects the final state for them."""

from collections.abc import Callable, Mapping
from typing import Any

from soak.judges import Judges, Message, Outputs
from soak.trading_grid import TradingGrid
from soak.wix.messages import SentMessage
from soak.wix.site import Wix

COLLECTIONS = (
    "PartnerStatus",
    "OpenIssues",
    "ServiceNotices",
    "OnboardingProgress",
    "OnboardingSteps",
    "PartnerDocuments",
    "PartnerRequests",
)
"""Collections whose rows are compared with the newest records."""

FOLDER = "gridwix"
"""Folder of the site's media library to which the functions upload files."""


def connect_judges(judges: Judges, grid: TradingGrid, wix: Wix, clock: Callable[[], float]) -> None:
    """Register the judges as listeners of Trading Grid and the site. Their inputs come from the
    traffic.

    Args:
        judges: The judges.
        grid: The model of Trading Grid.
        wix: The model of the site.
        clock: Returns virtual time, in Unix seconds.
    """

    def note_sent(sent: SentMessage) -> None:
        words = f"{sent.subject}\n{sent.body}"
        judges.observe_message(
            Message(sent.at, sent.channel, sent.contact_id, sent.message_id, sent.campaign, words)
        )

    def note_file(event_type: str, file_id: str, _: Mapping[str, Any]) -> None:
        if (file := wix.files.get(file_id)) is not None:
            judges.observe_bytes(f"{event_type.rpartition('.')[2]} of {file_id}", file.sha256)

    grid.community.on_stored.append(
        lambda collection, document: judges.observe_stored(collection, document, clock())
    )
    grid.on_event.insert(0, judges.observe_event)
    grid.on_dropped.append(judges.observe_dropped)
    grid.on_made.append(judges.observe_made)
    wix.on_write.append(
        lambda collection, identifier, old, new: judges.observe_write(
            collection, identifier, old, new, clock()
        )
    )
    wix.messages.on_sent.append(note_sent)
    wix.library.on_event.append(note_file)


def judge_calls(judges: Judges, wix: Wix) -> None:
    """Show the judges all calls of the site's REST API. Call it once, at the end."""
    for at in wix.calls:
        judges.observe_call(at)
    for at in wix.above_quota:
        judges.observe_throttled(at)


def outputs_of(wix: Wix, held: frozenset[str], until: float) -> Outputs:
    """Return the final state of the site.

    Args:
        wix: The model of the site.
        held: See :class:`soak.judges.Outputs`.
        until: Unix seconds; work that began later may not be complete.
    """
    files = {file.id: file for file in wix.files.values() if not file.in_trash}
    folders = {
        folder["id"] for folder in wix.library.folders.values() if folder["displayName"] == FOLDER
    }
    return Outputs(
        rows={name: wix.rows(name) for name in COLLECTIONS},
        files={identifier: file.sha256 for identifier, file in files.items()},
        folder={
            identifier: file.sha256 for identifier, file in files.items() if file.folder in folders
        },
        labels={identifier: " ".join(file.labels) for identifier, file in files.items()},
        held=held,
        until=until,
    )
