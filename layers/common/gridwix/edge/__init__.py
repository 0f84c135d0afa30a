"""What both webhook functions share: signatures, rejections and their HTTP responses. Imports stay light, as a webhook waits for a cold start."""
