"""Peer of the comparison: a minimal script with requests, page by page, without ledger, budget or
check of the results.
"""

from typing import Any

import requests

from benchmarks.peers.job import COLLECTION, SAVE, read_job, report


def main() -> None:
    job = read_job()
    page: int | None = 0
    with requests.Session() as session:
        while page is not None:
            found = session.get(job.page_url(page)).json()
            items = [{"id": row["_id"], "data": row} for row in found["rows"]]
            body: Any = {"dataCollectionId": COLLECTION, "dataItems": items}
            session.post(job.url + SAVE, json=body).raise_for_status()
            page = found["next"]
    report(0)


main()
