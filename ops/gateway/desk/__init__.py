"""The desk: the hub's people work on records over the gateway's API, where no other system manages
them.
"""
