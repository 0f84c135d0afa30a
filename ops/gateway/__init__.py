"""Tools of the community gateway (``gateway/``)."""
