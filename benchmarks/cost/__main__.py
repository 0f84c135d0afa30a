"""``make cost``: prints what a million changes cost on AWS, and what a month costs without any.

``ARGS="--against CHECKOUT"`` measures another checkout of this repository as well.
"""

import argparse
import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cost.billing import Usage, cost, scaled, total
from benchmarks.cost.idle import SHARED, standing_charges
from benchmarks.cost.prices import AS_OF, MILLION, PRICES, Item
from benchmarks.cost.scenario import (
    AWS_LATENCY,
    GRID_LATENCY,
    PARTNERS,
    PASSAGES,
    WIX_LATENCY,
    Measured,
    measure_changes,
    measure_schedules,
    run_stack,
)
from ops.paths import ROOT

FULL = 10_000
"""Limit on a batch's messages that never applies, so that batches have the template's own: up to
1,000 messages within the batching window.
"""


@dataclass(frozen=True, slots=True)
class Bill:
    """The measured usage of AWS by one checkout. ``idle``: units per month without any change, by
    function.
    """

    full: Measured
    single: Measured
    idle: Mapping[str, Usage]


def measure(checkout: Path, changes: int) -> Bill:
    """Measure a checkout with ``changes`` changes in full batches, and with a tenth of them one by
    one.
    """
    with run_stack(checkout) as stack:
        full = measure_changes(stack, changes, seed=100, batch=FULL)
        single = measure_changes(stack, max(1, changes // 10), seed=5000, batch=1)
        idle: defaultdict[str, Usage] = defaultdict(Counter)
        for part in (standing_charges(stack.template), measure_schedules(stack)):
            for function, usage in part.items():
                idle[function].update(usage)
        for function, metrics in stack.metrics.items():
            idle[function][Item.METRIC_MONTH] += len(metrics)
        return Bill(full, single, idle)


def per_million(measured: Measured) -> Mapping[tuple[str, str], Usage]:
    """Return the units per million changes, by passage (webhook, feed, sweep) and function."""
    factor = MILLION / measured.changes
    return {place: scaled(usage, factor) for place, usage in measured.usage.items()}


def total_cost(measured: Measured) -> float:
    """Return the USD per million changes."""
    return cost(total(per_million(measured).values()))


def print_changes(title: str, measured: Measured) -> None:
    """Print the cost of a million changes by function and passage, and by billed item."""
    usages = per_million(measured)
    functions = sorted(
        {function for _, function in usages},
        key=lambda name: -cost(total(u for (_, f), u in usages.items() if f == name)),
    )
    print(f"\n{title}")
    print(
        f"  {'USD per million changes':28}" + "".join(f"{name:>10}" for name in (*PASSAGES, "all"))
    )
    for function in functions:
        parts = [cost(usages.get((passage, function), {})) for passage in PASSAGES]
        print(f"  {function:28}" + "".join(f"{part:10.3f}" for part in (*parts, sum(parts))))
    sums = [
        cost(total(usage for (one, _), usage in usages.items() if one == passage))
        for passage in PASSAGES
    ]
    print(f"  {'total':28}" + "".join(f"{part:10.3f}" for part in (*sums, sum(sums))))
    print(
        f"\n  {'units per change':36}" + "".join(f"{name:>10}" for name in PASSAGES) + "       USD"
    )
    by_item = {
        item: [
            sum(usage[item] for (one, _), usage in usages.items() if one == passage)
            for passage in PASSAGES
        ]
        for item in Item
    }
    for item, units in sorted(by_item.items(), key=lambda one: -cost({one[0]: sum(one[1])})):
        if sum(units):
            figures = "".join(f"{part / MILLION:10.4f}" for part in units)
            print(f"  {item:36}{figures}{cost({item: sum(units)}):10.3f}")
    events = ", ".join(f"{name} {count}" for name, count in measured.events.items())
    print(f"  events on the bus: {events}; invocations: {measured.invocations.total()}")
    peaks = ", ".join(f"{name} {peak:.0f}" for name, peak in sorted(measured.megabytes.items()))
    print(f"  peak memory, MB: {peaks}")


def print_idle(idle: Mapping[str, Usage]) -> None:
    """Print what a month costs in which nothing changes."""
    print("\nThe month without a change, USD")
    for function, usage in sorted(idle.items(), key=lambda one: -cost(one[1])):
        largest = sorted(usage.items(), key=lambda one: -cost(dict([one])))[:4]
        parts = ", ".join(f"{item.partition(': ')[2]} {cost({item: n}):.2f}" for item, n in largest)
        print(f"  {function:28}{cost(usage):10.2f}   {parts}")
    print(f"  {'total':28}{cost(total(idle.values())):10.2f}")


def print_prices() -> None:
    """Print AWS's list prices, with the URL of each."""
    print(
        f"\nList prices, us-east-1, arm64, {AS_OF}; free tier, taxes and data transfer not counted"
    )
    for item, price in PRICES.items():
        print(f"  {item:36}{price.usd:>14.10g} USD per {price.units:>16,.0f}   {price.url}")


def print_bill(bill: Bill) -> None:
    """Print the costs of one checkout."""
    print_changes(
        f"Full batches: {bill.full.changes:,} changes of {PARTNERS + 3} partners in a second,"
        " up to 1,000 messages per invocation",
        bill.full,
    )
    print_changes(
        f"Single messages: {bill.single.changes:,} changes, one message per invocation",
        bill.single,
    )
    print_idle(bill.idle)


def main() -> None:
    """Measure the checkout, and another one if asked for, and print the costs."""
    parser = argparse.ArgumentParser(prog="make cost", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout")
    parser.add_argument("--changes", type=int, default=1000, help="changes in full batches")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    bill = measure(ROOT, arguments.changes)
    print_bill(bill)
    if arguments.against:
        other = measure(arguments.against.resolve(), arguments.changes)
        print(f"\n=== {arguments.against} ===")
        print_bill(other)
        print(f"\n{'':30}{'this':>10}{'against':>10}{'ratio':>8}")
        for name, ours, theirs in (
            ("full batches", total_cost(bill.full), total_cost(other.full)),
            ("single messages", total_cost(bill.single), total_cost(other.single)),
            ("idle month", cost(total(bill.idle.values())), cost(total(other.idle.values()))),
        ):
            print(f"  {name:28}{ours:10.2f}{theirs:10.2f}{ours / theirs:8.2f}")
    print_prices()
    print(
        f"\nAssumed: {1000 * AWS_LATENCY:.0f} ms per call to AWS, {1000 * GRID_LATENCY:.0f} ms to"
        f" Trading Grid, {1000 * WIX_LATENCY:.0f} ms to Wix. The CPU time is measured; one core"
        " of this machine counts as one vCPU. Cold starts, the nightly comparison and the portal's"
        f" own calls are not in it. {SHARED.capitalize()}: what belongs to no function."
    )


if __name__ == "__main__":
    main()
