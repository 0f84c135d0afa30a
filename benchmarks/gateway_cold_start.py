"""Benchmark: the import of the community gateway's API function, beside that of botocore alone.

Each import has a process of its own, with byte code as in the layer. The API's caller waits for it
at each cold start, and botocore is the part that no function without boto3 can do without.
"""

import os
import statistics
import subprocess
import sys

from ops.paths import ROOT

API = "import app"
BOTOCORE = "import botocore.session"

RUNS = 11
LARGEST_RATIO = 2.0


def main() -> None:
    """Print the measured import times. Exits with 1 if the limit is passed."""
    ours, botocore, ratio = measure()
    print(f"import of the gateway's function api (median of {RUNS}, in turn with botocore)")
    print(f"  api             {ours:7.0f} ms")
    print(f"  botocore alone  {botocore:7.0f} ms")
    print(f"  ratio           {ratio:7.2f}      goal: below {LARGEST_RATIO}")
    if ratio > LARGEST_RATIO:
        raise SystemExit(f"over the limit of {LARGEST_RATIO} times")


def measure(runs: int = RUNS) -> tuple[float, float, float]:
    """Return the median milliseconds of the API's import and of botocore's, and their median ratio.

    Args:
        runs: Number of measurements.
    """
    # The first import of each writes the byte code.
    time_import(API), time_import(BOTOCORE)
    pairs = [(time_import(API), time_import(BOTOCORE)) for _ in range(runs)]
    return (
        statistics.median(ours for ours, _ in pairs),
        statistics.median(botocore for _, botocore in pairs),
        statistics.median(ours / botocore for ours, botocore in pairs),
    )


def time_import(code: str) -> float:
    """Return the milliseconds of CPU time of a new process that runs an import.

    Another process on a busy machine lengthens the wall time, not the CPU time.

    Args:
        code: The import statement.
    """
    folders = (ROOT / "gateway/functions/api", ROOT / "gateway/layer")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "AWS_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": "api",
    }
    command = [sys.executable, "-c", f"import time\n{code}\nprint(time.process_time())"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout) * 1000


if __name__ == "__main__":
    main()
