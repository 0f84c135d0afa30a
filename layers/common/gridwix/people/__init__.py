"""People at partners, and their invitations to the portal: codes, rows, events and comparison.

The comparison matches the people who should have access to the portal with those who have it or are
invited.
"""
