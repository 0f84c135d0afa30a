#!/usr/bin/env bash
# A time of day that is written in YAML without quotes becomes another time, in another zone, when PyYAML and pydantic meet; and only from 10:00 on, or without
# the leading zero.
#
# Packages: PyYAML 6.0.3, pydantic 2.14.3; Python 3.9 or later.
# Guess:    `opens: 08:00` and `closes: 17:00` in a YAML file both become datetime.time of these times in a pydantic model, or both are refused.
# Behaviour: 08:00 is a text to PyYAML (YAML 1.1's numbers in base 60 begin with 1 to 9), and pydantic reads it as 08:00. 17:00 is the number 1020, which pydantic
#           takes for seconds since midnight in UTC: 00:17:00, with a time zone. The two cannot even be compared: TypeError, not a ValidationError, when a
#           model's own validator tries to.
# Seen:
#   {'opens': '08:00', 'closes': 1020}
#   opens=datetime.time(8, 0) closes=datetime.time(0, 17, tzinfo=TzInfo(0))
#   TypeError: can't compare offset-naive and offset-aware times
#
# Ends with 1 if this is no longer so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyyaml==6.0.3 pydantic==2.14.3
"$folder/venv/bin/python" - <<'PY'
import sys
from datetime import time

import yaml
from pydantic import BaseModel


class Hours(BaseModel):
    opens: time
    closes: time


read = yaml.safe_load("opens: 08:00\ncloses: 17:00\n")
print(read)
hours = Hours.model_validate(read)
print(f"opens={hours.opens!r} closes={hours.closes!r}")
try:
    hours.opens < hours.closes
    compared = "compared"
except TypeError as error:
    compared = f"TypeError: {error}"
print(compared)
as_seen = read == {"opens": "08:00", "closes": 1020} and hours.opens == time(8) and hours.closes.replace(tzinfo=None) == time(0, 17) and hours.closes.tzinfo is not None
sys.exit(0 if as_seen and compared.startswith("TypeError") else 1)
PY
