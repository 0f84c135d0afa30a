"""The soak test: the functions under every fault that the systems around them can have.

``python -m soak`` runs them in one process, against models of AWS, Trading Grid and Wix, in virtual
time. A seed decides everything, so each run can be repeated exactly. ``docs/soak.md`` explains it.

Packages:

- ``kernel``: virtual time, tasks, and the edges at which faults happen.
- ``cloud``: DynamoDB, SQS, EventBridge, S3 and Secrets Manager.
- ``trading_grid``, ``wix``: the vendors' systems.
- ``hosting``: runs the product's functions as Lambda does.
- ``traffic``: what people and systems do.
- ``judges``: compare what came out with what went in. They import nothing of the product.
"""

from soak.kernel import virtual_time

# Before anything of the product is imported: its constructors take time.time as a default.
__all__ = ["virtual_time"]
