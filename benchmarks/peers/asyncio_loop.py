"""Peer of the comparison: an asyncio loop with aiohttp that reads on while a few bulk calls are in
flight.

It has no ledger, and does not check the results.
"""

import asyncio

import aiohttp

from benchmarks.peers.job import COLLECTION, SAVE, WRITERS, Job, read_job, report


async def run(job: Job) -> None:
    free = asyncio.Semaphore(WRITERS)
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        asyncio.TaskGroup() as tasks,
    ):

        async def write(body: object) -> None:
            try:
                async with session.post(job.url + SAVE, json=body) as response:
                    await response.read()
            finally:
                free.release()

        page: int | None = 0
        while page is not None:
            async with session.get(job.page_url(page)) as response:
                found = await response.json()
            items = [{"id": row["_id"], "data": row} for row in found["rows"]]
            await free.acquire()
            tasks.create_task(write({"dataCollectionId": COLLECTION, "dataItems": items}))
            page = found["next"]


def main() -> None:
    asyncio.run(run(read_job()))
    report(0)


main()
