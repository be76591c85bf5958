"""The verifier: a process of its own that alone reads secrets and alone records that somebody proved something.

It imports nothing of Django and nothing of ours but this folder: few lines that decide, with a database role, a
connection and keys that no other process holds. Others reach it through a unix socket (`security.verifier_client`).
"""
