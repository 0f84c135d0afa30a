"""Builds, deploys and runs the first release on the local cloud, between the emulators."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import httpx

from emulators.common import server
from ops.budgets import UnlimitedBudget
from ops.bundle import architecture, deploy_bundle
from ops.collections import collection_definitions, ensure_collection
from ops.connections import connect
from ops.emulator import Emulator
from ops.local_cloud import local_cloud
from ops.local_environment import (
    PATIENCE,
    STACK_NAME,
    Community,
    LocalEnvironment,
    community_url,
    stack_parameters,
)
from ops.paths import TOOLS
from ops.site import SiteCode
from ops.stack import Stack
from ops.waiting import STANDSTILL
from sam_build.layer import compile_modules, install_wheels
from tests.integration.upgrading import OldWorld
from tests.unit.template.rules import load
from tests.unit.upgrade.first_release import unpack_release

PARTNERS = 20
QUOTA = 12_000
"""Calls per minute to the site that the stack may make; the emulator takes twice as many."""

NEW_PARAMETERS = ("PortalUrl", "FileHosts", "VisitorFileHosts", "WixInstanceId", "QuietHours")
"""Parameters that the first release did not have."""


def build_first_release(source: Path, folder: Path) -> Path:
    """Build the first release for the local cloud: its own code, with its own pinned libraries.

    Args:
        source: What it deploys (``unpack_release``).
        folder: Folder of the build.

    Returns:
        The built template.
    """
    layer = folder / "CommonLayer/python"
    # As SAM's builds do: uv is faster than pip, which this environment does not have.
    with patch.dict(os.environ, UV=str(TOOLS / "bin/uv")):
        install_wheels(
            architecture(), source / "layers/common/requirements.txt", layer, hashed=False
        )
    shutil.copytree(source / "layers/common/gridwix", layer / "gridwix")
    compile_modules(layer)
    shutil.copytree(source / "functions", folder / "functions")
    template = load(source / "template.yaml")
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = "CommonLayer"
            # It is built.
            del resource["Metadata"]
    built = folder / "template.yaml"
    # JSON is YAML, too.
    built.write_text(json.dumps(template))
    return built


@contextlib.contextmanager
def run_first_release(run: Path) -> Iterator[OldWorld]:
    """Deploy the first release on a local cloud, between this release's emulators, and publish all
    partners with it.
    """
    source = unpack_release(run / "first-release")
    with contextlib.ExitStack() as running:
        http = running.enter_context(httpx.Client(timeout=STANDSTILL))
        cloud = running.enter_context(local_cloud(run))
        hub_url = running.enter_context(
            _emulator("emulators.trading_grid", run, "--partners", str(PARTNERS))
        )
        quotas = [f"--{name}-per-minute={2 * QUOTA}" for name in ("reads", "writes", "requests")]
        wix_url = running.enter_context(_emulator("emulators.wix", run, *quotas))
        trading_grid, wix = Emulator(hub_url, http), Emulator(wix_url, http)
        hub, site = trading_grid.info(), wix.info()
        where = stack_parameters(
            hub_url, hub["companyId"], wix_url, site["siteId"], site["instanceId"], 8080
        )
        # No page of the portal runs here.
        parameters = {name: value for name, value in where.items() if name != "PortalRingUrl"}
        parameters |= {
            "WixCallsPerMinute": str(QUOTA),
            "WixCallBurst": str(QUOTA // 2),
            "FeedSchedule": "rate(1 day)",
            "SweepSchedule": "rate(1 day)",
        }
        old = {name: one for name, one in parameters.items() if name not in NEW_PARAMETERS}
        template = build_first_release(source, run / "first-build")
        deploy_bundle(cloud, template, STACK_NAME, old, run / "sam-deploy.log")
        stack = Stack.read(STACK_NAME, cloud.aws())
        credentials = {name: hub[name] for name in ("consumerKey", "consumerSecret")}
        stack.put_secret("TradingGridCredentialsSecretName", credentials)
        stack.put_secret("WixCredentialsSecretName", {"apiKey": site["apiKey"]})
        gateway = Community(community_url(hub_url), credentials, token_base_url=hub_url).client(
            http
        )
        endpoint = gateway.register_webhook(cloud.local_url(stack.output("TradingGridWebhookUrl")))
        stack.put_secret("TradingGridWebhookSecretName", {"secrets": endpoint["secrets"]})
        connections = running.enter_context(connect(stack, UnlimitedBudget(), timeout=STANDSTILL))
        definitions = collection_definitions(source / "portal/collections")
        names = [ensure_collection(connections.wix, one).collection for one in definitions]
        local = LocalEnvironment(
            run,
            cloud,
            stack,
            trading_grid,
            wix,
            gateway,
            connections,
            SiteCode("", "", http),
            endpoint["id"],
            "",
        )
        local.publish_all()
        yield OldWorld(
            local,
            run,
            http,
            {**parameters, "ActivitySchedule": "rate(1 day)", "TransactionSchedule": "rate(1 day)"},
            names,
        )


def _emulator(module: str, run: Path, *options: str) -> contextlib.AbstractContextManager[str]:
    arguments = ["--port", "0", "--patience", str(PATIENCE), *options]
    return server.process(module, arguments, log=run / f"{module.rpartition('.')[2]}.log")
