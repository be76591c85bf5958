"""Benches: how fast, measured beside a floor in the same run. `python -m bench [NAME]`."""
