"""An emulator of a hub's Trading Grid tenant.

The token call and the partner directory are on OpenText's published paths. Everything under
``/community/v1`` is the *community gateway profile* (``docs/community-gateway.openapi.yaml``):
gridwix's own contract, not an OpenText API.
"""
