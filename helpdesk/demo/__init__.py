"""The demo: a living exchange to look at, in development settings only."""
