"""Peer of the comparison: dlt as its documentation describes reverse ETL, with a REST client, a
paginator, and a custom destination that takes batches
(https://dlthub.com/docs/dlt-ecosystem/destinations/destination).

All settings are dlt's defaults, except the size of a batch, which is that of a bulk call.
"""

import os
import tempfile
from collections.abc import Iterator
from typing import Any

os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR")

import dlt
from dlt.sources.helpers import requests
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

from benchmarks.peers.job import BATCH, COLLECTION, SAVE, read_job, report

job = read_job()


@dlt.resource(name="rows")
def rows() -> Iterator[Any]:
    """Yield all pages of the source."""
    paginator = PageNumberPaginator(base_page=0, total_path=None, stop_after_empty_page=True)
    yield from RESTClient(job.url, paginator=paginator).paginate("/rows", data_selector="rows")


@dlt.destination(batch_size=BATCH)
def sink(items: list[dict[str, Any]], table: Any) -> None:
    """Write one batch of rows to the sink."""
    body = {
        "dataCollectionId": COLLECTION,
        "dataItems": [{"id": row["_id"], "data": row} for row in items],
    }
    requests.post(job.url + SAVE, json=body).raise_for_status()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "peers", destination=sink, pipelines_dir=job.state or folder, dataset_name="portal"
        )
        pipeline.run(rows()).raise_on_failed_jobs()
    report(0)


if __name__ == "__main__":
    main()
