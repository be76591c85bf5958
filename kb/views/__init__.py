"""Doors of the help centre."""
