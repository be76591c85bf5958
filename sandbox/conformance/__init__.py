"""Checks any implementation of the exchange's side of the contract, over HTTP only: `python -m sandbox.conformance`."""
