"""What the app role may do with the tables of people."""

from core.grants import ALL, FULL, Grant

SEQUENCES = ("accounts_customer_id_seq",)

GRANTS: dict[str, Grant] = {
    "accounts.Brand": Grant(insert=ALL, update=("name", "legal_name", "website")),
    "accounts.Team": Grant(
        insert=ALL,
        update=(
            "name",
            "slug",
            "is_restricted",
            "method",
            "is_sticky",
            "assigns_tickets",
            "gives_back",
            "take_back_after_min",
            "overflow_team_id",
            "overflow_after_min",
            "only_on_shift",
            "language_level",
        ),
        delete=True,
    ),
    "accounts.TeamMembership": FULL,
    "accounts.Presence": Grant(
        insert=ALL,
        update=(
            "state",
            "reason",
            "changed_at",
            "idle_since",
            "seen_at",
            "active_at",
            "languages",
            "capacity",
            "language_levels",
            "ticket_capacity",
            "phone_capacity",
            "weight",
            "given",
            "given_back_at",
        ),
    ),
    # Whose it is and why is for good; one that goes on may end early.
    "accounts.Absence": Grant(insert=ALL, update=("state", "decided_by_id", "decided_at", "ends_at", "given_back_at")),
    # Whose it is and how it is reached is for good: another address is another device.
    "accounts.PushDevice": Grant(
        insert=ALL, update=("session", "used_at", "failed_at", "failure", "gone_at"), delete=True
    ),
    # Whose it is, and from when to when, is for good: another time is another shift.
    "accounts.Shift": Grant(insert=ALL, update=("note", "noted_at", "cancelled_at", "given_back_at")),
    "accounts.ShiftFeed": FULL,
    # Which shifts and who, is for good.
    "accounts.ShiftSwap": Grant(insert=ALL, update=("state", "changed_at", "decided_by_id")),
    # Never its public id. Never deleted: topics ask for it.
    "accounts.Skill": Grant(insert=ALL, update=("name", "is_active")),
    "accounts.StaffPhone": FULL,
    "accounts.StaffSkill": FULL,
    # Never the public id, never the address of another person's account.
    "accounts.Staff": Grant(
        insert=ALL,
        update=(
            "name",
            "role",
            "is_active",
            "locale",
            "time_zone",
            "theme",
            "quiet_from",
            "quiet_until",
            "session_epoch",
            "password",
            "last_login",
        ),
    ),
    "accounts.Customer": Grant(insert=ALL, update=("name", "locale", "time_zone", "brand_id")),
    # Proof is written once, with the row.
    "accounts.CustomerAddress": Grant(insert=ALL, update=("is_bouncing", "bounced_at")),
    # Whose account it is was said by the exchange, once.
    "accounts.ExchangeAccount": Grant(insert=ALL),
}
