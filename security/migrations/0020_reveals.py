"""Reveals of customers' data, their budgets, and those that were refused. The models read."""

from pathlib import Path

from django.db import migrations, models

import core.clock
import core.ids

SQL = (Path(__file__).parent / "reveals.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_staff_phones"), ("security", "0019_support_pin")]

    operations = [
        migrations.RunSQL(SQL),
        migrations.CreateModel(
            name="Reveal",
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
                ("session_id", models.BigIntegerField()),
                ("ticket_id", models.BigIntegerField()),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("email", "Email"),
                            ("phone", "Phone"),
                            ("handle", "Social"),
                            ("account", "Account at the exchange"),
                        ],
                        max_length=8,
                    ),
                ),
                ("address_id", models.BigIntegerField(null=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("call", "I have to call them"),
                            ("write", "I have to write to them"),
                            ("compare", "I compare it with what they say"),
                            ("exchange", "The exchange asks for it"),
                            ("other", "Something else"),
                        ],
                        max_length=8,
                    ),
                ),
                ("words", models.CharField(max_length=300)),
                ("revealed_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={"db_table": "security_reveal", "managed": False},
        ),
        migrations.CreateModel(
            name="RevealRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ticket_id", models.BigIntegerField(null=True)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("foreign", "That is nothing of this ticket's customer."),
                            ("unassigned", "The ticket is not assigned to you. Asking is noted."),
                            ("closed", "The ticket is not open."),
                            ("hour", "You have used up what you may reveal within an hour."),
                            ("day", "You have used up what you may reveal within a day."),
                        ],
                        max_length=10,
                    ),
                ),
                ("refused_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={"db_table": "security_revealrefusal", "managed": False},
        ),
    ]
