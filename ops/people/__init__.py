"""``gridwix people``: invites the people of partners from a file or from OpenText's directory."""
