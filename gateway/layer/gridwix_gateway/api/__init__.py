"""HTTP API of the gateway, by its OpenAPI contract (the community gateway profile).

``application`` answers a request; ``routing`` declares routes, with one module per capability. The
handler of a route that writes gets a draft, which collects the writes of one commit, and passes the
draft on to a function of ``community``. So the records, their events, and the response stored for
the ``Idempotency-Key`` are committed together.
"""
