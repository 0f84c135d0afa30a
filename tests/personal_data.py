"""Dumps of every store, and a search of their bytes for a person.

A dump maps ``store/key`` to the bytes of one thing: an item, an object, a message, a log event, a
row, a file. The search looks into JSON escapes, base64 and gzip, too.
"""

import base64
import binascii
import contextlib
import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from ops.aws import Aws
from ops.queues import BRIEF_HOLD, Holding, read_depth

type Dump = dict[str, bytes]

_ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
MAX_DEPTH = 3


def dump_tables(aws: Aws, names: Iterable[str]) -> Dump:
    """All items of these DynamoDB tables."""
    return {
        f"{name}/{number}": json.dumps(item, default=repr).encode()
        for name in names
        for number, item in enumerate(
            item
            for page in aws.dynamodb.get_paginator("scan").paginate(TableName=name)
            for item in page["Items"]
        )
    }


def dump_buckets(aws: Aws, names: Iterable[str]) -> Dump:
    """All objects of these S3 buckets, by key."""
    return {
        f"{name}/{entry['Key']}": entry["Key"].encode()
        + b"\n"
        + aws.s3.get_object(Bucket=name, Key=entry["Key"])["Body"].read()
        for name in names
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=name)
        for entry in page.get("Contents", [])
    }


def dump_queues(aws: Aws, urls: Iterable[str]) -> Dump:
    """All messages of these queues, which are visible again afterwards."""
    found: Dump = {}
    for url in urls:
        with Holding(aws.sqs, url, seconds=BRIEF_HOLD) as holding:
            # An empty queue would be waited for. The local cloud's numbers are exact.
            for messages in holding.receive(read_depth(aws.sqs, url).total):
                for message in messages:
                    text = json.dumps([message["Body"], message.get("MessageAttributes", {})])
                    found[f"{url}/{message['MessageId']}"] = text.encode()
    return found


def dump_logs(aws: Aws, groups: Iterable[str]) -> Dump:
    """All events of these log groups."""
    return {
        f"{group}/{number}": event["message"].encode()
        for group in groups
        for number, event in enumerate(
            event
            for page in aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
        )
    }


def dump_site(state: Path) -> Dump:
    """Everything that the Wix emulator holds now: rows of each collection, members, contacts,
    conversations, submissions, files with their bytes. Not its history of writes, which is a help
    for tests and no part of Wix.

    Args:
        state: The emulator's SQLite file; the bytes of files are in a folder beside it.
    """
    connection = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    found: Dump = {
        f"wix/{name}/{identifier}": f"{identifier}\n".encode() + bytes(data)
        for name, identifier, data in connection.execute("SELECT name, id, data FROM item")
    }
    connection.close()
    blobs = state.with_suffix(".blobs")
    return found | {
        f"wix/file/{path.name}": path.read_bytes() for path in blobs.rglob("*") if path.is_file()
    }


def search(dump: Mapping[str, bytes], needles: Iterable[str]) -> dict[str, set[str]]:
    """The needles that each thing of a dump contains, whatever its case and encoding."""
    wanted = {needle: needle.casefold() for needle in needles}
    found: dict[str, set[str]] = {}
    for key, content in dump.items():
        texts = [
            text.casefold()
            for raw in _decodings(content)
            for text in _readings(raw.decode(errors="replace"))
        ]
        if hits := {needle for needle, low in wanted.items() if any(low in text for text in texts)}:
            found[key] = hits
    return found


def _decodings(content: bytes, depth: int = 0) -> Iterator[bytes]:
    yield content
    if depth >= MAX_DEPTH:
        return
    if content[:2] == b"\x1f\x8b":
        with contextlib.suppress(OSError, EOFError, zlib.error):
            yield from _decodings(gzip.decompress(content), depth + 1)
    if b"%" in content:
        yield unquote_to_bytes(content)
    for match in _ENCODED.finditer(content):
        text = match.group().rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        try:
            inner = base64.b64decode(text + b"=" * (-len(text) % 4))
        except binascii.Error:
            continue
        yield from _decodings(inner, depth + 1)


def _readings(text: str) -> Iterator[str]:
    yield text
    for _ in range(MAX_DEPTH):
        # JSON within JSON has its escapes escaped.
        plain = re.sub(r"\\+u([0-9a-fA-F]{4})", _character, text)
        if plain == text:
            return
        text = plain
        yield text


def _character(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 16))


def table_names(resources: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Names of all tables, buckets, queues and log groups of a stack, by kind."""
    return {
        "tables": sorted(resources.get("AWS::DynamoDB::Table", {}).values()),
        "buckets": sorted(resources.get("AWS::S3::Bucket", {}).values()),
        "queues": sorted(resources.get("AWS::SQS::Queue", {}).values()),
        "logs": sorted(resources.get("AWS::Logs::LogGroup", {}).values()),
    }
