"""Sources: reads a hub's files, APIs and partner directory into the gateway's records.

The records have the schemas of the community gateway profile, the API contract that the gateway
serves.
"""
