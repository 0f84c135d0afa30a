"""Tools for the gateway's file sources: propose a declaration, and preview the effect of files."""
