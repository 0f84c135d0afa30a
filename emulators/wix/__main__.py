"""``python -m emulators.wix --port N [--state FILE]``"""

import argparse

from starlette.types import ASGIApp

from emulators.kit import server
from emulators.wix.app import build
from emulators.wix.site import new_site


def _extend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--requests-per-minute", type=int, default=3000, metavar="N", help="the site's quota; over it requests answer 429")
    parser.add_argument("--replica-lag", type=float, default=0.3, metavar="SECONDS", help="how far reads without consistentRead are behind")


def _build(arguments: argparse.Namespace) -> ASGIApp:
    return build(new_site(state=arguments.state, requests_per_minute=arguments.requests_per_minute, replica_lag=arguments.replica_lag))


server.main("A stand-in for one Wix site.", _build, _extend)
