"""The source ``directory``: partners, their addresses and contacts from OpenText's own API.

It reads Community Management Services (``TGCommunityServices/v1``), whose paths OpenText publishes
(github.com/opentext/BN-Trading-Grid). It publishes no schema of the answers, so ``entries`` reads
them tolerantly: compare them with a recording of your tenant.
"""
