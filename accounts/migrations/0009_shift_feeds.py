"""Feeds of shifts: the secret address of a person's own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_levels_and_calls"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShiftFeed",
            fields=[
                (
                    "staff",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="shift_feed",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "verbose_name": "feed of shifts",
                "verbose_name_plural": "feeds of shifts",
            },
        ),
    ]
