"""Shaped reads of live chat."""
