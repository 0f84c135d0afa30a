"""Environment of the functions. Set before any import, because Powertools reads it at import."""

import os

from hypothesis import HealthCheck, settings

from ops.waiting import wait_for_answers

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "gridwix")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "false")

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("gridwix", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gridwix")

wait_for_answers()
