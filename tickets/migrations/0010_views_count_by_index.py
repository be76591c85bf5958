"""The indexes of views carry the team, so that counting them touches no row; two indexes that others cover go."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

ACTIVE = models.Q(("is_spam", False), ("status__in", ["new", "open", "pending", "on_hold"]))
NEWEST = ("-updated_at", "-id")
COVERING = {
    "active": (NEWEST, ACTIVE),
    "mine": (("assignee", *NEWEST), ACTIVE),
    "unassigned": (NEWEST, models.Q(("assignee__isnull", True)) & ACTIVE),
    "resolved": (NEWEST, models.Q(("is_spam", False), ("status__in", ["resolved", "closed"]))),
    "spam": (NEWEST, models.Q(("is_spam", True))),
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0001_rows"), ("tickets", "0009_broken_outbound")]

    operations = [
        *(
            AddIndexConcurrently(
                model_name="ticket",
                index=models.Index(
                    fields=list(fields), name=f"tickets_{view}_and_team", include=["team"], condition=condition
                ),
            )
            for view, (fields, condition) in COVERING.items()
        ),
        *(RemoveIndexConcurrently(model_name="ticket", name=f"tickets_{view}") for view in COVERING),
        # AlterField would drop the foreign keys and check every row anew for them.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tickets_message_ticket_id_a1134910",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_message_ticket_id_a1134910"
                    " ON tickets_message (ticket_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="message",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tickets_ticket_requester_id_2072a2f2",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_ticket_requester_id_2072a2f2"
                    " ON tickets_ticket (requester_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="ticket",
                    name="requester",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="accounts.customer",
                    ),
                ),
            ],
        ),
    ]
