"""Webhooks out: what other systems are told, in the form of Standard Webhooks (standardwebhooks.com)."""
