"""Entities of the community gateway profile, as far as gridwix reads them.

Shapes follow ``docs/community-gateway.openapi.yaml``. Unnamed members are ignored, among them
people's names (assignee, contacts, comment authors): data that is not read cannot leak. An unknown
enum value is kept as the raw string.
"""
