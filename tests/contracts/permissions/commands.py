"""Management commands: who runs each. The rest of what can be done stands in matrix.py."""

# Command → who runs it: whoever holds a shell with the environment it names. None can be reached from outside.
COMMANDS: dict[str, str] = {
    "backup": "operator with DATABASE_BACKUP_URL or DATABASE_ADMIN_URL; reads everything but the keys",
    "restore": "operator on an empty machine; refuses where something is",
    "api_token": "operator; prints a token of one person once, audited",
    "create_admin": "operator; invites the first administrator, audited",
    "create_roles": "operator with DATABASE_ADMIN_URL",
    "demo_code": "demo only; refuses elsewhere",
    "fingerprint_sent": "operator; reads mail that was sent, keeps keyed hashes of it",
    "kb_export": "operator; writes what is published into an empty folder",
    "kb_import": "operator, who answers for what it publishes; audited",
    "load_demo": "demo only; refuses elsewhere",
    "migrate": "operator with DATABASE_OWNER_URL",
    "prove_fund_rule": "anybody with the environment of a process; reads the catalog, and undoes what it tries",
    "run_discord": "the process that listens to Discord",
    "run_mail": "the mail process",
    "webhook_key": "anybody with the environment of a process; prints random bytes, keeps nothing",
    "who_saw": "operator; reads the audit log, which is recorded",
    "verify_audit": "operator; reads the chain",
}
