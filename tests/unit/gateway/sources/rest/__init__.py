"""Tests of the source rest."""
