"""`python -m tools.checks`: everything `make check` runs, each step named with its time."""
