"""Social channels: accounts, conversations, events in, messages out."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.crypto
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_shifts"),
        ("tickets", "0039_calendar_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="SocialAccount",
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
                    "kind",
                    models.CharField(choices=[("telegram", "Telegram")], max_length=12, verbose_name="channel"),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("language", models.CharField(default="en", max_length=16, verbose_name="language")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "inbound",
                    models.CharField(
                        choices=[
                            ("webhook", "Webhook: the vendor calls us"),
                            ("polling", "Polling: we ask the vendor, where it cannot reach us"),
                        ],
                        default="webhook",
                        max_length=8,
                        verbose_name="comes in by",
                    ),
                ),
                ("token", core.crypto.EncryptedTextField(verbose_name="access token")),
                ("webhook_secret", core.crypto.EncryptedTextField(blank=True, verbose_name="webhook secret")),
                (
                    "handle",
                    models.CharField(blank=True, editable=False, max_length=80, verbose_name="account at the vendor"),
                ),
                ("poll_offset", models.BigIntegerField(default=0, editable=False)),
                ("last_error", models.CharField(blank=True, editable=False, max_length=300, verbose_name="last error")),
                (
                    "last_error_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="time of the last error"),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="accounts.brand",
                        verbose_name="brand",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="accounts.team",
                        verbose_name="first team",
                    ),
                ),
            ],
            options={
                "verbose_name": "social account",
                "verbose_name_plural": "social accounts",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="SocialChat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=64)),
                ("told_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chats",
                        to="tickets.socialaccount",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="social_chats", to="accounts.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SocialEvent",
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
                ("event_id", models.CharField(max_length=80, verbose_name="event id")),
                ("stream", models.CharField(max_length=64)),
                ("raw", models.BinaryField()),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stored", "Waiting"),
                            ("processed", "Processed"),
                            ("ignored", "Ignored"),
                            ("quarantined", "Needs review"),
                        ],
                        default="stored",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=60, verbose_name="reason")),
                ("explanation", models.CharField(blank=True, max_length=500, verbose_name="explanation")),
                ("received_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="received")),
                ("handled_at", models.DateTimeField(null=True, verbose_name="handled")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="tickets.socialaccount",
                        verbose_name="social account",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "social event",
                "verbose_name_plural": "social events",
            },
        ),
        migrations.CreateModel(
            name="SocialItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=64)),
                ("album", models.CharField(blank=True, max_length=64)),
                (
                    "chat",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="tickets.socialchat",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="social_items", to="tickets.message"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SocialPost",
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
                    "unanswered",
                    models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="sent without an answer"),
                ),
                ("text", models.TextField(blank=True)),
                ("parts_sent", models.PositiveSmallIntegerField(default=0)),
                (
                    "external_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("cancelled", "Withdrawn"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=500, verbose_name="details")),
                ("is_reported", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="created")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                (
                    "chat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="tickets.socialchat"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="social_post",
                        to="tickets.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "social message out",
                "verbose_name_plural": "social messages out",
            },
        ),
        migrations.CreateModel(
            name="SocialThread",
            fields=[
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="social_thread",
                        serialize=False,
                        to="tickets.ticket",
                    ),
                ),
                (
                    "chat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="threads", to="tickets.socialchat"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="socialaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["telegram"])), name="tickets_socialaccount_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="socialaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("inbound__in", ["webhook", "polling"])), name="tickets_socialaccount_inbound_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="socialchat",
            constraint=models.UniqueConstraint(fields=("account", "external_id"), name="tickets_socialchat_once"),
        ),
        migrations.AddIndex(
            model_name="socialevent",
            index=models.Index(
                condition=models.Q(("state", "stored")), fields=["next_attempt_at"], name="tickets_socialevent_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="socialevent",
            index=models.Index(
                condition=models.Q(("state", "stored")),
                fields=["account", "stream", "id"],
                name="tickets_socialevent_stream",
            ),
        ),
        migrations.AddIndex(
            model_name="socialevent",
            index=models.Index(fields=["received_at"], name="tickets_socialevent_age"),
        ),
        migrations.AddConstraint(
            model_name="socialevent",
            constraint=models.UniqueConstraint(fields=("account", "event_id"), name="tickets_socialevent_once"),
        ),
        migrations.AddConstraint(
            model_name="socialevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["stored", "processed", "ignored", "quarantined"])),
                name="tickets_socialevent_state_known",
            ),
        ),
        migrations.AddIndex(
            model_name="socialitem",
            index=models.Index(
                condition=models.Q(("album", ""), _negated=True),
                fields=["chat", "album"],
                name="tickets_socialitem_album",
            ),
        ),
        migrations.AddConstraint(
            model_name="socialitem",
            constraint=models.UniqueConstraint(fields=("chat", "external_id"), name="tickets_socialitem_once"),
        ),
        migrations.AddIndex(
            model_name="socialpost",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["next_attempt_at"], name="tickets_socialpost_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="socialpost",
            index=models.Index(
                condition=models.Q(("is_reported", False), ("state__in", ["sent", "failed"])),
                fields=["id"],
                name="tickets_socialpost_unreported",
            ),
        ),
        migrations.AddConstraint(
            model_name="socialpost",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "sent", "failed", "cancelled"])),
                name="tickets_socialpost_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="socialpost",
            constraint=models.CheckConstraint(
                condition=models.Q(("message__isnull", False), models.Q(("text", ""), _negated=True), _connector="XOR"),
                name="tickets_socialpost_says_something",
            ),
        ),
    ]
