"""Rows of the portal, as Wix stores them."""
