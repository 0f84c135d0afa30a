"""The desk: the hub's people work on what has no system of its own, over the gateway's API."""
