"""The rows of the portal, as Wix stores them."""
