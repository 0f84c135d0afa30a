"""Settings, wiring, logs and metrics of the gateway's Lambda functions."""
