"""Indexes behind the counts of spam and of resolved cases, and behind those two views."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0004_upload_kind")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                fields=["-updated_at", "-id"], name="tickets_spam", condition=models.Q(("is_spam", True))
            ),
        ),
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                fields=["team", "-updated_at", "-id"],
                name="tickets_resolved_of_team",
                condition=models.Q(("is_spam", False), ("status__in", ["resolved", "closed"])),
            ),
        ),
    ]
