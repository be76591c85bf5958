"""All grants: of the app role, those of Django's own tables included, and of the other roles."""

import accounts.grants
import core.grants
import kb.grants
import livechat.grants
import security.grants
import tickets.grants
from core.grants import ALL, AUDITOR_ROLE, FULL, READ_ONLY, VERIFIER_ROLE, Grant

FRAMEWORK: dict[str, Grant] = {
    "admin.LogEntry": Grant(insert=ALL),
    "auth.Group": READ_ONLY,
    "auth.Permission": READ_ONLY,
    "auth.Group_permissions": READ_ONLY,
    "contenttypes.ContentType": Grant(insert=ALL),
    "sessions.Session": FULL,
    "axes.AccessAttempt": FULL,
    "axes.AccessAttemptExpiration": FULL,
    "axes.AccessLog": FULL,
    "axes.AccessFailureLog": FULL,
}
GRANTS: dict[str, Grant] = {
    **FRAMEWORK,
    **core.grants.GRANTS,
    **accounts.grants.GRANTS,
    **security.grants.GRANTS,
    **kb.grants.GRANTS,
    **tickets.grants.GRANTS,
    **livechat.grants.GRANTS,
}
# Role → what it may do; nothing else is theirs.
OTHERS: dict[str, dict[str, Grant]] = {
    VERIFIER_ROLE: security.grants.VERIFIER_GRANTS,
    AUDITOR_ROLE: security.grants.AUDITOR_GRANTS | dict.fromkeys(core.grants.EVIDENCE, READ_ONLY),
}
SEQUENCES = (*accounts.grants.SEQUENCES, *tickets.grants.SEQUENCES)
