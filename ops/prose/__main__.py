"""``python -m ops.prose [FILE ...]``: lints the prose of files, by default of all docs.

Prints each finding. The exit code is 1 if there is one, else 0.
"""

import sys
from pathlib import Path

from ops.prose import documents, lint

findings = lint([Path(name).resolve() for name in sys.argv[1:]] or documents())
for finding in findings:
    print(finding)
sys.exit(1 if findings else 0)
