"""Doors of live chat: the frame, the visitors' API, and what the desk asks."""
