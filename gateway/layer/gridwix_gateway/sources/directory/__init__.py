"""The source kind ``directory``: trading partners and their contacts from OpenText's API.

It reads Community Management Services (``TGCommunityServices/v1``). OpenText publishes its paths
(github.com/opentext/BN-Trading-Grid), but no schema of the answers, so ``entries`` reads them
tolerantly: compare them with a recording of your tenant.
"""
