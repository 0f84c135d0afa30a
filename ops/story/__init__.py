"""``gridwix trace``: one record's story on both sides, and why the portal shows what it shows."""
