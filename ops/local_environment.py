"""The local environment: the deployed stack in a local cloud, the portal, and two emulators.

The emulators stand in for Trading Grid and Wix.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx

from emulators.common import server
from emulators.trading_grid.seed import BALTIC, HARBOR_PINE, PRAIRIE_GOLD
from emulators.wix.quota import READS_PER_MINUTE, REQUESTS_PER_MINUTE, WRITES_PER_MINUTE
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.portal_address import RING_PATH
from gridwix.runtime.configuration import configuration
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops import indexes, portal
from ops.budgets import UnlimitedBudget
from ops.bundle import GATEWAY, build_bundle, deploy_bundle
from ops.collections import collection_definitions, ensure_collection
from ops.connections import Connections, connect
from ops.emulator import Emulator
from ops.gateway.deployment import DeployedGateway, copy_world, deploy_gateway
from ops.gateway.hub import GatewayHub
from ops.gateway_client import GatewayClient
from ops.indexes import IndexBuilder
from ops.local_cloud import LocalCloud, local_cloud, reserve_port
from ops.queues import read_depth
from ops.resync import request_resync
from ops.site import SiteCode, create_forms, mail_automation, register_webhook
from ops.stack import QueuePair, Stack
from ops.waiting import STANDSTILL, Standstill, wait_for

STACK_NAME = "gridwix-local"
PARTNERS = 47
"""Generated partners, in addition to the three of the sample data."""

SITE_QUOTAS = {
    "reads": READS_PER_MINUTE,
    "writes": WRITES_PER_MINUTE,
    "requests": REQUESTS_PER_MINUTE,
}
"""Minimum quotas of the Wix emulator, per minute.

They must be above the call budget, because the tests and the browser call the emulator as well.
"""

WEBHOOK_SCALE = 0.1
"""Factor on Wix's webhook retry intervals: a minute becomes six seconds."""

PATIENCE = 100
"""Factor on the response timeouts of the emulators and of the portal's code.

Wix gives a webhook little more than a second, which a busy machine may need to start a function.
Tests with the emulators alone cover such timeouts.
"""

QUIET = 0.4
"""Seconds without a message after which the stack counts as idle. The local cloud puts each bus
event into its queues before it answers, so all work is in a queue or in an emulator.
"""

LOOK = 0.2
"""Seconds between two polls of the queues. Each poll is one call per queue and costs CPU time that
the functions need.
"""

LOOKS = 3
"""Consecutive polls of the queues that must find nothing before the stack counts as idle. On a busy
machine, a message may move into a queue that was just polled.
"""

RINGER = "portal_ringer"
"""The function with delayed messages that no wait takes into account."""

POLL = 0.05
"""Seconds between two checks of the condition that a wait is for."""

type Step = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of the local environment's parts on the loopback interface; 0 takes a free port."""

    cloud: int = 0
    trading_grid: int = 0
    wix: int = 0
    portal: int = 0


@dataclass(frozen=True, slots=True)
class LocalEnvironment:
    """The running local environment of tests, benchmarks and the demo.

    - ``gateway`` changes records in Trading Grid, as the hub's users do;
    - ``site_code`` posts forms to gridwix, as the backend code of the Wix site does;
    - ``connections`` are clients like those of the deployed functions, but without the rate limit
      that the functions share for calls to Wix (call budget);
    - ``trading_grid`` and ``wix`` are the emulators, which report what they have received;
    - ``portal_url`` is the portal's page; ``run`` is the folder for logs and state;
    - ``own_gateway`` is the deployed community gateway (``gateway/``); None if the Trading Grid
      emulator is used instead.
    """

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
    own_gateway: DeployedGateway | None = None

    @property
    def cursors(self) -> DynamoDBCursorStore:
        return DynamoDBCursorStore(
            self.stack.aws.dynamodb, self.stack.output("CursorTableName"), time.time
        )

    @property
    def ledger(self) -> DynamoDBLedger:
        return DynamoDBLedger(self.stack.aws.dynamodb, self.stack.output("LedgerTableName"))

    @property
    def queues(self) -> Sequence[QueuePair]:
        """The queues of all deployed stacks, each together with its dead-letter queue."""
        more = () if self.own_gateway is None else self.own_gateway.stack.queues
        return (*self.stack.queues, *more)

    def answered_reads(self, since: float) -> Sequence[Mapping[str, Any]]:
        """Return the GET requests that Trading Grid has answered since a time (Unix seconds).

        Trading Grid is the deployed gateway or the emulator. Each request has ``at`` (Unix seconds)
        and ``path``.
        """
        if self.own_gateway is not None:
            return self.own_gateway.answered_reads(since)
        return [one for one in self.trading_grid.requests(since) if one["method"] == "GET"]

    def request_feed_poll(self) -> None:
        """Trigger a poll of the event feed now, as the schedule does every minute."""
        self.stack.aws.sqs.send_message(
            QueueUrl=self.stack.output("TradingGridFeedQueueUrl"),
            MessageBody='{"reason": "schedule"}',
        )

    def request_transaction_search(self) -> None:
        """Trigger a search for new transactions in Lens (part of Trading Grid) now.

        The schedule does so every few minutes.
        """
        self.stack.aws.sqs.send_message(
            QueueUrl=self.stack.output("TransactionMonitorQueueUrl"),
            MessageBody='{"reason": "schedule"}',
        )

    def request_activity(self) -> None:
        """Trigger a count of the partners' business documents now.

        The schedule does so every quarter of an hour.
        """
        self.stack.aws.sqs.send_message(
            QueueUrl=self.stack.output("ActivityPublisherQueueUrl"),
            MessageBody='{"reason": "schedule"}',
        )

    def publish_all(self) -> None:
        """Resync all partners and wait until their rows are on the portal.

        Raises Standstill if the queues stop moving before that.
        """
        request_resync(
            self.cursors, self.stack.aws.sqs, self.stack.output("TradingGridFeedQueueUrl")
        )
        self.wait_for(
            lambda: (
                (cursor := self.cursors.read_cursor(CURSOR_NAME)).cursor is not None
                and not cursor.resyncing
            ),
            "every partner to be listed",
        )
        self.wait_until_idle()

    def partner_rows(self) -> dict[str, Mapping[str, object]]:
        """Return the rows of the collection ``PartnerStatus`` by id."""
        return {
            item.id: item.data
            for page in self.connections.wix.query_pages(PARTNER_STATUS)
            for item in page.items
        }

    def wait_for[T](self, ask: Callable[[], T], what: str, *, poll: float = POLL) -> T:
        """Wait until ``ask`` returns a true value, as long as messages move through the queues.

        A message may still be in flight after the queues have stopped moving: the function that
        received the message may have been stopped. Then the wait goes on long enough for the queue
        to deliver the message again, after the queue's visibility timeout.

        Args:
            ask: Returns the value to wait for.
            what: Name of the condition, for the error.
            poll: Seconds between two calls of ``ask``.

        Returns:
            The first true value.

        Raises:
            Standstill: Nothing moved any more. The message names ``what`` and the queues with
                messages.
        """
        try:
            return wait_for(ask, what, progress=self._pending_work, poll=poll)
        except Standstill:
            resting = [read_depth(self.stack.aws.sqs, pair.url) for pair in self.queues]
            visibility = max(
                (one.visibility_timeout for one in resting if one.in_flight), default=0
            )
            if not visibility:
                raise
            return wait_for(
                ask,
                what,
                progress=self._pending_work,
                poll=poll,
                standstill=STANDSTILL + visibility,
            )

    def wait_until_idle(self, seconds: float = QUIET) -> None:
        """Wait until queues and emulators have had no work for a number of seconds.

        With 0 seconds, one poll that finds no work is enough. Raises Standstill, which names the
        remaining work, if that does not change any more.
        """
        quiet_since, looks = time.monotonic(), 0
        enough = LOOKS if seconds else 1
        parts = deque(self._parts())

        def is_busy() -> bool:
            # A part that was busy at the last poll is asked first. As long as it is busy, a poll
            # is one call instead of one per queue.
            for _ in range(len(parts)):
                if parts[0]():
                    return True
                parts.rotate(-1)
            return False

        def is_quiet() -> bool:
            nonlocal quiet_since, looks
            looks += 1
            if is_busy():
                quiet_since, looks = time.monotonic(), 0
                return False
            return looks >= enough and time.monotonic() - quiet_since >= seconds

        self.wait_for(is_quiet, "the queues to be empty", poll=LOOK)

    def _pending_work(self) -> str:
        """Return a text on the pending work of emulators and queues.

        If the text changes, the work makes progress.
        """
        return "; ".join(filter(None, (read() for read in self._parts()))) or "empty queues"

    def _parts(self) -> list[Callable[[], str]]:
        """Return a function for each emulator and queue that describes the pending work there.

        It returns "" if there is no work.
        """
        return [
            partial(_emulator_work, self.trading_grid, "Trading Grid"),
            partial(_emulator_work, self.wix, "Wix"),
            *(partial(self._queue_work, pair) for pair in self.queues),
        ]

    def _queue_work(self, pair: QueuePair) -> str:
        found = read_depth(self.stack.aws.sqs, pair.url)
        # The repeats of a ring come seconds after it, and change nothing.
        if not found.total - (found.delayed if pair.name == RINGER else 0):
            return ""
        return (
            f"{pair.name}: {found.waiting} waiting, {found.in_flight} in flight,"
            f" {found.delayed} delayed"
        )


def _emulator_work(emulator: Emulator, name: str) -> str:
    underway = emulator.underway()
    return f"{name} has {underway} to send" if underway else ""


@contextlib.contextmanager
def start_local_environment(
    run: Path,
    step: Step,
    ports: Ports = Ports(),
    *,
    enforce_iam: bool = True,
    partners: int = PARTNERS,
    history: bool = False,
    own_gateway: bool = False,
    overrides: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[LocalEnvironment]:
    """Start the local environment and publish every partner; stop all its parts at the end.

    Args:
        run: The folder for logs and state.
        step: Shows the progress of a named step, as a context manager.
        ports: Ports of the environment's parts.
        enforce_iam: Refuse calls that a role's policies do not allow.
        partners: Generated partners, in addition to the three of the sample data.
        history: Give the three sample partners the documents of a month, before anything reads Lens
            (Trading Grid's transactions).
        own_gateway: Deploy the community gateway (``gateway/``) and use it in place of the
            emulator's. The emulator's records are copied into it.
        overrides: Template parameters of the stack that replace the environment's own.

    Raises:
        OpsError: A part did not start.
    """
    with contextlib.ExitStack() as running:
        http = running.enter_context(httpx.Client(timeout=STANDSTILL))
        # They start while the functions are built. The pool comes first, so that it ends last: it
        # waits for parts that still start then, and the stack stops them before it ends itself.
        pool = running.enter_context(ThreadPoolExecutor())
        cloud_start, hub_start, site_start = (
            pool.submit(
                running.enter_context, local_cloud(run, port=ports.cloud, enforce_iam=enforce_iam)
            ),
            pool.submit(
                running.enter_context, _run_trading_grid(run, ports.trading_grid, partners)
            ),
            pool.submit(running.enter_context, _run_wix(run, ports.wix, overrides)),
        )
        with step("Building the functions and their layer"):
            template = build_bundle(run / "sam-build.log")
            gateway_template = (
                build_bundle(run / "sam-build-gateway.log", GATEWAY) if own_gateway else None
            )
        with step("Starting the local cloud"):
            cloud = cloud_start.result()
        with step("Starting the emulators of Trading Grid and Wix"):
            trading_grid = Emulator(hub_start.result(), http)
            wix = Emulator(site_start.result(), http)
            hub_info, site_info = trading_grid.info(), wix.info()
            if history:
                trading_grid.order(
                    "traffic/history", {"partnerIds": [PRAIRIE_GOLD, BALTIC, HARBOR_PINE]}
                )
        hub_credentials = {name: hub_info[name] for name in ("consumerKey", "consumerSecret")}
        community = Community(
            community_url(trading_grid.url), hub_credentials, token_base_url=trading_grid.url
        )
        deployed: DeployedGateway | None = None
        if gateway_template is not None:
            with step("Deploying the gateway and copying the hub's records to it"):
                deployed = deploy_gateway(cloud, gateway_template, hub_info, run, http)
                copy_world(community.client(http), deployed)
            community = Community(
                deployed.community_url, deployed.credentials, token_base_url=deployed.url
            )
            trading_grid = GatewayHub(trading_grid.url, http, deployed)
            hub_credentials |= deployed.community_credentials
        with step("Deploying the stack"):
            # The portal's page starts later, but messages need its address in a parameter of the
            # stack.
            portal_port = ports.portal or running.enter_context(reserve_port())
            where = stack_parameters(
                trading_grid.url,
                hub_info["companyId"],
                wix.url,
                site_info["siteId"],
                site_info["instanceId"],
                portal_port,
            )
            own = {} if deployed is None else gateway_parameters(cloud, deployed, where)
            parameters = {**where, **own, **overrides}
            deploy_bundle(cloud, template, STACK_NAME, parameters, run / "sam-deploy.log")
            stack = Stack.read(STACK_NAME, cloud.aws())
        with step("Storing the credentials and registering the webhooks"):
            stack.put_secret("TradingGridCredentialsSecretName", hub_credentials)
            gateway = community.client(http)
            endpoint = gateway.register_webhook(
                cloud.local_url(stack.output("TradingGridWebhookUrl"))
            )
            stack.put_secret("TradingGridWebhookSecretName", {"secrets": endpoint["secrets"]})
            site_code = _connect_site(cloud, stack, wix, site_info, http)
        connections = running.enter_context(connect(stack, UnlimitedBudget(), timeout=STANDSTILL))
        with step("Creating the portal's collections"):
            _create_collections(connections)
        with step("Starting the portal with members for the sample partners"):
            portal.create_members(wix, connections.wix)
            host = portal.run_portal_host(
                wix.url,
                site_info,
                site_code.url,
                site_code.secret,
                port=portal_port,
                log=run / "portal.log",
                patience=PATIENCE,
            )
            portal_url = running.enter_context(host)
        built = LocalEnvironment(
            run,
            cloud,
            stack,
            trading_grid,
            wix,
            gateway,
            connections,
            site_code,
            endpoint["id"],
            portal_url,
            deployed,
        )
        with step("Publishing every partner for the first time"):
            built.publish_all()
        yield built


def _connect_site(
    cloud: LocalCloud, stack: Stack, wix: Emulator, site: Mapping[str, str], http: httpx.Client
) -> SiteCode:
    """Connect the stack with the Wix emulator: store credentials, create forms, register webhooks.

    Return a client that submits forms as the site's own backend code does.
    """
    stack.put_secret("WixCredentialsSecretName", {"apiKey": site["apiKey"]})
    create_forms(wix, configuration().forms)
    webhook_url = cloud.local_url(stack.output("WixWebhookUrl"))
    keys = register_webhook(wix, webhook_url)
    stack.put_secret("WixWebhookSecretName", keys)
    email_url = mail_automation(wix.url, site["siteId"])
    stack.put_secret("WixAutomationSecretName", {"emailUrl": email_url})
    return SiteCode(webhook_url, keys["signingSecrets"][0], http)


def _create_collections(connections: Connections) -> None:
    builder, wanted_indexes = IndexBuilder(connections.wix), indexes.index_definitions()
    for definition in collection_definitions():
        collection = ensure_collection(connections.wix, definition).collection
        builder.start_building(collection, wanted_indexes.get(collection, ()))


@dataclass(frozen=True, slots=True)
class Community:
    """Access to a community gateway: base URL of its API, credentials, and URL for tokens."""

    url: str
    credentials: Mapping[str, str]
    token_base_url: str

    def client(self, http: httpx.Client) -> GatewayClient:
        """Return a client that acts on the gateway as the users of the hub do."""
        auth = trading_grid_auth("apigrid", self.credentials, base_url=self.token_base_url)
        return GatewayClient(self.url, auth, http)


def gateway_parameters(
    cloud: LocalCloud, deployed: DeployedGateway, parameters: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the template parameters to replace in a stack that uses a deployed community gateway.

    ``parameters`` are those of a stack that uses the gateway of the Trading Grid emulator. The
    result has only the parameters with another value: the gateway's address and the hosts of files.
    """
    hosts = (parameters["FileHosts"], urlsplit(cloud.endpoint).netloc)
    return {"TradingGridCommunityUrl": deployed.community_url, "FileHosts": ",".join(hosts)}


def stack_parameters(
    trading_grid_url: str,
    company_id: str,
    wix_url: str,
    site_id: str,
    instance_id: str,
    portal_port: int,
) -> Mapping[str, str]:
    """Return the template parameters of a stack that uses the emulators."""
    return {
        "TradingGridBaseUrl": trading_grid_url,
        "TradingGridCommunityUrl": community_url(trading_grid_url),
        "TradingGridCompanyId": company_id,
        "WixBaseUrl": wix_url,
        "WixSiteId": site_id,
        "WixInstanceId": instance_id,
        "PortalUrl": f"http://127.0.0.1:{portal_port}/portal",
        "PortalRingUrl": f"http://127.0.0.1:{portal_port}{RING_PATH}",
        # The emulators are on the loopback interface, which the SSRF guard refuses by default.
        "FileHosts": ",".join(urlsplit(url).netloc for url in (trading_grid_url, wix_url)),
        "VisitorFileHosts": urlsplit(wix_url).netloc,
        # The local cloud has no event archives.
        "EventArchive": "disabled",
        # A demo plays a partner's day in half a minute. With the budget of a real site, calls would
        # be put off.
        "WixCallsPerMinute": "1200",
        "WixCallBurst": "600",
        # The demo and the tests must see messages at once.
        "QuietHours": "ignore",
    }


def community_url(trading_grid_url: str) -> str:
    """Return the base URL of the community gateway API on the Trading Grid emulator."""
    return f"{trading_grid_url}/community/v1"


def _run_trading_grid(run: Path, port: int, partners: int) -> AbstractContextManager[str]:
    return _run_emulator("emulators.trading_grid", port, run, "--partners", str(partners))


def _run_wix(run: Path, port: int, overrides: Mapping[str, str]) -> AbstractContextManager[str]:
    enough = 2 * int(overrides.get("WixCallsPerMinute", 0))
    quotas = [f"--{name}-per-minute={max(least, enough)}" for name, least in SITE_QUOTAS.items()]
    options = (*quotas, "--webhook-scale", str(WEBHOOK_SCALE))
    return _run_emulator("emulators.wix", port, run, *options)


def _run_emulator(module: str, port: int, run: Path, *options: str) -> AbstractContextManager[str]:
    arguments = ["--port", str(port), "--patience", str(PATIENCE), *options]
    return server.process(module, arguments, log=run / f"{module.rpartition('.')[2]}.log")
