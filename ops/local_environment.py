"""Everything on one machine, wired together: the local cloud with the deployed stack, and stand-ins for Trading Grid and Wix."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx

from emulators.common import server
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.models.portal import PARTNER_STATUS
from gridwix.runtime.configuration import configuration
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops import indexes, portal
from ops.budgets import UnlimitedBudget
from ops.bundle import build_bundle, deploy_bundle
from ops.collections import collection_definitions, ensure_collection
from ops.connections import Connections, connect
from ops.emulator import Emulator
from ops.gateway_client import GatewayClient
from ops.indexes import IndexBuilder
from ops.local_cloud import LocalCloud, local_cloud, reserve_port
from ops.queues import read_depth
from ops.resync import request_resync
from ops.site import SiteCode, create_forms, mail_automation, register_webhook
from ops.stack import Stack
from ops.waiting import STANDSTILL, Standstill, wait_for

STACK_NAME = "gridwix-local"
PARTNERS = 47
"""Partners that are made up beside the sample world's three."""

SITE_QUOTA = 3000
"""Requests a minute that the stand-in for Wix takes at least; it must be above the budget, since the tests and the browser call it as well."""

WEBHOOK_SCALE = 0.1
"""Of the times after which Wix sends a webhook again: a minute is six seconds here. A function's first start may take longer than Wix waits."""

PATIENCE = 100
"""Of the time that answers to the stand-ins and to the portal's code may take: Wix gives a webhook little more than a second, which a machine that does other
things, too, may need for the start of a function. What such a time-out does is tested with the emulators alone."""

QUIET = 1.0
"""Seconds without a message after which the stack counts as idle: the bus hands events on without anybody seeing them."""

LOOK = 0.2
"""Seconds between two looks at the queues: each look is a call for every queue, and takes from the machine what the functions need."""

LOOKS = 3
"""Looks in a row that must have seen nothing: one look takes a while on a machine that does other things, too, and a message may move on behind it."""

POLL = 0.05

type Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts listen on the loopback interface; 0 takes a free port."""

    cloud: int = 0
    trading_grid: int = 0
    wix: int = 0
    portal: int = 0


@dataclass(frozen=True, slots=True)
class LocalEnvironment:
    """``hub`` acts in Trading Grid as its users do, ``site_code`` on the portal as its backend does; ``connections`` are what the deployed functions use; the
    emulators can be asked what they have seen. ``portal_url`` is the portal's page."""

    run: Path
    cloud: LocalCloud
    stack: Stack
    trading_grid: Emulator
    wix: Emulator
    gateway: GatewayClient
    connections: Connections
    site_code: SiteCode
    webhook_id: str
    portal_url: str

    @property
    def cursors(self) -> DynamoDBCursorStore:
        return DynamoDBCursorStore(self.stack.aws.dynamodb, self.stack.output("CursorTableName"), time.time)

    @property
    def ledger(self) -> DynamoDBLedger:
        return DynamoDBLedger(self.stack.aws.dynamodb, self.stack.output("LedgerTableName"))

    def request_feed_poll(self) -> None:
        """Ask for the event feed to be read now, as the schedule does every minute."""
        self.stack.aws.sqs.send_message(QueueUrl=self.stack.output("TradingGridFeedQueueUrl"), MessageBody='{"reason": "schedule"}')

    def request_transaction_search(self) -> None:
        """Ask for Lens to be searched now, as the schedule does every few minutes."""
        self.stack.aws.sqs.send_message(QueueUrl=self.stack.output("TransactionMonitorQueueUrl"), MessageBody='{"reason": "schedule"}')

    def publish_all(self) -> None:
        """Have every partner published anew and wait until that is done. Raises Standstill."""
        request_resync(self.cursors, self.stack.aws.sqs, self.stack.output("TradingGridFeedQueueUrl"))
        self.wait_for(lambda: (cursor := self.cursors.read(CURSOR_NAME)).cursor is not None and not cursor.resyncing, "every partner to be listed")
        self.wait_until_idle()

    def partner_rows(self) -> dict[str, Mapping[str, object]]:
        """The rows of the portal's status collection, by id."""
        return {item.id: item.data for page in self.connections.wix.query_pages(PARTNER_STATUS) for item in page.items}

    def wait_for[T](self, ask: Callable[[], T], what: str, *, poll: float = POLL) -> T:
        """The first answer of ``ask`` that is true, asked for as long as messages move through the queues.

        Raises Standstill naming ``what`` and the queues that still hold something. Messages in flight, whose function may have been ended, get the time after
        which their queue hands them out again.
        """
        try:
            return wait_for(ask, what, progress=self._pending_work, poll=poll)
        except Standstill:
            resting = [read_depth(self.stack.aws.sqs, pair.url) for pair in self.stack.queues]
            visibility = max((one.visibility_timeout for one in resting if one.in_flight), default=0)
            if not visibility:
                raise
            return wait_for(ask, what, progress=self._pending_work, poll=poll, standstill=STANDSTILL + visibility)

    def wait_until_idle(self, seconds: float = QUIET) -> None:
        """Wait until for so many seconds no queue has held a message, and no stand-in had something to send; 0 takes the first look that finds nothing.

        Raises Standstill, naming what is still underway.
        """
        quiet_since, looks = time.monotonic(), 0
        enough = LOOKS if seconds else 1

        def quiet() -> bool:
            nonlocal quiet_since, looks
            looks += 1
            if any(self._busy_parts()):
                quiet_since, looks = time.monotonic(), 0
                return False
            return looks >= enough and time.monotonic() - quiet_since >= seconds

        self.wait_for(quiet, "the queues to be worked off", poll=LOOK)

    def _pending_work(self) -> str:
        """What is still underway, and how much of it."""
        return "; ".join(self._busy_parts()) or "empty queues"

    def _busy_parts(self) -> Iterator[str]:
        for emulator, name in ((self.trading_grid, "Trading Grid"), (self.wix, "Wix")):
            if underway := emulator.underway():
                yield f"{name} has {underway} to send"
        for pair in self.stack.queues:
            if (found := read_depth(self.stack.aws.sqs, pair.url)).total:
                yield f"{pair.name}: {found.waiting} waiting, {found.in_flight} in flight, {found.delayed} delayed"


@contextlib.contextmanager
def start_local_environment(
    run: Path,
    step: Step,
    ports: Ports = Ports(),
    *,
    enforce_iam: bool = True,
    partners: int = PARTNERS,
    overrides: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[LocalEnvironment]:
    """Start everything, deploy the bundle, publish every partner once; stop everything at the end. ``run`` is the folder for logs and state.

    ``partners`` are made up beside the sample world's three; ``overrides`` are parameters of the template. Raises OpsError if a part does not come up.
    """
    with contextlib.ExitStack() as running:
        with step("Starting the local cloud"):
            cloud = running.enter_context(local_cloud(run, port=ports.cloud, enforce_iam=enforce_iam))
        with step("Starting the stand-ins for Trading Grid and Wix"):
            http = running.enter_context(httpx.Client(timeout=STANDSTILL))
            patience = ("--patience", str(PATIENCE))
            hub_options = ("--partners", str(partners), *patience)
            trading_grid = Emulator(running.enter_context(_run_emulator("emulators.trading_grid", ports.trading_grid, run, *hub_options)), http)
            quota = max(SITE_QUOTA, 2 * int(overrides.get("WixCallsPerMinute", 0)))
            site_options = ("--requests-per-minute", str(quota), "--webhook-scale", str(WEBHOOK_SCALE), *patience)
            wix = Emulator(running.enter_context(_run_emulator("emulators.wix", ports.wix, run, *site_options)), http)
            hub_info, site_info = trading_grid.info(), wix.info()
        with step("Building the functions and their layer"):
            template = build_bundle(run / "sam-build.log")
        with step("Deploying the stack"):
            # The portal's page comes up later, and messages have to lead there.
            portal_port = ports.portal or running.enter_context(reserve_port())
            where = stack_parameters(trading_grid.url, hub_info["companyId"], wix.url, site_info["siteId"], site_info["instanceId"], portal_port)
            wanted = {**where, **overrides}
            deploy_bundle(cloud, template, STACK_NAME, wanted, run / "sam-deploy.log")
            stack = Stack.read(STACK_NAME, cloud.aws())
        with step("Storing the credentials and registering the webhooks"):
            credentials = {name: hub_info[name] for name in ("consumerKey", "consumerSecret")}
            stack.put_secret("TradingGridCredentialsSecretName", credentials)
            stack.put_secret("WixCredentialsSecretName", {"apiKey": site_info["apiKey"]})
            gateway = GatewayClient(community_url(trading_grid.url), trading_grid_auth("apigrid", credentials, base_url=trading_grid.url), http)
            endpoint = gateway.register_webhook(cloud.local_url(stack.output("TradingGridWebhookUrl")))
            stack.put_secret("TradingGridWebhookSecretName", {"secrets": endpoint["secrets"]})
            create_forms(wix, configuration().forms)
            door = cloud.local_url(stack.output("WixWebhookUrl"))
            keys = register_webhook(wix, door)
            stack.put_secret("WixWebhookSecretName", keys)
            stack.put_secret("WixAutomationSecretName", {"emailUrl": mail_automation(wix.url, site_info["siteId"])})
            site_code = SiteCode(door, keys["signingSecrets"][0], http)
        connections = running.enter_context(connect(stack, UnlimitedBudget(), timeout=STANDSTILL))
        with step("Creating the portal's collections"):
            builder, wanted_indexes = IndexBuilder(connections.wix), indexes.index_definitions()
            for definition in collection_definitions():
                collection = ensure_collection(connections.wix, definition).collection
                builder.start_building(collection, wanted_indexes.get(collection, ()))
        with step("Starting the portal's page, with members for the sample partners"):
            portal.settle(wix, connections.wix)
            host = portal.host(wix.url, site_info, door, keys["signingSecrets"][0], port=portal_port, log=run / "portal.log", patience=PATIENCE)
            portal_url = running.enter_context(host)
        built = LocalEnvironment(run, cloud, stack, trading_grid, wix, gateway, connections, site_code, endpoint["id"], portal_url)
        with step("Publishing every partner for the first time"):
            built.publish_all()
        yield built


def stack_parameters(trading_grid_url: str, company_id: str, wix_url: str, site_id: str, instance_id: str, portal_port: int) -> Mapping[str, str]:
    """The template's parameters for a deployment against the emulators."""
    return {
        "TradingGridBaseUrl": trading_grid_url,
        "TradingGridCommunityUrl": community_url(trading_grid_url),
        "TradingGridCompanyId": company_id,
        "WixBaseUrl": wix_url,
        "WixSiteId": site_id,
        "WixInstanceId": instance_id,
        "PortalUrl": f"http://127.0.0.1:{portal_port}/portal",
        # The stand-ins are on the loopback interface, where no file may come from.
        "FileHosts": ",".join(urlsplit(url).netloc for url in (trading_grid_url, wix_url)),
        # The local cloud has no event archives.
        "EventArchive": "disabled",
        # Whoever watches wants to see it now.
        "QuietHours": "ignore",
    }


def community_url(trading_grid_url: str) -> str:
    return f"{trading_grid_url}/community/v1"


def _run_emulator(module: str, port: int, run: Path, *options: str) -> AbstractContextManager[str]:
    return server.process(module, ["--port", str(port), *options], log=run / f"{module.rpartition('.')[2]}.log")
