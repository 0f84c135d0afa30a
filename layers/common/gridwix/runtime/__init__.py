"""Runs services in Lambda functions: the queue runner, deadlines, settings, clients, logs and
metrics.
"""
