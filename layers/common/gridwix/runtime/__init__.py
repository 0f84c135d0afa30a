"""How a service runs inside a Lambda function: settings, wiring, logging, metrics and batches."""
