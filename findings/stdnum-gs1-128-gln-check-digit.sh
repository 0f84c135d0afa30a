#!/usr/bin/env bash
# python-stdnum 2.2 reads GS1-128 element strings (stdnum.gs1_128).
#
# Guess:     it holds the check digit of a GLN (application identifiers 410 to 417) against the number, as it does for a GTIN (01): both are
#            13- or 14-digit GS1 keys with the same modulo-10 check digit (GS1 General Specifications, 7.9).
# Behaviour: a GTIN with a wrong check digit is refused, a GLN with a wrong one is valid: only some identifiers (01 and 02 among them) have a module that
#            checks them, 410 to 417 have a format alone. A reader of "(414)..." has to check the 13 digits by himself (stdnum.ean does).
# Seen:      (01)00614141000013 InvalidChecksum
#            (414)0614141000006 valid: 4140614141000006
#            0614141000006 by stdnum.ean: False
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'python-stdnum==2.2' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import sys

from stdnum import ean, gs1_128
from stdnum.exceptions import InvalidChecksum

try:
    gs1_128.validate("(01)00614141000013")
except InvalidChecksum:
    print("(01)00614141000013 InvalidChecksum")
else:
    sys.exit("a GTIN with a wrong check digit is valid now")

try:
    print("(414)0614141000006 valid:", gs1_128.validate("(414)0614141000006"))
except Exception as error:
    sys.exit(f"a GLN with a wrong check digit is refused now: {error!r}")

print("0614141000006 by stdnum.ean:", ean.is_valid("0614141000006"))
sys.exit(1 if ean.is_valid("0614141000006") else 0)
PYTHON
