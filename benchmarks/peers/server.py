"""The source and the sink of the comparison: one fast HTTP server, with a latency if asked for.

``GET /rows?page=N`` returns 1,000 rows of about 500 bytes; the ids that end in 99 are refused by
``POST /wix-data/v2/bulk/items/save``, inside a 200 response. ``GET /counts`` returns the bulk calls
and rows since the last ``GET /counts``. The server is kept cheap, because it shares the machine's
processors with the program that is measured.
"""

import argparse
import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from benchmarks.peers.job import BATCH, SAVE
from benchmarks.rows import example_row

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_REFUSED = {"code": "WDE0080", "description": "Validation failed"}


class Server:
    """The HTTP source and sink of the comparison. ``rows`` is their number in the source; latencies
    are in seconds.
    """

    def __init__(self, rows: int, read_latency: float, write_latency: float) -> None:
        self._rows = rows
        self._read_latency = read_latency
        self._write_latency = write_latency
        self._calls = self._written = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split(" ", 2)
                headers = dict(
                    line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
                )
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                answer = await self._answer(method, target, body)
                writer.write(_HEAD % len(answer))
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, method: str, target: str, body: bytes) -> bytes:
        url = urlsplit(target)
        if method == "POST" and url.path == SAVE:
            await asyncio.sleep(self._write_latency)
            return self._save(orjson.loads(body)["dataItems"])
        if url.path == "/counts":
            counts = {"calls": self._calls, "rows": self._written}
            self._calls = self._written = 0
            return orjson.dumps(counts)
        await asyncio.sleep(self._read_latency)
        return self._page(int(parse_qs(url.query)["page"][0]))

    def _page(self, page: int) -> bytes:
        first, last = page * BATCH, min((page + 1) * BATCH, self._rows)
        return orjson.dumps(
            {
                "rows": [source_row(number) for number in range(first, last)],
                "next": page + 1 if last < self._rows else None,
            }
        )

    def _save(self, items: list[Any]) -> bytes:
        self._calls += 1
        self._written += len(items)
        return orjson.dumps(
            {
                "results": [
                    {
                        "itemMetadata": {
                            "id": item["id"],
                            "originalIndex": index,
                            **(
                                {"success": False, "error": _REFUSED}
                                if item["id"].endswith("99")
                                else {"success": True}
                            ),
                        }
                    }
                    for index, item in enumerate(items)
                ]
            }
        )


def source_row(number: int) -> dict[str, Any]:
    """Return a row of the source by its number, with its id and version."""
    identifier = f"row{number:07}"
    return {"_id": identifier, "version": 1, **example_row(number, identifier)}


async def run(rows: int, read_latency: float, write_latency: float) -> None:
    """Run the source and sink until this process is ended; print the port first."""
    server = Server(rows, read_latency, write_latency)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=64 * 1024 * 1024)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--read-latency", type=float, default=0)
    parser.add_argument("--write-latency", type=float, default=0)
    wanted = parser.parse_args()
    asyncio.run(run(wanted.rows, wanted.read_latency, wanted.write_latency))
