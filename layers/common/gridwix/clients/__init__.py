"""Adapters for AWS, Wix and Trading Grid. The only place that imports httpx and botocore.

An adapter that only one function uses, such as the one for its own table, is in that function's
package.
"""
