"""Models of the rows that gridwix publishes to the portal, as Wix stores them."""
