"""Shared by both webhook functions: signatures, rejections and HTTP responses.

Imports stay light, because a sender waits for the cold start.
"""
