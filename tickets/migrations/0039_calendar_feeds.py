"""iCal feeds of calendars."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0038_waiting_in_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="slacalendar",
            name="feed_dates",
            field=models.TextField(
                blank=True, db_default="", default="", editable=False, verbose_name="dates of iCal feeds"
            ),
        ),
        migrations.CreateModel(
            name="CalendarFeed",
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
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        help_text="An https address on the public internet, looked at once a day; nothing for an uploaded file.",
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["https"])],
                        verbose_name="address",
                    ),
                ),
                ("dates", models.TextField(blank=True, db_default="", default="", verbose_name="closed dates")),
                ("read_at", models.DateTimeField(null=True, verbose_name="last read")),
                ("looked_at", models.DateTimeField(null=True, verbose_name="last looked at")),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unreachable", "The server cannot be reached over https on the public internet."),
                            ("not_given", "The server did not give the file."),
                            ("too_large", "The file is larger than 1 MB."),
                            ("not_ical", "This is no iCal file."),
                            ("unreadable", "An event of this file cannot be read."),
                            ("too_much", "This file has more than 5,000 events, or they repeat too often."),
                        ],
                        db_default="",
                        default="",
                        max_length=11,
                        verbose_name="problem",
                    ),
                ),
                ("next_look_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), null=True)),
                ("etag", models.CharField(blank=True, db_default="", default="", max_length=250)),
                ("modified", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("fetched", models.BinaryField(null=True)),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feeds",
                        to="tickets.slacalendar",
                        verbose_name="calendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "iCal feed",
                "verbose_name_plural": "iCal feeds",
                "ordering": ["calendar", "name"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_look_at__isnull", False)),
                        fields=["next_look_at"],
                        name="tickets_calendarfeed_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "problem__in",
                                ["", "unreachable", "not_given", "too_large", "not_ical", "unreadable", "too_much"],
                            )
                        ),
                        name="tickets_calendarfeed_problem_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("url", ""), ("url__startswith", "https://"), _connector="OR"),
                        name="tickets_calendarfeed_https",
                    ),
                ],
            },
        ),
    ]
