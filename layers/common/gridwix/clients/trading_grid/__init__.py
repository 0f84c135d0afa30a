"""Trading Grid: ``directory`` speaks OpenText's own Community Management Services, ``community`` the community gateway profile of gridwix.

The profile is described in ``docs/community-gateway.openapi.yaml``. It is not an API of OpenText's.
"""
