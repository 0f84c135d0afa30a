"""The scenario of ``make cost``: changes in Trading Grid, through all functions that they concern,
and the runs of the schedules.

A hub has 203 partners that are published already. Then compliance checks, cases, onboarding steps
and names of partners change, as in the benchmark of events. Each change arrives by webhook; then
the feed is polled, then the sweep runs. All messages that one of these puts on the bus are
processed before the next one comes.
"""

import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from benchmarks.cost.billing import (
    CallTime,
    Usage,
    api_requests,
    gb_seconds,
    log_bytes,
    platform_log,
    queue_requests,
    waiting_seconds,
)
from benchmarks.cost.cloud import Cloud, run_cloud
from benchmarks.cost.idle import HOURS_PER_MONTH, function_name, queue_owners, schedules
from benchmarks.cost.prices import Item
from benchmarks.emulator_pair import quota_arguments
from emulators.common.server import process
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from ops.budgets import UnlimitedBudget
from ops.collections import collection_definitions, ensure_collection
from ops.emulator import Emulator
from ops.gateway_client import GatewayClient
from ops.local_environment import community_url
from ops.paths import ROOT
from ops.site import mail_automation
from ops.waiting import wait_for
from tests.unit.template.rules import load

PARTNERS = 200
"""Generated partners, in addition to the three of the sample data."""
QUIET_SECONDS = 3600.0
"""Seconds of Trading Grid's clock that pass before a series of changes, and again after a sweep."""

AWS_LATENCY = 0.006
"""Assumed duration of a call to AWS from within the region, in seconds."""
GRID_LATENCY = 0.1
"""Assumed duration of a call to Trading Grid, in seconds."""
WIX_LATENCY = 0.15
"""Assumed duration of a call to Wix, in seconds."""

PASSAGES = ("webhook", "feed", "sweep")


@dataclass(slots=True)
class Measured:
    """Billed units of one series of changes, by passage (webhook, feed, sweep) and function."""

    changes: int = 0
    usage: defaultdict[tuple[str, str], Usage] = field(default_factory=lambda: defaultdict(Counter))
    events: dict[str, int] = field(default_factory=dict)
    invocations: Counter[str] = field(default_factory=Counter)
    megabytes: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Function:
    """A function of the stack, running in its worker process."""

    name: str
    memory: int
    system_level: str
    batch_size: int
    worker: "subprocess.Popen[str]"


class Stack:
    """The functions of a checkout, with its template, between the emulators of Trading Grid and
    Wix.
    """

    def __init__(
        self,
        checkout: Path,
        template: Mapping[str, Any],
        cloud: Cloud,
        grid: Emulator,
        wix: Emulator,
        webhooks: list[Mapping[str, Any]],
        python: str,
        ring_url: str,
    ) -> None:
        self._python = python
        self._ring_url = ring_url
        self.cloud, self.grid, self.wix = cloud, grid, wix
        self.webhooks = webhooks
        self.template = template
        self.metrics: defaultdict[str, set[str]] = defaultdict(set)
        self._checkout = checkout
        self._functions: dict[str, Function] = {}
        self._readers = queue_owners(template)
        self._handles = 0

    def run_queue(self, queue: str, into: Measured, passage: str, limit: int) -> None:
        """Hand all messages of a queue to its function, in batches of at most ``limit``."""
        waiting, function = self.cloud.queues[queue], self._function(self._readers[queue])
        while waiting:
            size = min(limit, function.batch_size, len(waiting))
            bodies = [waiting.popleft() for _ in range(size)]
            into.usage[passage, function.name][Item.QUEUE_REQUEST] += queue_requests(
                [len(body.encode()) for body in bodies]
            )
            event = {"Records": [self._record(body) for body in bodies]}
            answer = self.invoke(function.name, event, into, passage)
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            # A message that is deferred comes again.
            waiting.extend(
                record["body"] for record in event["Records"] if record["messageId"] in failed
            )
            if failed:
                time.sleep(1)

    def settle(self, into: Measured, passage: str, limit: int = 10_000) -> None:
        """Process the messages of all queues until all are empty."""
        while any(self.cloud.queues.values()):
            for queue in list(self.cloud.queues):
                if self.cloud.queues[queue]:
                    self.run_queue(queue, into, passage, limit)

    def invoke(
        self, name: str, event: Mapping[str, Any], into: Measured, passage: str
    ) -> Mapping[str, Any]:
        """Invoke a function and bill the invocation. Returns its response."""
        function = self._function(name)
        assert function.worker.stdin is not None and function.worker.stdout is not None
        function.worker.stdin.write(json.dumps(event) + "\n")
        function.worker.stdin.flush()
        line = function.worker.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} of {self._checkout} has ended")
        result = json.loads(line)
        account = self.cloud.take_account(name)
        usage = account.usage
        calls: defaultdict[str, list[CallTime]] = defaultdict(list)
        for host, begun, ended in result["calls"]:
            calls[host].append(CallTime(begun, ended))
        waiting = waiting_seconds(account.calls, AWS_LATENCY) + sum(
            waiting_seconds(times, GRID_LATENCY if host in self.grid.url else WIX_LATENCY)
            for host, times in calls.items()
        )
        usage[Item.INVOCATION] += 1
        usage[Item.GB_SECOND] += gb_seconds(result["cpu"], waiting, function.memory)  # type: ignore[assignment]
        lines = result["log"] + platform_log(
            str(uuid.uuid4()), function.memory, function.system_level
        )
        usage[Item.LOG_BYTE] += log_bytes(lines)
        into.usage[passage, name].update(usage)
        into.invocations[name] += 1
        into.megabytes[name] = result["megabytes"]
        self._note_metrics(name, result["log"])
        answer: Mapping[str, Any] = result["answer"]
        return answer

    def close(self) -> None:
        """End the worker processes."""
        for function in self._functions.values():
            assert function.worker.stdin is not None
            function.worker.stdin.close()
            function.worker.wait()

    def _record(self, body: str) -> dict[str, Any]:
        self._handles += 1
        return {
            "messageId": str(uuid.uuid4()),
            "receiptHandle": f"r{self._handles}",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": str(int(1000 * time.time())),
            },
            "eventSource": "aws:sqs",
        }

    def _function(self, name: str) -> Function:
        if name not in self._functions:
            self._functions[name] = self._start(name)
        return self._functions[name]

    def _start(self, name: str) -> Function:
        (resource,) = (
            one
            for one in self.template["Resources"].values()
            if one["Type"] == "AWS::Serverless::Function" and function_name(one) == name
        )
        variables = self.cloud.environment(resource, self._parameters())
        worker = subprocess.Popen(
            [self._python, str(Path(__file__).with_name("worker.py")), str(self._checkout), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], **variables},
        )
        properties = resource["Properties"]
        batch = [
            event["Properties"]["BatchSize"]
            for event in properties.get("Events", {}).values()
            if event["Type"] == "SQS"
        ]
        return Function(
            name,
            int(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
            properties.get("LoggingConfig", {}).get("SystemLogLevel", "INFO"),
            batch[0] if batch else 1,
            worker,
        )

    def _parameters(self) -> Mapping[str, str]:
        site, hub = self.wix.info(), self.grid.info()
        return {
            "TradingGridBaseUrl": self.grid.url,
            "TradingGridCommunityUrl": community_url(self.grid.url),
            "TradingGridCompanyId": hub["companyId"],
            "WixBaseUrl": self.wix.url,
            "WixSiteId": site["siteId"],
            "WixInstanceId": site["instanceId"],
            "PortalUrl": "http://127.0.0.1/portal",
            "FileHosts": ",".join(url.partition("//")[2] for url in (self.grid.url, self.wix.url)),
            "VisitorFileHosts": self.wix.url.partition("//")[2],
            "QuietHours": "ignore",
            "PortalRingUrl": self._ring_url,
            # No message is deferred for lack of calls: that would be another scenario.
            "WixCallsPerMinute": "100000",
            "WixCallBurst": "50000",
        }

    def _note_metrics(self, name: str, lines: Sequence[str]) -> None:
        for line in lines:
            if '"_aws"' in line:
                blob = json.loads(line)
                for one in blob["_aws"]["CloudWatchMetrics"]:
                    for dimensions in one["Dimensions"]:
                        values = [f"{key}={blob[key]}" for key in dimensions]
                        for metric in one["Metrics"]:
                            self.metrics[name].add(f"{metric['Name']} {' '.join(values)}")


@contextmanager
def run_stack(checkout: Path, *, partners: int = PARTNERS, warm_up: int = 20) -> Iterator[Stack]:
    """Run the functions of a checkout for a ``with`` block, after every partner was published for
    the first time.

    Args:
        checkout: A checkout of this repository.
        partners: Generated partners, in addition to the three of the sample data.
        warm_up: Changes that are played before, so that each function has run once.
    """
    with ExitStack() as running:
        arguments = quota_arguments(200_000)
        wix = Emulator(running.enter_context(process("emulators.wix", arguments)))
        grid = Emulator(
            running.enter_context(process("emulators.trading_grid", ["--partners", str(partners)]))
        )
        webhooks: list[Mapping[str, Any]] = []
        receiver = running.enter_context(_collect_webhooks(webhooks))
        ring_url = running.enter_context(_take_rings())
        hub, site = grid.info(), wix.info()
        http = running.enter_context(new_client())
        keys = {name: hub[name] for name in ("consumerKey", "consumerSecret")}
        gateway = GatewayClient(
            community_url(grid.url), trading_grid_auth("apigrid", keys, base_url=grid.url), http
        )
        endpoint = gateway.register_webhook(receiver)
        portal = WixClient(
            http,
            wix_auth({"apiKey": site["apiKey"]}, site["siteId"]),
            UnlimitedBudget(),
            base_url=wix.url,
        )
        for definition in collection_definitions():
            ensure_collection(portal, definition)
        secrets = {
            "TradingGridCredentials": keys,
            "TradingGridWebhookSecrets": {"secrets": endpoint["secrets"]},
            "WixCredentials": {"apiKey": site["apiKey"]},
            "WixAutomation": {"emailUrl": mail_automation(wix.url, site["siteId"])},
            "InvitationKeySecret": {"invitationKey": 64 * "k"},
            "WixWebhookSecrets": {"signingSecrets": ["whsec_" + 43 * "A" + "="]},
        }
        template = load(checkout / "template.yaml")
        cloud = running.enter_context(run_cloud(template, secrets))
        python = running.enter_context(_interpreter_for(checkout))
        stack = Stack(checkout, template, cloud, grid, wix, webhooks, python, ring_url)
        running.callback(stack.close)
        unbilled = Measured()
        _poll(stack, unbilled, "feed")
        # Each function has run once then, as in a warm environment.
        measure_changes(stack, warm_up, seed=1, batch=10_000)
        yield stack


def measure_changes(stack: Stack, count: int, *, seed: int, batch: int) -> Measured:
    """Bill ``count`` changes by webhook, feed and sweep, in batches of at most ``batch``
    messages.
    """
    measured = Measured()
    # Neither what the series before has changed nor the first publication is swept along.
    stack.grid.order("clock", {"advance": QUIET_SECONDS})
    _sweep(stack, Measured(), "sweep")
    stack.grid.order("clock", {"advance": QUIET_SECONDS})
    stack.cloud.events.clear()
    measured.changes = _play_changes(stack, count, seed)
    _receive_webhooks(stack, measured, batch)
    measured.events["webhook"] = stack.cloud.events.total()
    _poll(stack, measured, "feed", batch)
    measured.events["feed"] = stack.cloud.events.total() - measured.events["webhook"]
    _sweep(stack, measured, "sweep", batch)
    measured.events["sweep"] = stack.cloud.events.total() - sum(measured.events.values())
    return measured


def measure_schedules(stack: Stack) -> Mapping[str, Usage]:
    """Return the units per month, by function, of the runs of all schedules while nothing happens.

    Secrets are cached for five minutes, so the cost of one run is taken from its second one;
    functions that run more often also pay one fetch per cached secret and five minutes.

    The second run of the activity publisher finds no hour to read. In a month it reads about six
    hours of Lens per run, each a call without AWS, and stores one index: some cents.
    """
    month: defaultdict[str, Usage] = defaultdict(Counter)
    for name, message, runs in schedules(stack.template):
        queue = next(one for one, owner in _owners(stack) if owner == name)
        for billed in (False, True):
            measured = Measured()
            stack.cloud.queues[queue].append(message)
            stack.settle(measured, "idle")
            if billed:
                for (_, function), usage in measured.usage.items():
                    for item, units in usage.items():
                        month[function][item] += units * runs  # type: ignore[assignment]
        month[name][Item.SCHEDULE] += runs  # type: ignore[assignment]
        secrets = _secrets_of(stack.template, name)
        fetches = min(runs, HOURS_PER_MONTH * 12) * secrets
        month[name][Item.SECRET_CALL] += fetches  # type: ignore[assignment]
    return month


def _secrets_of(template: Mapping[str, Any], name: str) -> int:
    (variables,) = (
        resource["Properties"]["Environment"]["Variables"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function" and function_name(resource) == name
    )
    return sum(variable.endswith("_SECRET") for variable in variables)


def _owners(stack: Stack) -> Iterator[tuple[str, str]]:
    yield from queue_owners(stack.template).items()


def _play_changes(stack: Stack, count: int, seed: int) -> int:
    stack.webhooks.clear()
    played = stack.grid.order("changes", {"count": count, "seed": seed})["total"]
    wait_for(
        lambda: len(stack.webhooks) >= played,
        f"{played} webhooks",
        progress=lambda: len(stack.webhooks),
    )
    return int(played)


def _receive_webhooks(stack: Stack, into: Measured, batch: int) -> None:
    for request in list(stack.webhooks):
        into.usage["webhook", "trading_grid_webhook"].update(
            api_requests(stack.template, len(request["body"].encode()))
        )
        answer = stack.invoke("trading_grid_webhook", request, into, "webhook")
        if answer["statusCode"] != 202:
            raise RuntimeError(f"a webhook got {answer['statusCode']}: {answer['body']}")
    stack.settle(into, "webhook", batch)


def _poll(stack: Stack, into: Measured, passage: str, batch: int = 10_000) -> None:
    stack.cloud.queues["TradingGridFeedQueue"].append('{"reason": "schedule"}')
    stack.settle(into, passage, batch)


def _sweep(stack: Stack, into: Measured, passage: str, batch: int = 10_000) -> None:
    stack.cloud.queues["ReconcilerQueue"].append('{"mode": "sweep"}')
    stack.settle(into, passage, batch)


@contextmanager
def _interpreter_for(checkout: Path) -> Iterator[str]:
    """Yield a Python interpreter with the libraries of a checkout's layer; for this checkout, the
    running one.
    """
    if checkout == ROOT:
        yield sys.executable
        return
    with TemporaryDirectory() as folder:
        uv = str(ROOT / ".tools/bin/uv")
        python = str(Path(folder) / "bin/python")
        requirements = str(checkout / "layers/common/requirements.txt")
        for command in (
            ["venv", "--quiet", "--python", "3.13", folder],
            ["pip", "install", "--quiet", "--python", python, "-r", requirements, "boto3"],
        ):
            subprocess.run([uv, *command], check=True)
        yield python


@contextmanager
def _take_rings() -> Iterator[str]:
    """Yield the URL of a site's ring function that accepts every ring and publishes none."""

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            answer = b'{"published":0,"failed":0}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    with _serve(Site) as url:
        yield f"{url}/_functions/gridwixRing"


@contextmanager
def _collect_webhooks(into: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a URL that receives webhooks and keeps them as requests of API Gateway."""

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            into.append({"headers": headers, "body": body, "isBase64Encoded": False})
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with _serve(Receiver) as url:
        yield f"{url}/webhooks/trading-grid"


@contextmanager
def _serve(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run an HTTP server on this machine for a ``with`` block; yield its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
