"""Shifts, and teams that give work to whose shift goes on."""

from datetime import timedelta

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_assignment"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="only_on_shift",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Only members whose shift goes on are given anything; its end counts as leaving.",
                verbose_name="only on shift",
            ),
        ),
        migrations.CreateModel(
            name="Shift",
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
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="to")),
                ("time_zone", models.CharField(max_length=64, verbose_name="time zone")),
                ("note", models.TextField(blank=True, default="", max_length=2000, verbose_name="hand-over note")),
                ("noted_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("given_back_at", models.DateTimeField(null=True)),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "shift",
                "verbose_name_plural": "shifts",
                "indexes": [
                    models.Index(
                        condition=models.Q(("cancelled_at__isnull", True)),
                        fields=["staff", "ends_at"],
                        name="accounts_shift_of_person",
                    ),
                    models.Index(
                        condition=models.Q(("cancelled_at__isnull", True)),
                        fields=["ends_at"],
                        name="accounts_shift_rota",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("starts_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_at"), "+", models.Value(timedelta(seconds=57600))
                                ),
                            ),
                        ),
                        name="accounts_shift_within_a_day",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shift",
            trigger=pgtrigger.compiler.Trigger(
                name="accounts_shift_one_at_a_time",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NEW.cancelled_at IS NULL AND EXISTS (\n        SELECT FROM accounts_shift AS other\n         WHERE other.staff_id = NEW.staff_id AND other.id <> NEW.id AND other.cancelled_at IS NULL\n           AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at\n    ) THEN\n        RAISE EXCEPTION 'this person has a shift at that time'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_shift_one_at_a_time';\n    END IF;\n    RETURN NEW;\n",
                    hash="2ba5e28c82ed0c497863471aa27fd4560c7d7f8e",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_accounts_shift_one_at_a_time_fe00e",
                    table="accounts_shift",
                    when="BEFORE",
                ),
            ),
        ),
    ]
