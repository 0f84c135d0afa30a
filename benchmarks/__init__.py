"""Benchmarks of gridwix, most of them beside a bare implementation of the same job in the same run
(``make bench``).

Machines differ, but ratios are comparable.
"""

import os

# Read by Powertools when the functions are imported.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "benchmark")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "gridwix")
os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "true")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
