"""What the functions' environment has in common. Set before anything is imported, since Powertools reads it then."""

import os

from hypothesis import settings

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "gridwix")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "false")

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("gridwix", deadline=None)
settings.load_profile("gridwix")
