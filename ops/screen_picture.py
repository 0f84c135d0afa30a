"""Draws the live screen of ``gridwix status --watch`` as SVG, from a snapshot. Pure."""

import io
import re

from rich.console import Console
from rich.text import Text

from ops.watch.snapshot import Snapshot
from ops.watch.view import snapshot_view

COLUMNS = 150

_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Matches the fonts that rich's SVG would load from another host."""

_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
"""Matches spaces at the ends of lines, which text files of the repository must not have."""


def draw_screen(snapshot: Snapshot) -> str:
    """Return the live screen of ``gridwix status --watch`` as an SVG, ``COLUMNS`` columns wide.

    The SVG loads no fonts or other resources.
    """
    console = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    command = f"gridwix status --watch --stack {snapshot.stack}"
    console.print(Text(f"$ {command}", "bold"))
    console.print(snapshot_view(snapshot))
    drawn = console.export_svg(title=command, unique_id="status-watch")
    # Some viewers drop the spaces at the begin of a text, and so the alignment.
    return _TRAILING.sub("", _FONTS.sub("", drawn)).replace("<text ", '<text xml:space="preserve" ')
