"""Bots: who has one, what it owes."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0009_proactive_messages"),
        ("tickets", "0018_bots_speak"),
    ]

    operations = [
        migrations.AddField(
            model_name="chat",
            name="bot",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="chat",
            name="bot_ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="chatinbox",
            name="bot",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What answers first. People take over at a word, at any doubt, and when the bot is silent.",
                max_length=40,
                verbose_name="bot",
            ),
        ),
        migrations.CreateModel(
            name="BotTurn",
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
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("owed", "Owed"),
                            ("answered", "Answered"),
                            ("handed_over", "Handed Over"),
                            ("overtaken", "Overtaken"),
                        ],
                        default="owed",
                        max_length=12,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("due_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("confidence", models.FloatField(null=True)),
                (
                    "offered",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=12
                    ),
                ),
                (
                    "chat",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bot_turns",
                        to="livechat.chat",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.message"
                    ),
                ),
                (
                    "said",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["chat", "-id"], name="livechat_botturn_of_chat"),
                    models.Index(
                        condition=models.Q(("state", "owed")), fields=["due_at"], name="livechat_botturn_owed"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["owed", "answered", "handed_over", "overtaken"])),
                        name="livechat_botturn_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("state", "owed")),
                            models.Q(models.Q(("state", "owed"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="livechat_botturn_settled_once_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confidence__isnull", True),
                            models.Q(("confidence__gte", 0), ("confidence__lte", 1)),
                            _connector="OR",
                        ),
                        name="livechat_botturn_confidence_is_a_share",
                    ),
                ],
            },
        ),
    ]
