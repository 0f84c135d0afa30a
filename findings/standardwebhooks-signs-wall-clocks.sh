#!/usr/bin/env bash
# standardwebhooks 1.1.0 (PyPI, Python 3.9 or later) signs one message at one instant, which is given in three time zones.
#
# Guess:     sign() takes a datetime, and an instant is the same in every zone. The signature is over "id.timestamp.payload", with the seconds since the epoch of
#            webhook-timestamp (Standard Webhooks specification, "Signature scheme"), so verify() accepts all three.
# Behavior:  sign() replaces the zone by UTC and keeps the wall clock: for 14:00 in Berlin it signs 14:00 UTC. The sender writes int(moment.timestamp()) into
#            webhook-timestamp, and no receiver finds a matching signature, this package's verify() included. In a zone like London's it works all winter. The
#            package for JavaScript signs the instant. So convert with astimezone(timezone.utc) first.
# Seen:      UTC: verified
#            Europe/Berlin: No matching signature found
#            Asia/Tokyo: No matching signature found
#            Asia/Tokyo, astimezone(timezone.utc): verified
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'standardwebhooks==1.1.0' 'tzdata==2026.6' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook("whsec_bWFkZSB1cCBmb3IgdGhpcyBzY3JpcHQgb25seQ==")
body = '{"type":"order.changed"}'


def send_and_verify(moment):
    """Return what a receiver says about a message that is signed at that moment."""
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": webhook.sign("msg_1", moment, body),
    }
    try:
        webhook.verify(body, headers)
    except WebhookVerificationError as error:
        return str(error)
    return "verified"


now = datetime.now(timezone.utc)
tokyo = now.astimezone(ZoneInfo("Asia/Tokyo"))
seen = [
    ("UTC", send_and_verify(now)),
    ("Europe/Berlin", send_and_verify(now.astimezone(ZoneInfo("Europe/Berlin")))),
    ("Asia/Tokyo", send_and_verify(tokyo)),
    ("Asia/Tokyo, astimezone(timezone.utc)", send_and_verify(tokyo.astimezone(timezone.utc))),
]
for zone, verdict in seen:
    print(f"{zone}: {verdict}")
refused = "No matching signature found"
sys.exit([verdict for _, verdict in seen] != ["verified", refused, refused, "verified"])
PYTHON
