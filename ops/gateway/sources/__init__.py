"""Tools for declared file sources of the gateway: preview, proposal, plan and drop."""
