"""Devices of staff that show notifications while no page is open."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_shift_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("epoch", models.PositiveIntegerField()),
                ("session", models.CharField(max_length=20)),
                ("endpoint", core.crypto.EncryptedTextField()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("browser_key", core.crypto.EncryptedTextField()),
                ("auth", core.crypto.EncryptedTextField()),
                ("name", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("used_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, max_length=200)),
                ("gone_at", models.DateTimeField(null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_devices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["staff", "created_at"], name="accounts_pushdevice_of"),
                    models.Index(
                        condition=models.Q(("gone_at__isnull", False)),
                        fields=["gone_at"],
                        name="accounts_pushdevice_gone",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failed_at__isnull", True), ("failure", "")),
                            models.Q(("failed_at__isnull", False), models.Q(("failure", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="accounts_pushdevice_failed_whole",
                    )
                ],
            },
        ),
    ]
