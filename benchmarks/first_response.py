"""Benchmark: the first response of both webhook functions in the local cloud, after a deployment.

Nothing of them runs yet: their environments start, import and answer.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import httpx

from ops.demo.question import ANSWERS, FORM
from ops.demo.trace import Delivery
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import new_run
from ops.waiting import STANDSTILL

GOAL = 600
"""Maximum milliseconds. Wix gives a webhook 1,250, and counts a later response as a failure."""


def trading_grid_milliseconds(local: LocalEnvironment) -> float:
    """Change a record, and return how long its webhook took."""
    case = local.gateway.list_records("cases")["items"][0]
    local.gateway.comment_on_case(case["id"], "We look into it.")

    def first() -> Delivery | None:
        found = [Delivery.read(one) for one in local.gateway.list_deliveries(local.webhook_id)]
        return next((delivery for delivery in reversed(found) if delivery is not None), None)

    delivery = local.wait_for(first, "the webhook of Trading Grid")
    assert delivery is not None
    return delivery.took * 1000


def wix_milliseconds(local: LocalEnvironment) -> float:
    """Submit a form on the site, and return how long its webhook took."""
    local.wix.order("submissions", {"formId": FORM, "submissions": ANSWERS})

    def first() -> Mapping[str, Any] | None:
        listed = httpx.get(f"{local.wix.url}/__emulator/webhooks/deliveries", timeout=STANDSTILL)
        return next(
            (one for one in listed.json()["deliveries"] if one.get("milliseconds") is not None),
            None,
        )

    delivery = local.wait_for(first, "the webhook of Wix")
    assert delivery is not None
    return float(delivery["milliseconds"])


def main() -> None:
    """Run the benchmark and print its figures."""
    with start_local_environment(new_run("bench"), lambda _: contextlib.nullcontext()) as local:
        taken = {
            "trading_grid_webhook": trading_grid_milliseconds(local),
            "wix_webhook": wix_milliseconds(local),
        }
    print("first response after a deployment, in the local cloud")
    for function, milliseconds in taken.items():
        print(f"  {function:22} {milliseconds:6.0f} ms   goal: below {GOAL}")


if __name__ == "__main__":
    main()
