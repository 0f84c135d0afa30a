"""Command that starts the Wix emulator.

Usage: ``python -m emulators.wix --port N [--state FILE]``. Secrets come from environment variables,
where other users of the machine cannot read them.
"""

import argparse
import gc
import os

from starlette.types import ASGIApp

from emulators.common import server
from emulators.wix.app import build_app
from emulators.wix.auth import Identity
from emulators.wix.quota import READS_PER_MINUTE, REQUESTS_PER_MINUTE, WRITES_PER_MINUTE
from emulators.wix.site import new_site
from emulators.wix.tables import REPLICA_LAG

DEFAULT = Identity()


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    quotas = {
        "reads": (READS_PER_MINUTE, "the site's quota of Wix Data reads"),
        "writes": (WRITES_PER_MINUTE, "the site's quota of Wix Data writes"),
        "requests": (REQUESTS_PER_MINUTE, "the site's limit of all REST calls together"),
    }
    for name, (default, purpose) in quotas.items():
        parser.add_argument(
            f"--{name}-per-minute",
            type=int,
            default=default,
            metavar="N",
            help=f"{purpose}; over it, they answer 429 (default %(default)s)",
        )
    parser.add_argument(
        "--replica-lag",
        type=float,
        default=REPLICA_LAG,
        metavar="SECONDS",
        help="how far reads without consistentRead are behind (default %(default)s)",
    )
    parser.add_argument(
        "--webhook-scale",
        type=float,
        default=1.0,
        metavar="F",
        help="multiplies the waits between the attempts of a webhook",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=1.0,
        metavar="F",
        help="multiplies the time that answers to the site's own calls may take",
    )
    parser.add_argument("--site-id", default=DEFAULT.site_id, metavar="GUID")
    parser.add_argument("--account-id", default=DEFAULT.account_id, metavar="GUID")
    parser.add_argument("--app-id", default=DEFAULT.app_id, metavar="GUID")
    parser.add_argument("--instance-id", default=DEFAULT.instance_id, metavar="GUID")
    parser.epilog = (
        "WIX_EMULATOR_API_KEY and WIX_EMULATOR_APP_SECRET, if set,"
        " are the API key and the app's secret."
    )


def _build_app(arguments: argparse.Namespace) -> ASGIApp:
    identity = Identity(
        site_id=arguments.site_id,
        account_id=arguments.account_id,
        app_id=arguments.app_id,
        instance_id=arguments.instance_id,
        api_key=os.environ.get("WIX_EMULATOR_API_KEY", DEFAULT.api_key),
        app_secret=os.environ.get("WIX_EMULATOR_APP_SECRET", DEFAULT.app_secret),
    )
    site = new_site(
        state=arguments.state,
        reads_per_minute=arguments.reads_per_minute,
        writes_per_minute=arguments.writes_per_minute,
        requests_per_minute=arguments.requests_per_minute,
        replica_lag=arguments.replica_lag,
        identity=identity,
        webhook_scale=arguments.webhook_scale,
        patience=arguments.patience,
    )
    return build_app(site)


if __name__ == "__main__":
    # The state is a great many small objects without cycles: walking through all of them would stop
    # the server for a tenth of a second, for nothing.
    gc.set_threshold(50_000, 100, 100)
    server.main("A stand-in for one Wix site.", _build_app, _add_arguments)
