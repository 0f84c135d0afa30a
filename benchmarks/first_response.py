"""Benchmark: time of the first response of both webhook functions in the local cloud, after a
change of their configuration.

Such a change ends the environments of a function, as on AWS: a new one has to start, import and
respond.
"""

import contextlib
from collections.abc import Mapping
from statistics import median
from typing import Any

import httpx

from ops.demo.question import ANSWERS, FORM
from ops.demo.trace import Delivery
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import new_run
from ops.waiting import STANDSTILL

RUNS = 5
GOAL = 600
"""Maximum milliseconds until the first response. Wix gives a webhook 1,250, and counts a later
response as a failure.
"""


def trading_grid_milliseconds(local: LocalEnvironment) -> float:
    """Change a record in Trading Grid, and return the duration of its webhook in milliseconds."""
    known = len(local.gateway.list_deliveries(local.webhook_id))
    case = local.gateway.list_records("cases")["items"][0]
    local.gateway.comment_on_case(case["id"], "We look into it.")

    def delivered() -> Delivery | None:
        found = local.gateway.list_deliveries(local.webhook_id)
        return Delivery.read(found[0]) if len(found) > known else None

    delivery = local.wait_for(delivered, "the webhook of Trading Grid")
    assert delivery is not None
    return delivery.took * 1000


def wix_milliseconds(local: LocalEnvironment) -> float:
    """Submit a form on the site, and return the duration of its webhook in milliseconds."""
    wish = {"formId": FORM, "submissions": ANSWERS}
    submission = local.wix.order("submissions", wish)["submission"]["id"]

    def delivered() -> Mapping[str, Any] | None:
        listed = httpx.get(f"{local.wix.url}/__emulator/webhooks/deliveries", timeout=STANDSTILL)
        return next(
            (
                one
                for one in listed.json()["deliveries"]
                if one["entityId"] == submission and one["lastAttemptAt"] is not None
            ),
            None,
        )

    delivery = local.wait_for(delivered, "the webhook of Wix")
    assert delivery is not None
    return float(delivery["milliseconds"])


def end_environments(local: LocalEnvironment, function: str, run: int) -> None:
    """Change a function's environment variables, so that its next invocation is a cold start."""
    functions, name = local.stack.aws.functions, local.stack.functions[function]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**variables, "BENCHMARK_RUN": str(run)}}
    )
    local.wait_until_idle()


def main() -> None:
    """Run the benchmark of first responses and print its figures."""
    with start_local_environment(new_run("bench"), lambda _: contextlib.nullcontext()) as local:
        measures = {
            "trading_grid_webhook": trading_grid_milliseconds,
            "wix_webhook": wix_milliseconds,
        }
        print(f"first response in the local cloud (median of {RUNS} cold starts, and warm)")
        for function, measure in measures.items():
            cold = []
            for run in range(RUNS):
                end_environments(local, function, run)
                cold.append(measure(local))
            warm = measure(local)
            print(f"  {function:22} {median(cold):6.0f} ms, {warm:.0f}   goal: below {GOAL}")


if __name__ == "__main__":
    main()
