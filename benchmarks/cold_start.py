"""Benchmark: cold start of ``trading_grid_webhook``, beside a handler that only puts one event on
the bus with boto3.

Measures a new interpreter, the imports and the first request.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ANSWERS = {
    "secretsmanager.GetSecretValue": {"SecretString": json.dumps({"secrets": [SECRET]})},
    "DynamoDB_20120810.PutItem": {},
    "AWSEvents.PutEvents": {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]},
}

GRIDWIX = """
import json, sys
from functions.trading_grid_webhook.handler import handler
assert handler(json.load(sys.stdin), None)["statusCode"] == 202
"""

BARE = """
import json, os, sys
import boto3
client = boto3.client("events")
def handler(event, context):
    entry = {"Source": "bare", "DetailType": "bare", "Detail": event["body"]}
    client.put_events(Entries=[{"EventBusName": os.environ["BUS_NAME"], **entry}])
    return {"statusCode": 202}
assert handler(json.load(sys.stdin), None)["statusCode"] == 202
"""


class Aws(BaseHTTPRequestHandler):
    """A local AWS endpoint that responds at once, so that only gridwix's own time is measured."""

    protocol_version = "HTTP/1.1"
    answers: Mapping[str, object] = ANSWERS

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(self.answers[self.headers["x-amz-target"]]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Log nothing: requests would clutter the output."""


@contextmanager
def serve_aws(secret: Mapping[str, object] | None = None) -> Iterator[str]:
    """Yield the URL of an endpoint that responds to the AWS calls of a webhook function.

    ``secret`` is the value of its secret; None uses Trading Grid's signing secret.
    """
    answers = (
        ANSWERS
        if secret is None
        else {**ANSWERS, "secretsmanager.GetSecretValue": {"SecretString": json.dumps(secret)}}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Aws", (Aws,), {"answers": answers}))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def event() -> str:
    """Return an API Gateway request with a signed webhook of Trading Grid."""
    body = json.dumps(
        {
            "specversion": "1.0",
            "id": "evt_1",
            "source": "/tg/companies/GC00700011NR",
            "type": "net.example.tg.compliance.status_changed",
            "subject": "compliance-checks/chk_1",
            "time": datetime.now(UTC).isoformat(),
            "companyid": "GC00700011NR",
            "partnerid": "GC070000000101",
            "data": {"version": 7},
        }
    )
    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign("evt_1", now, body)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    return json.dumps({"headers": headers, "body": body, "isBase64Encoded": False})


def function_environment(url: str, function: str) -> dict[str, str]:
    """Return the environment variables that both webhook functions need."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "POWERTOOLS_SERVICE_NAME": function,
        "POWERTOOLS_METRICS_NAMESPACE": "gridwix",
        "BUS_NAME": "bus",
    }


def time_process(code: str, url: str) -> float:
    """Run Python code in a new process; return its milliseconds from start to end."""
    variables = function_environment(url, "trading_grid_webhook") | {
        "HANDOVER_TABLE": "handovers",
        "JOURNAL_DAYS": "30",
        "JOURNAL_TABLE": "journal",
        "WEBHOOK_INBOX_TABLE": "inbox",
        "TRADING_GRID_COMPANY_ID": "GC00700011NR",
        "TRADING_GRID_EVENT_TYPE_PREFIX": "net.example.tg.",
        "TRADING_GRID_WEBHOOK_MODE": "standard-webhooks",
        "TRADING_GRID_WEBHOOK_SECRET": "secret",
    }
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code],
        input=event(),
        text=True,
        check=True,
        capture_output=True,
        env=variables,
    )
    return (time.perf_counter() - begun) * 1000


def measure(runs: int = 9) -> tuple[float, float, float]:
    """Return the median milliseconds of gridwix's function and of the bare handler, and their
    median ratio.
    """
    with serve_aws() as url:
        time_process(GRIDWIX, url), time_process(BARE, url)
        pairs = [(time_process(GRIDWIX, url), time_process(BARE, url)) for _ in range(runs)]
    return (
        statistics.median(ours for ours, _ in pairs),
        statistics.median(bare for _, bare in pairs),
        statistics.median(ours / bare for ours, bare in pairs),
    )


def main() -> None:
    """Run the benchmark of cold starts and print its figures."""
    ours, bare, ratio = measure()
    print(
        "cold start of trading_grid_webhook: interpreter, import, first request"
        " (median of 9, in turn with the bare handler)"
    )
    print(f"  gridwix       {ours:7.0f} ms   goal: below 400")
    print(f"  bare boto3    {bare:7.0f} ms")
    print(f"  ratio         {ratio:7.2f}      goal: below 1.6")


if __name__ == "__main__":
    main()
