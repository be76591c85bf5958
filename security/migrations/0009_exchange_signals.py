"""What the exchange tells: its events as they came, signals, and for how long each raises a customer's risk."""

from pathlib import Path

from django.db import migrations, models

import core.clock
import core.ids

SQL = (Path(__file__).parent / "signals.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("security", "0008_fund_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeSignal",
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
                ("event", models.CharField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("transfer.large", "Large transfer"),
                            ("device.new", "New device"),
                            ("credential.changed", "Sign-in details changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("occurred_at", models.DateTimeField()),
                ("asset", models.CharField(blank=True, max_length=20)),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("received_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("raised_until", models.DateTimeField()),
            ],
            options={
                "db_table": "security_exchangesignal",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="SignalPolicy",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("transfer.large", "Large transfer"),
                            ("device.new", "New device"),
                            ("credential.changed", "Sign-in details changed"),
                        ],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("raises_for_s", models.IntegerField()),
            ],
            options={
                "db_table": "security_signalpolicy",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ExchangeEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="next attempt"),
                ),
                ("lease_token", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
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
                ("event_id", models.CharField(max_length=100, unique=True)),
                ("digest", models.CharField(max_length=64)),
                ("account_id", models.CharField(blank=True, max_length=100)),
                ("raw", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stored", "Stored"),
                            ("processed", "Processed"),
                            ("ignored", "Ignored"),
                            ("quarantined", "Kept for review"),
                        ],
                        default="stored",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("received_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("handled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "stored")),
                        fields=["next_attempt_at"],
                        name="security_exchangeevent_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state", "quarantined")),
                        fields=["received_at"],
                        name="security_exchangeevent_review",
                    ),
                    models.Index(fields=["received_at"], name="security_exchangeevent_age"),
                    models.Index(
                        condition=models.Q(("state", "ignored")),
                        fields=["account_id"],
                        name="security_exchangeevent_early",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["stored", "processed", "ignored", "quarantined"])),
                        name="security_exchangeevent_state_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(SQL),
    ]
