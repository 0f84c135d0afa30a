"""Peer of the comparison: the gridwix of commit 3e20a01, which has the same classes in other
modules.
"""

import sys
from importlib import import_module
from types import ModuleType

sys.modules["click"] = None  # type: ignore[assignment]

collector = ModuleType("gridwix.runtime.garbage_collection")
vars(collector)["tune_garbage_collection"] = import_module(
    "gridwix.runtime.collector"
).spare_the_collector
messages = import_module("gridwix.clients.http")
sys.modules |= {
    "gridwix.clients.http_messages": messages,
    collector.__name__: collector,
    "gridwix.publication": ModuleType("gridwix.publication"),
    "gridwix.publication.models": import_module("gridwix.models.publication"),
    "gridwix.publication.ports": import_module("gridwix.services.ports"),
    "gridwix.publication.publisher": import_module("gridwix.services.publication"),
}

from benchmarks.peers.with_gridwix import main

main()
