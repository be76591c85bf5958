"""The index behind the mark of a queue row whose mail did not arrive."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0008_outbound_unanswered")]

    operations = [
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(
                fields=["message"],
                name="tickets_outbound_broken",
                condition=models.Q(("state__in", ["bounced", "failed"])),
            ),
        ),
    ]
