"""Backup and restore: base copies of the database, its log as it grows, and the files; docs/operations.md tells how."""
