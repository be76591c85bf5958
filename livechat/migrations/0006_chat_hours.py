"""When a chat is staffed."""

import django.db.models.deletion
from django.db import migrations, models

import core.ids
import livechat.models.hours


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0005_chat_forms"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChatHours",
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
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[livechat.models.hours.check_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "weekly",
                    models.TextField(
                        blank=True,
                        help_text="A line for each day or range of days: “mon-fri 09:00-12:30 13:30-18:00”. A day without one is closed.",
                        max_length=2000,
                        validators=[livechat.models.hours.check_weekly],
                        verbose_name="week",
                    ),
                ),
                (
                    "dates",
                    models.TextField(
                        blank=True,
                        help_text="A line for each: “2026-12-25” is closed, “2026-12-24 09:00-12:00” has hours of its own.",
                        max_length=10000,
                        validators=[livechat.models.hours.check_dates],
                        verbose_name="holidays and other dates",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Switched off, the chat is staffed around the clock.",
                        verbose_name="active",
                    ),
                ),
                (
                    "inbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="livechat.chatinbox",
                        verbose_name="chat inbox",
                    ),
                ),
            ],
            options={
                "verbose_name": "chat hours",
                "verbose_name_plural": "chat hours",
                "ordering": ["inbox"],
            },
        ),
    ]
