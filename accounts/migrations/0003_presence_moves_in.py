"""Presence is part of who people are: its row moves in from live chat, in Django's eyes alone; the table stays."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock

ONLINE = models.Q(("state", "online"))
PRESENCE = migrations.CreateModel(
    name="Presence",
    fields=[
        (
            "staff",
            models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="presence",
                serialize=False,
                to=settings.AUTH_USER_MODEL,
                verbose_name="staff member",
            ),
        ),
        (
            "state",
            models.CharField(
                choices=[("online", "Online"), ("away", "Away"), ("on_call", "On call"), ("offline", "Offline")],
                default="offline",
                max_length=8,
            ),
        ),
        (
            "reason",
            models.CharField(
                blank=True,
                choices=[
                    ("", "said so"),
                    ("missed", "missed a ring"),
                    ("silent", "no desk open"),
                    ("forced", "set by a lead"),
                ],
                default="",
                max_length=8,
            ),
        ),
        ("changed_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
        ("idle_since", models.DateTimeField(db_default=core.clock.DatabaseNow())),
        ("seen_at", models.DateTimeField(null=True)),
        ("active_at", models.DateTimeField(null=True)),
        (
            "languages",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("en", "English"), ("zh-hans", "Simplified Chinese")], max_length=16
                ),
                default=list,
                size=None,
                verbose_name="languages",
            ),
        ),
        (
            "capacity",
            models.PositiveSmallIntegerField(
                default=3,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(20),
                ],
                verbose_name="chats at once",
            ),
        ),
    ],
    options={
        "verbose_name": "chat agent",
        "verbose_name_plural": "chat agents",
        "ordering": ["staff__name"],
        "db_table": "livechat_presence",
        "indexes": [models.Index(condition=ONLINE, fields=["idle_since"], name="livechat_presence_online")],
        "constraints": [
            models.CheckConstraint(
                condition=models.Q(("state__in", ["online", "away", "on_call", "offline"])),
                name="livechat_presence_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(("reason__in", ["", "missed", "silent", "forced"])),
                name="livechat_presence_reason_known",
            ),
            models.CheckConstraint(
                condition=models.Q(("capacity__gte", 1), ("capacity__lte", 20)),
                name="livechat_presence_capacity_bounded",
            ),
        ],
    },
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_exchange_accounts"), ("livechat", "0015_texts_per_language")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[PRESENCE])]
