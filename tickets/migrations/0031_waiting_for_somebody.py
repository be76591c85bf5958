"""What waits in a team for somebody is found by an index, oldest first."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0030_decisions")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                fields=["team", "created_at", "id"],
                name="tickets_waiting_for_somebody",
                include=["language", "topic", "channel"],
                condition=models.Q(("assignee__isnull", True), ("is_spam", False), ("status__in", ["new", "open"])),
            ),
        ),
    ]
