"""HTTP API of the community gateway profile.

``application`` answers a request; ``routing`` declares routes, with one module per capability. A
route that writes calls a function of ``community`` with a draft, which collects the writes of one
commit. So the records, their events and the response to the ``Idempotency-Key`` are committed
together.
"""
