"""Adapters for AWS, Wix and Trading Grid. The only place that imports httpx and botocore.

Tables and adapters that only one function uses are in the package of that function instead.
"""
