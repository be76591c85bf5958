"""Verbs of proving and permitting."""
