"""``python -m ops.prose [FILE ...]``: prints each finding and ends with 1 if there is one."""

import sys
from pathlib import Path

from ops.prose import documents, lint

findings = lint([Path(name).resolve() for name in sys.argv[1:]] or documents())
for finding in findings:
    print(finding)
sys.exit(1 if findings else 0)
