"""Secrets of a stack: the form of their values, and how these are asked for, stored, and proved to
work.
"""
