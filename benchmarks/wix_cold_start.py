"""Benchmark: cold start of ``wix_webhook`` with a token to verify, beside a bare interpreter;
lists the slowest imports.
"""

import json
import re
import statistics
import subprocess
import sys
import time

from benchmarks.cold_start import function_environment, serve_aws
from tests.fakes.wix_webhooks import INSTANCE, claims, event, public_pem, token

GIVEN = 1250
"""Milliseconds for which Wix waits for a response, cold start included."""

GOAL = 600
"""Maximum milliseconds of the first request on two cores."""

CODE = """
import json, sys
from functions.wix_webhook.handler import handler
answer = handler(json.load(sys.stdin), None)
assert answer["statusCode"] == 200, answer
"""
NOTHING = "import json, sys; json.load(sys.stdin)"


def signed_request() -> str:
    """Return an API Gateway event with a signed Wix webhook."""
    now = int(time.time())
    return json.dumps(
        {
            "headers": {},
            "body": token(claims(event(), iat=now, exp=now + 600)),
            "isBase64Encoded": False,
        }
    )


def function_variables(url: str) -> dict[str, str]:
    """Return the environment variables of ``wix_webhook``."""
    return function_environment(url, "wix_webhook") | {
        "SUBMISSION_TABLE": "submissions",
        "SUBMISSION_DAYS": "400",
        "WIX_INSTANCE_ID": INSTANCE,
        "WIX_WEBHOOK_SECRET": "secret",
    }


def time_process(code: str, url: str, body: str) -> float:
    """Run Python code in a new process; return its milliseconds from start to end."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code],
        input=body,
        text=True,
        check=True,
        capture_output=True,
        env=function_variables(url),
    )
    return (time.perf_counter() - begun) * 1000


def slowest_imports(url: str) -> list[tuple[float, str]]:
    """Return the packages that take longest to import, with their milliseconds (nested imports
    included).
    """
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import functions.wix_webhook.handler"],
        capture_output=True,
        text=True,
        check=True,
        env=function_variables(url),
    ).stderr
    found = [
        (int(micro) / 1000, name)
        for micro, name in re.findall(r"\|\s+(\d+) \| +(\S+)$", shown, re.MULTILINE)
    ]
    return sorted((each for each in found if each[1].count(".") <= 1), reverse=True)[:12]


def measure(runs: int = 9) -> tuple[float, float, list[tuple[float, str]]]:
    """Return the median milliseconds of the first request and of a bare interpreter, and the
    slowest imports.
    """
    with serve_aws({"publicKeys": [public_pem()], "signingSecrets": []}) as url:
        body = signed_request()
        time_process(CODE, url, body)
        pairs = [
            (time_process(CODE, url, body), time_process(NOTHING, url, body)) for _ in range(runs)
        ]
        return (
            statistics.median(first for first, _ in pairs),
            statistics.median(bare for _, bare in pairs),
            slowest_imports(url),
        )


def main() -> None:
    """Run the benchmark of the cold start and print its figures."""
    first, bare, slowest = measure()
    print(
        f"wix_webhook, cold start: {first:.0f} ms to the first response,"
        f" {bare:.0f} ms of them for Python itself   goal: under {GOAL}; Wix gives {GIVEN}"
    )
    print(
        "  slowest imports     "
        + ", ".join(f"{name} {milliseconds:.0f} ms" for milliseconds, name in slowest)
    )


if __name__ == "__main__":
    main()
