"""AWS's own SigV4 signer, ``aws-sdk-signers``, without asyncio, which only its asynchronous part
uses.
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
