"""An index of tickets that were opened, by time: an alarm looks through the last day."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0004_notice_unanswered")]

    operations = [
        AddIndexConcurrently(
            model_name="auditentry",
            index=models.Index(
                fields=["at", "actor_id", "object_id"],
                name="core_audit_viewed",
                condition=models.Q(action="ticket.viewed"),
            ),
        ),
    ]
