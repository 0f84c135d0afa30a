#!/usr/bin/env bash
# cloudevents 10.0.0 (npm, Node.js) and cloudevents 2.2.0 (PyPI, Python 3.10 or later), both of the CloudEvents project, exchange events in HTTP's binary mode.
#
# Guess:     an event arrives with the attributes that it was sent with. The HTTP binding (v1.0.2, 3.1.3.2 HTTP Header Values) asks senders to percent-encode
#            spaces, double quotes and percent signs in ce- headers, and receivers to decode them once.
# Behavior:  the Python SDK does both, the JavaScript SDK neither. From JavaScript to Python, each %25 in a subject loses its 25; from Python to JavaScript, a
#            subject with a space arrives with %20 in it. Each SDK understands itself, so the tests of either side pass. The structured mode (JSON) is not
#            concerned.
# Seen:      JavaScript to Python: "PO 4711, key a%2Fb" arrives as "PO 4711, key a/b"
#            Python to JavaScript: "PO 4711, key a%2Fb" arrives as "PO%204711,%20key%20a%252Fb"
#            Python to Python:     "PO 4711, key a%2Fb" arrives as "PO 4711, key a%2Fb"
#            JavaScript to JavaScript: "PO 4711, key a%2Fb" arrives as "PO 4711, key a%2Fb"
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'cloudevents==2.2.0' 2>/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/npm" 'cloudevents@10.0.0'

subject='PO 4711, key a%2Fb'
cat > "$work/npm/event.js" <<'JS'
const { readFileSync } = require('node:fs');
const { CloudEvent, HTTP } = require('cloudevents');
const [action, subject] = process.argv.slice(2);
if (action === 'send') {
  const event = new CloudEvent({ id: '1', source: '/orders', type: 'com.example.order.changed', subject, data: {} });
  console.log(JSON.stringify(HTTP.binary(event).headers));
} else {
  console.log(HTTP.toEvent({ headers: JSON.parse(readFileSync(0, 'utf8')), body: '{}' }).subject);
}
JS
cat > "$work/event.py" <<'PYTHON'
import json
import sys

from cloudevents.core.bindings.http import HTTPMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

if sys.argv[1] == "send":
    attributes = {"specversion": "1.0", "id": "1", "source": "/orders", "type": "com.example.order.changed"}
    event = CloudEvent({**attributes, "subject": sys.argv[2], "datacontenttype": "application/json"}, {})
    print(json.dumps(to_binary(event, JSONFormat()).headers))
else:
    print(from_binary(HTTPMessage(json.load(sys.stdin), b"{}"), JSONFormat()).get_subject())
PYTHON
python() { "$work/venv/bin/python" "$work/event.py" "$@"; }
javascript() { (cd "$work/npm" && node event.js "$@"); }

status=0
exchange() {  # exchange LABEL SENDER RECEIVER EXPECTED
  local received
  received="$("$2" send "$subject" | "$3" receive)"
  echo "$1 \"$subject\" arrives as \"$received\""
  [[ "$received" == "$4" ]] || status=1
}
exchange "JavaScript to Python:" javascript python 'PO 4711, key a/b'
exchange "Python to JavaScript:" python javascript 'PO%204711,%20key%20a%252Fb'
exchange "Python to Python:    " python python "$subject"
exchange "JavaScript to JavaScript:" javascript javascript "$subject"
exit "$status"
