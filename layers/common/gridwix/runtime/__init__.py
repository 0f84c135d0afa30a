"""Runs services in Lambda functions: queue runner, deadlines, settings, clients, logs, metrics."""
