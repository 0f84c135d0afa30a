"""The community gateway: serves the community gateway profile over DynamoDB and S3.

A separate application, for hubs that keep their records in exports, ticket systems and OpenText's
published APIs. It shares nothing with the rest of the repository but the profile, an API contract
(``docs/community-gateway.openapi.yaml``).
"""
