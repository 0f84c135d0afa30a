"""Command that starts the Trading Grid emulator.

Usage: ``python -m emulators.trading_grid --port N [--state FILE] [--partners N] [--no-cascade]``.
``--partners`` adds N generated partners to the sample data. With ``--no-cascade``, the emulator
does not unlock an onboarding step by itself when the prerequisites of the step are complete.
"""

import argparse

from starlette.types import ASGIApp

from emulators.common import server
from emulators.trading_grid.app import build_app
from emulators.trading_grid.tenant import new_tenant


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--partners",
        type=int,
        default=0,
        metavar="N",
        help="partners to make up beside the sample world",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="makes the made-up partners the same every time",
    )
    parser.add_argument(
        "--retry-scale",
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
        help="multiplies the time that the answer to a webhook may take",
    )
    parser.add_argument(
        "--no-cascade", action="store_true", help="leaves it to the integration to unlock steps"
    )
    parser.add_argument(
        "--webhook-url", metavar="URL", help="registers a webhook endpoint at the start"
    )
    parser.add_argument(
        "--webhook-secret", metavar="whsec_...", help="the signing secret of that endpoint"
    )


def _build_app(arguments: argparse.Namespace) -> ASGIApp:
    tenant = new_tenant(
        state=arguments.state,
        partners=arguments.partners,
        retry_scale=arguments.retry_scale,
        patience=arguments.patience,
        seed=arguments.seed,
    )
    tenant.community.cascades = not arguments.no_cascade
    if arguments.webhook_url:
        tenant.webhooks.register_endpoint(arguments.webhook_url, secret=arguments.webhook_secret)
    return build_app(tenant)


server.main("A stand-in for a hub's Trading Grid tenant.", _build_app, _add_arguments)
