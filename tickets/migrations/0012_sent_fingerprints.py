"""Fingerprints of what left us."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0011_automatic_mail_room"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentFingerprint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "Email"),
                            ("chat", "Chat"),
                            ("phone", "Phone"),
                            ("social", "Social"),
                            ("web", "Web form"),
                            ("api", "API"),
                        ],
                        max_length=12,
                    ),
                ),
                ("text_digest", models.CharField(max_length=32)),
                ("start_digest", models.CharField(max_length=32)),
                ("identity_digest", models.CharField(blank=True, max_length=32)),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None),
                ),
                ("sent_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fingerprint", to="tickets.message"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["text_digest"], name="tickets_sent_text"),
                    models.Index(fields=["start_digest"], name="tickets_sent_start"),
                    models.Index(fields=["identity_digest"], name="tickets_sent_identity"),
                ],
            },
        ),
    ]
