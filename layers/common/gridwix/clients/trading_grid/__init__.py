"""Clients of Trading Grid, OpenText's EDI network, and of the community gateway.

``directory`` and ``lens`` call OpenText's own services: Community Management and Lens, the
transaction search. ``community`` and ``changed`` call a gateway that implements the community
gateway profile, an API contract that gridwix defines in ``docs/community-gateway.openapi.yaml``. It
is not an API of OpenText's.
"""
