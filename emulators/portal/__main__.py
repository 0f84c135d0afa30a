"""Command that starts the portal host, a Node.js server that runs the portal's code without Wix.

Usage: ``python -m emulators.portal --wix URL --site-id GUID [--port N]``. ``--wix`` is the URL of
the Wix emulator. Secrets come from environment variables, where other users of the machine cannot
read them. Node.js takes the place of this process, so that signals to the process reach it.
"""

import argparse
import os
import sys
from pathlib import Path

from emulators.portal.node import NodeMissing, find_node

HOST = Path(__file__).parent / "host/main.js"
PORTAL = Path(__file__).parents[2] / "portal"


def main() -> None:
    parser = argparse.ArgumentParser(description="The partner portal's own code, without Wix.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port (default)")
    parser.add_argument("--wix", required=True, metavar="URL", help="the Wix emulator")
    parser.add_argument("--site-id", required=True, metavar="GUID")
    parser.add_argument(
        "--patience",
        type=float,
        default=1.0,
        metavar="F",
        help="multiplies the time that answers to the backend may take",
    )
    parser.add_argument(
        "--portal",
        type=Path,
        default=PORTAL,
        metavar="FOLDER",
        help="with backend, pages and element (default %(default)s)",
    )
    parser.add_argument(
        "--editor",
        choices=("studio", "classic"),
        default="studio",
        help="what a site without realtime-permissions.js does: Wix Studio refuses subscriptions,"
        " the classic editor grants them (default %(default)s)",
    )
    parser.epilog = (
        "PORTAL_WIX_API_KEY is the site's API key; PORTAL_SECRETS is a JSON object with the secrets"
        " of the site's Secrets Manager."
    )
    arguments = parser.parse_args()
    try:
        executable = find_node()
    except NodeMissing as missing:
        sys.exit(str(missing))
    options = {
        "host": arguments.host,
        "port": arguments.port,
        "wix": arguments.wix,
        "site-id": arguments.site_id,
        "patience": arguments.patience,
        "portal": arguments.portal.resolve(),
        "editor": arguments.editor,
    }
    command = [
        str(executable),
        str(HOST),
        *(f"--{name}={value}" for name, value in options.items()),
    ]
    # Node.js replaces this process, so that signals reach it.
    os.execv(executable, command)  # noqa: S606


if __name__ == "__main__":
    main()
