"""Models of the community gateway profile's records, with the members that gridwix reads.

The profile is the API that gridwix defines for Trading Grid data without a published API. Shapes
follow ``docs/community-gateway.openapi.yaml``. Members that the models do not name are ignored,
among them people's names (assignee, contacts, comment authors): data that is not read cannot leak.
An unknown enum value is kept as the raw string.
"""
