"""Presence of agents, rings, page visits; since when a chat waits, was accepted and was wrapped up."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids

# What was there before has waited since it began.
SINCE_ITS_BEGINNING = "UPDATE livechat_chat SET queued_at = started_at"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("livechat", "0001_rows"),
        ("tickets", "0012_sent_fingerprints"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Offer",
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
                ("language", models.CharField(blank=True, max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Ringing"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("missed", "Missed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("rung_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("expires_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("waited_s", models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PageVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=200)),
                ("at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
        ),
        migrations.CreateModel(
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
                        choices=[
                            ("online", "Online"),
                            ("away", "Away"),
                            ("on_call", "On call"),
                            ("offline", "Offline"),
                        ],
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
            },
        ),
        migrations.AddField(
            model_name="chat",
            name="accepted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="chat",
            name="queued_at",
            field=models.DateTimeField(db_default=core.clock.DatabaseNow()),
        ),
        migrations.AddField(
            model_name="chat",
            name="wrapped_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(SINCE_ITS_BEGINNING, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="chat",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["queued_at"], name="livechat_chat_queued"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="chat",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="livechat.chat"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="inbox",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="livechat.chatinbox"
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="staff",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pagevisit",
            name="visitor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="pages", to="livechat.visitor"
            ),
        ),
        migrations.AddIndex(
            model_name="presence",
            index=models.Index(
                condition=models.Q(("state", "online")), fields=["idle_since"], name="livechat_presence_online"
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["online", "away", "on_call", "offline"])),
                name="livechat_presence_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["", "missed", "silent", "forced"])),
                name="livechat_presence_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity__gte", 1), ("capacity__lte", 20)),
                name="livechat_presence_capacity_bounded",
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["chat", "staff", "-rung_at"], name="livechat_offer_of_chat"),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["expires_at"], name="livechat_offer_open"
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                condition=models.Q(("state", "accepted")),
                fields=["inbox", "language", "-settled_at"],
                name="livechat_offer_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("chat",), name="livechat_offer_one_per_chat"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("staff",), name="livechat_offer_one_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "accepted", "declined", "missed", "withdrawn"])),
                name="livechat_offer_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("settled_at__isnull", False)),
                    _connector="OR",
                ),
                name="livechat_offer_settled_once_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("waited_s__isnull", True), ("state", "accepted"), _connector="OR"),
                name="livechat_offer_wait_of_accepted",
            ),
        ),
        migrations.AddIndex(
            model_name="pagevisit",
            index=models.Index(fields=["visitor", "-at"], name="livechat_pagevisit_latest"),
        ),
        migrations.AddIndex(
            model_name="pagevisit",
            index=models.Index(fields=["at"], name="livechat_pagevisit_age"),
        ),
    ]
