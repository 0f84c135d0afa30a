"""What gridwix costs, measured beside something bare in the same run: machines differ, ratios carry over. ``make bench`` runs all of it."""
