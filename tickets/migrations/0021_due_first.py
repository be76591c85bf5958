"""The index of the view "due first"."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0020_sla_clocks")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                fields=["due_at", "id"],
                name="tickets_due_and_team",
                include=["team"],
                condition=models.Q(
                    ("due_at__isnull", False),
                    ("is_spam", False),
                    ("status__in", ["new", "open", "pending", "on_hold"]),
                ),
            ),
        )
    ]
