"""Peer of the comparison: dlt, tuned for this job with one file per bulk call, so that several are
loaded at once.
"""

import os

from benchmarks.peers.job import BATCH, WRITERS

os.environ.update(
    NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS=str(BATCH),
    DATA_WRITER__BUFFER_MAX_ITEMS=str(BATCH),
    LOAD__WORKERS=str(WRITERS),
)

from benchmarks.peers.with_dlt import main

main()
