"""Indexes behind the limits on automatic mail: per address whatever its case, and for all together."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0002_copied_addresses")]

    operations = [
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(
                Lower("to_address"),
                models.F("created_at"),
                condition=models.Q(("is_automatic", True)),
                name="tickets_outbound_auto_to",
            ),
        ),
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(
                fields=["created_at"], condition=models.Q(("is_automatic", True)), name="tickets_outbound_auto_at"
            ),
        ),
        RemoveIndexConcurrently(model_name="outboundmail", name="tickets_outbound_auto"),
    ]
