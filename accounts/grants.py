"""What the app role may do with the tables of people."""

from core.grants import ALL, FULL, Grant

SEQUENCES = ("accounts_customer_id_seq",)

GRANTS: dict[str, Grant] = {
    "accounts.Brand": Grant(insert=ALL, update=("name", "legal_name", "website")),
    "accounts.Team": Grant(insert=ALL, update=("name", "slug", "is_restricted"), delete=True),
    "accounts.TeamMembership": FULL,
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
