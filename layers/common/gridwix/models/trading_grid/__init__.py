"""The community gateway profile's entities, as far as gridwix reads them.

Shapes follow ``docs/community-gateway.openapi.yaml``. Members that are not named here are ignored, people's names (assignee, contacts, comment
authors) among them: what is not read cannot leak. An enum value that this release does not know is kept as the raw string.
"""
