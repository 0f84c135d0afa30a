"""Adapters for Trading Grid.

``directory`` and ``lens`` call OpenText's own services: Community Management and Lens.
``community`` and ``changed`` call the community gateway profile of gridwix, which is described in
``docs/community-gateway.openapi.yaml`` and is not an API of OpenText's.
"""
