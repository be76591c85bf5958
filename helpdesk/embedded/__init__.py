"""Stores for machines that have none: PostgreSQL and Valkey from wheels, their folders, passwords and addresses."""
