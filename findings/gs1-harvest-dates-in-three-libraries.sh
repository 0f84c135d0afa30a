#!/usr/bin/env bash
# biip 5.2.0 and python-stdnum 2.2 (PyPI, Python 3.11 or later), gs1-barcode-parser-mod 1.2.1 (npm, Node.js) read a label with a range of harvest dates.
#
# Guess:     application identifier 7007 is one date or two, YYMMDD[YYMMDD] (GS1 General Specifications; https://ref.gs1.org/ai/7007). All three give both days.
# Behavior:  only python-stdnum does. biip takes the second date for a time of day: harvests of 2000 to 2023 get a wrong time and no end, since "23" is an hour.
#            From 2024 on the label has no GS1 message at all: its GTIN and lot are gone with the range. gs1-barcode-parser-mod knows the single date only, and
#            looks for the next application identifier in the middle of the second date. A single date is read by all three.
# Seen:      python-stdnum  2023-10-01 and 2023-10-31, 2026-11-01 and 2026-11-30
#            biip           (7007)231001231031: date 2023-10-01, datetime 2023-10-01 23:10:31
#            biip           (01)09506000134352(7007)261101261130(10)LOT1: no message, Failed to parse GS1 AI (7007) date/time from '261101261130'.
#            biip           (01)09506000134352(7007)261101(10)LOT1: (01)09506000134352(7007)261101(10)LOT1
#            gs1-barcode-parser-mod  range: invalid AI after '2'
#            gs1-barcode-parser-mod  single date: 01 7007 10
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'biip==5.2.0' 'python-stdnum==2.2' 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/npm" 'gs1-barcode-parser-mod@1.2.1'

"$work/venv/bin/python" - <<'PYTHON'
import sys
from datetime import date, datetime

import biip
from biip.gs1_element_strings import GS1ElementString
from stdnum import gs1_128

old = gs1_128.info("(7007)231001231031")["7007"]
new = gs1_128.info("(7007)261101261130")["7007"]
print("python-stdnum ", ", ".join(f"{first} and {last}" for first, last in (old, new)))
as_seen = old == (date(2023, 10, 1), date(2023, 10, 31)) and new == (date(2026, 11, 1), date(2026, 11, 30))

element = GS1ElementString.parse("7007231001231031")
print(f"biip           (7007)231001231031: date {element.date}, datetime {element.datetime}")
as_seen &= element.datetime == datetime(2023, 10, 1, 23, 10, 31)

for harvest, readable in (("261101261130", False), ("261101", True)):
    label = biip.parse(f"0109506000134352" f"7007{harvest}\x1d" "10LOT1")
    found = label.gs1_message.as_hri() if label.gs1_message else f"no message, {label.gs1_message_error}"
    print(f"biip           (01)09506000134352(7007){harvest}(10)LOT1: {found}")
    as_seen &= bool(label.gs1_message) == readable
sys.exit(not as_seen)
PYTHON

cd "$work/npm"
node - <<'JS'
const { parseBarcode } = require('gs1-barcode-parser-mod');
const read = (harvest) => {
  try {
    return parseBarcode(`01095060001343527007${harvest}\u001d10LOT1`).parsedCodeItems.map((item) => item.ai).join(' ');
  } catch (error) {
    return String(error.message ?? error);
  }
};
const [range, single] = [read('261101261130'), read('261101')];
console.log(`gs1-barcode-parser-mod  range: ${range}`);
console.log(`gs1-barcode-parser-mod  single date: ${single}`);
process.exit(range.startsWith('invalid AI') && single === '01 7007 10' ? 0 : 1);
JS
