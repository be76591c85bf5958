"""API v1: doors for programs. Same services as the pages."""
