"""People at partners, and their invitations to the portal: codes, rows, events, and the comparison
of the people who are wanted with those whom the portal knows.
"""
