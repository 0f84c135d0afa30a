"""The live screen of ``gridwix status --watch``.

``snapshot`` is the state that it shows, ``log_tail`` follows the logs, ``reading`` reads a snapshot
from AWS, ``view`` draws it, and ``loop`` repeats that.
"""
