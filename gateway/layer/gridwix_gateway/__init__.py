"""The community gateway: serves the community gateway profile over DynamoDB and S3.

An application of its own, for hubs whose records live in exports, ticket systems and OpenText's
published APIs. It shares nothing with the rest of the repository but the profile
(``docs/community-gateway.openapi.yaml``).
"""
