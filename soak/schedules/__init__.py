"""Plays small worlds: ten partners and some hundred events, in ten thousand seeded schedules.

A schedule that fails is shrunk to the steps that are needed for it, and described in words.
``python -m soak.schedules --count N --first SEED --jobs J`` plays them.
"""
