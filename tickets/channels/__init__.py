"""Channels: one folder for each way a message can come in or go out."""
