"""What the app role may do with the tables that prove and permit."""

from core.grants import ALL, Grant

GRANTS: dict[str, Grant] = {
    "security.TotpDevice": Grant(
        insert=ALL,
        update=("secret", "confirmed_at", "last_step", "failures", "locked_until"),
        delete=True,
    ),
    "security.RecoveryCode": Grant(insert=ALL, update=("used_at",), delete=True),
    "security.Invitation": Grant(insert=ALL, update=("used_at", "revoked_at")),
    "security.StaffSession": Grant(insert=ALL, update=("seen_at", "ended_at", "end_reason", "session_digest")),
    "security.ApiToken": Grant(insert=ALL, update=("revoked_at", "used_at")),
}
