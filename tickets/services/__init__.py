"""Verbs about cases: each decides, writes and owns its transaction; shared by every door."""
