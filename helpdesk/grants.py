"""All grants of the app role, those of Django's own tables included."""

import accounts.grants
import core.grants
import security.grants
import tickets.grants
from core.grants import ALL, FULL, READ_ONLY, Grant

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
    **tickets.grants.GRANTS,
}
SEQUENCES = (*accounts.grants.SEQUENCES, *tickets.grants.SEQUENCES)
