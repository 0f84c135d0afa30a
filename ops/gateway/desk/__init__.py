"""The desk: commands with which the hub's people work on records of a community gateway.

It is for records that no other system of the hub manages.
"""
