"""Manual review for lost factors: method `manual`, two reviewers, appeals. The rule is SQL, the models only read it."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids

FOLDER = Path(__file__).parent / "manual_review"


class Migration(migrations.Migration):
    dependencies = [("security", "0011_customer_state")]

    operations = [
        *[migrations.RunSQL((FOLDER / name).read_text("utf-8")) for name in ("tables.sql", "triggers.sql")],
        migrations.CreateModel(
            name="ManualReview",
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
                ("hash", models.BinaryField()),
                ("kind", models.CharField(max_length=30)),
                ("cooling_off_s", models.IntegerField()),
                ("action_created_at", models.DateTimeField()),
                ("is_appeal", models.BooleanField(editable=False)),
                ("opened_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_manualreview",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ReviewDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.IntegerField()),
                (
                    "decision",
                    models.CharField(choices=[("confirmed", "Confirmed"), ("refused", "Refused")], max_length=10),
                ),
                ("is_readable", models.BooleanField()),
                ("is_in_date", models.BooleanField()),
                ("name_matches", models.BooleanField()),
                ("face_matches", models.BooleanField()),
                ("reason", models.CharField(max_length=1000)),
                ("content", models.BinaryField()),
                ("reviewer_verified_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_reviewdecision",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ReviewerDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.IntegerField()),
                ("drawn_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_reviewerdraw",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ReviewAppeal",
            fields=[
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="appeal",
                        serialize=False,
                        to="security.manualreview",
                    ),
                ),
                ("decided_at", models.DateTimeField()),
                ("appealed_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_reviewappeal",
                "managed": False,
            },
        ),
    ]
