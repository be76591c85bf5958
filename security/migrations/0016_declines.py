"""A decline holds in the rule: an action is declined or executed, never both. The models read."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import core.clock

SQL = (Path(__file__).parent / "declines.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("security", "0015_sessions_by_passkey")]

    operations = [
        migrations.RunSQL(SQL),
        migrations.CreateModel(
            name="FundOutcome",
            fields=[
                (
                    "action",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="outcome",
                        serialize=False,
                        to="security.fundaction",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(choices=[("executed", "Executed"), ("declined", "Declined")], max_length=10),
                ),
                ("came_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={"db_table": "security_fundoutcome", "managed": False},
        ),
        migrations.AlterModelOptions(name="funddecline", options={"managed": False}),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable(name="funddecline", table="security_funddecline"),
                migrations.RemoveConstraint(model_name="funddecline", name="security_funddecline_why"),
            ]
        ),
    ]
