"""Settings, wiring and logs of the gateway's functions."""
