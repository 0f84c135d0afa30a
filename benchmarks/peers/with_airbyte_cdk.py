"""Peer of the comparison: airbyte-cdk, with an HTTP stream and a destination that writes batches.

Both run in one process: the platform would connect two by a pipe, with a JSON document per row.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import requests
from airbyte_cdk import AbstractSource, AirbyteMessage, Destination, HttpStream, Type
from airbyte_cdk.models import (
    AirbyteConnectionStatus,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    Status,
    SyncMode,
)

from benchmarks.peers.job import BATCH, COLLECTION, SAVE, read_job, report

job = read_job()
logger = logging.getLogger("airbyte")
logger.setLevel(logging.ERROR)


class Rows(HttpStream):
    """The stream of all pages of the source."""

    url_base = f"{job.url}/"
    primary_key = "_id"
    name = "rows"

    def path(self, **_: Any) -> str:
        return "rows"

    def next_page_token(self, response: requests.Response) -> Mapping[str, Any] | None:
        page = response.json()["next"]
        return None if page is None else {"page": page}

    def request_params(
        self, next_page_token: Mapping[str, Any] | None = None, **_: Any
    ) -> Mapping[str, Any]:
        return next_page_token or {"page": 0}

    def parse_response(self, response: requests.Response, **_: Any) -> Iterable[Mapping[str, Any]]:
        yield from response.json()["rows"]

    def get_json_schema(self) -> Mapping[str, Any]:
        return {"type": "object", "additionalProperties": True, "properties": {}}


class Source(AbstractSource):
    """The airbyte source, with its one stream."""

    def check_connection(self, logger: logging.Logger, config: Any) -> tuple[bool, Any]:
        return True, None

    def streams(self, config: Any) -> list[Any]:
        return [Rows()]


class Sink(Destination):
    """The airbyte destination: writes rows to the sink in batches."""

    def check(self, logger: logging.Logger, config: Any) -> AirbyteConnectionStatus:
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def write(
        self, config: Any, configured_catalog: Any, input_messages: Iterable[AirbyteMessage]
    ) -> Iterable[AirbyteMessage]:
        batch: list[Any] = []
        with requests.Session() as session:
            for message in input_messages:
                if message.type is Type.RECORD:
                    batch.append(message.record.data)
                    if len(batch) == BATCH:
                        self.flush(session, batch)
                elif message.type is Type.STATE:
                    # A state may be confirmed only after the rows before it are written.
                    self.flush(session, batch)
                    yield message
            self.flush(session, batch)

    def flush(self, session: requests.Session, batch: list[Any]) -> None:
        if not batch:
            return
        body: Any = {
            "dataCollectionId": COLLECTION,
            "dataItems": [{"id": row["_id"], "data": row} for row in batch],
        }
        session.post(job.url + SAVE, json=body).raise_for_status()
        batch.clear()


def main() -> None:
    source = Source()
    stream = Rows().as_airbyte_stream()
    catalog = ConfiguredAirbyteCatalog(
        streams=[
            ConfiguredAirbyteStream(
                stream=stream,
                sync_mode=SyncMode.full_refresh,
                destination_sync_mode=DestinationSyncMode.append,
            )
        ]
    )
    for _ in Sink().write({}, catalog, source.read(logger, {}, catalog, None)):
        pass
    report(0)


main()
