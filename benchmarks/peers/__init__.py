"""gridwix beside other tools on one job: a paged HTTP source into a bulk HTTP sink.

``python -m benchmarks peers`` starts :mod:`benchmarks.peers.server` and runs, in turn and as whole
processes, each ``with_*`` module, a plain script and an asyncio loop. Only gridwix's own module
imports anything of gridwix: the others run in ``.tools/peers``.
"""
