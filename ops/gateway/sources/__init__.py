"""Tools for the declared sources of files: preview, proposal, plan and drop."""
