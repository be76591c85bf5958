"""Custom fields, read and written: pure, no database."""
