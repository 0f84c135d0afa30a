"""The source ``directory``: partners, their addresses and contacts from OpenText's own API.

It reads Community Management Services (``TGCommunityServices/v1``). OpenText publishes its paths
(github.com/opentext/BN-Trading-Grid), but no schema of the answers, so ``entries`` reads them
tolerantly: compare them with a recording of your tenant.
"""
