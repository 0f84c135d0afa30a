"""Channel of targets that are a folder of a bucket."""
