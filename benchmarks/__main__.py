"""``python -m benchmarks``: runs every benchmark in sequence, or the named one.

``python -m benchmarks NAME OPTIONS`` runs one; ``bursts``, ``floods``, ``imports``, ``open_pages``,
``peers``, ``portal`` and ``size`` take options. ``peers`` needs an environment of its own (``make
bench ARGS=peers``), and ``size`` takes half an hour: both run only when they are named.
"""

import logging
import sys
from collections.abc import Callable, Mapping

from benchmarks import (
    bulk,
    bursts,
    cold_start,
    documents,
    events,
    first_response,
    floods,
    gateway_cold_start,
    gateway_commits,
    imports,
    open_pages,
    people,
    portal,
    reading,
    reconcile,
    snapshot,
    submissions,
    trace,
    wix_cold_start,
)
from benchmarks.peers import comparison
from benchmarks.size import run as size

EVERY: Mapping[str, Callable[[], None]] = {
    "cold_start": cold_start.main,
    "wix_cold_start": wix_cold_start.main,
    "imports": imports.main,
    "first_response": first_response.main,
    "gateway_cold_start": gateway_cold_start.main,
    "gateway_commits": gateway_commits.main,
    "events": events.main,
    "bulk": bulk.main,
    "bursts": bursts.main,
    "reconcile": reconcile.main,
    "snapshot": snapshot.main,
    "documents": documents.main,
    "submissions": submissions.main,
    "floods": floods.main,
    "reading": reading.main,
    "trace": trace.main,
    "people": people.main,
    "portal": portal.main,
    "open_pages": open_pages.main,
}

logging.disable(logging.CRITICAL)
name, *options = sys.argv[1:] or [""]
if name == "peers":
    comparison.main(options)
elif name == "size":
    size.main(options)
elif name == "bursts":
    bursts.main(options)
elif name == "floods":
    floods.main(options)
elif name == "imports":
    imports.main(options)
elif name == "open_pages":
    open_pages.main(options)
elif name == "portal":
    portal.main(options)
elif name in EVERY:
    EVERY[name]()
elif name:
    raise SystemExit(f"there is no benchmark {name}: {', '.join([*EVERY, 'peers', 'size'])}")
else:
    for benchmark in EVERY.values():
        benchmark()
        print()
