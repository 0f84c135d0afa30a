#!/usr/bin/env bash
# aws-lambda-powertools 3.37.0 (PyPI, Python 3.10 or later) reads the event that Amazon S3 sends to EventBridge, by its data class and by its parser.
#
# Guess:     both give the same key. The S3 User Guide says that the key is URL-encoded in notifications to SQS, SNS and Lambda ("Event message structure":
#            red+flower.jpg), and nothing of the kind for EventBridge ("EventBridge event message structure"), so it is the name of the object as it stands.
# Behavior:  the parser's model leaves the key as it is, the data class decodes it as that of a notification: of one event and a file "PO+4711.edi", one reader
#            asks S3 for "PO 4711.edi", which is another object, or none. Whichever a team takes, names without plus and percent signs are equal, so tests pass.
# Seen:      orders/PO 4711.edi: parser orders/PO 4711.edi, data class orders/PO 4711.edi
#            orders/PO+4711.edi: parser orders/PO+4711.edi, data class orders/PO 4711.edi
#            orders/50%25.edi: parser orders/50%25.edi, data class orders/50%.edi
#
# Exits non-zero if that is otherwise.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'aws-lambda-powertools[parser]==3.37.0' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import sys

from aws_lambda_powertools.utilities.data_classes import S3EventBridgeNotificationEvent
from aws_lambda_powertools.utilities.parser.models import S3EventNotificationEventBridgeModel


def object_created(key):
    """Return an event as the S3 User Guide shows it."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2026-11-29T12:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:s3:::orders"],
        "detail": {
            "version": "0",
            "bucket": {"name": "orders"},
            "object": {"key": key, "size": 5, "etag": "b1946ac92492d2347c6235b4d2611184", "sequencer": "00617F08299329D189"},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "192.0.2.1",
            "reason": "PutObject",
        },
    }


as_seen = True
for key, by_class in (
    ("orders/PO 4711.edi", "orders/PO 4711.edi"),
    ("orders/PO+4711.edi", "orders/PO 4711.edi"),
    ("orders/50%25.edi", "orders/50%.edi"),
):
    event = object_created(key)
    parsed = S3EventNotificationEventBridgeModel.model_validate(event).detail.object.key
    read = S3EventBridgeNotificationEvent(event).detail.object.key
    print(f"{key}: parser {parsed}, data class {read}")
    as_seen &= parsed == key and read == by_class
sys.exit(not as_seen)
PYTHON
