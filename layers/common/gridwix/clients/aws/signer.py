"""Imports AWS's SigV4 signer, ``aws-sdk-signers``, without loading asyncio, for a fast cold start.

Only the asynchronous part of the signer, which gridwix does not use, needs asyncio.
"""

from gridwix.lazy_imports import import_lazily

with import_lazily("asyncio"):
    from aws_sdk_signers import (
        URI,
        AWSCredentialIdentity,
        AWSRequest,
        Field,
        Fields,
        SigV4Signer,
        SigV4SigningProperties,
    )

__all__ = [
    "URI",
    "AWSCredentialIdentity",
    "AWSRequest",
    "Field",
    "Fields",
    "SigV4Signer",
    "SigV4SigningProperties",
]
