"""Runs the product's functions as Lambda does, in one process and in virtual time.

- ``modules``, ``environments``: an execution environment has modules of its own, so that nothing
  that the product keeps between invocations leaks from one to another.
- ``functions``: invocations, kills, timeouts, deployments, and the API in front of the webhooks.
- ``mappings``: SQS event sources.
- ``telemetry``: logs and metrics, counted and not printed.
- ``transport``: httpx over the models of Trading Grid and Wix.
- ``determinism``: random numbers by seed, and no threads.
"""
