"""Tickets: the desk's cases, their messages and the channels they arrive by."""
