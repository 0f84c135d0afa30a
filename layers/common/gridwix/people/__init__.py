"""People at partners, and their invitations to the portal: codes, rows, events, and the comparison
of the people who should have access with those who have it or are invited.
"""
