"""Adapters for AWS, Wix and Trading Grid. The only place that imports httpx and botocore.

Exceptions are the tables and adapters that only one function uses: they are in its package.
"""
