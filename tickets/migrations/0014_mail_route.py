"""Where a case that did not come by mail goes on by mail."""

import django.db.models.deletion
from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0013_restricted_attachments"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=320)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="routes",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("ticket", "address"), name="tickets_mailroute_once")],
            },
        ),
    ]
