"""Small worlds: ten partners and some hundred steps, in ten thousand seeded schedules.

A schedule that fails is shrunk to the steps that are needed for it, and told in words.
"""
