"""HTTP API of the community gateway profile.

``application`` answers a request; ``routing`` declares routes, one module per capability; a route
that writes is a use case of ``community`` over a draft, so its records, events and the response to
its ``Idempotency-Key`` are committed together.
"""
