"""Delivers items from partners, such as comments, to folders of an S3 bucket."""
