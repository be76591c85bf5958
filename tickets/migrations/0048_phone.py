"""The phone: lines with their menu, calls and legs, what the provider asked, and voice messages."""

import re

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids
import tickets.models.phone


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0047_discord"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PhoneLine",
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
                    "number",
                    models.CharField(
                        max_length=16,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                re.compile("\\+[1-9][0-9]{6,14}\\Z"), "Write the number with its country: +4420…"
                            )
                        ],
                        verbose_name="number",
                    ),
                ),
                ("account_sid", models.CharField(max_length=64, verbose_name="account at the provider")),
                ("token", core.crypto.EncryptedTextField(verbose_name="secret of the account")),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("en", "English"), ("zh-hans", "Simplified Chinese")], max_length=16
                        ),
                        default=tickets.models.phone.default_languages,
                        size=None,
                        verbose_name="languages",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "handle",
                    models.CharField(blank=True, editable=False, max_length=80, verbose_name="account at the vendor"),
                ),
                ("last_error", models.CharField(blank=True, editable=False, max_length=300, verbose_name="last error")),
                (
                    "last_error_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="time of the last error"),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        help_text="Without a calendar the line is open around the clock.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.slacalendar",
                        verbose_name="business hours",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phone_lines",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "phone line",
                "verbose_name_plural": "phone lines",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="PhoneEvent",
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
                ("digest", models.CharField(max_length=64)),
                ("step", models.CharField(max_length=16, verbose_name="step")),
                ("query", models.CharField(blank=True, max_length=200)),
                ("raw", models.BinaryField()),
                ("answer", core.crypto.EncryptedTextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("stored", "Waiting"), ("processed", "Processed"), ("failed", "Needs review")],
                        default="stored",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                ("received_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="received")),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="tickets.phoneline",
                        verbose_name="phone line",
                    ),
                ),
            ],
            options={
                "verbose_name": "phone event",
                "verbose_name_plural": "phone events",
            },
        ),
        migrations.CreateModel(
            name="PhoneReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="key",
                    ),
                ),
                ("words", models.CharField(max_length=120, verbose_name="spoken in English")),
                ("words_zh_hans", models.CharField(blank=True, max_length=120, verbose_name="spoken in Chinese")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                        default="normal",
                        max_length=8,
                        verbose_name="priority",
                    ),
                ),
                (
                    "is_theft",
                    models.BooleanField(
                        default=False,
                        help_text="Goes to the front, and is told how to freeze the account.",
                        verbose_name="stolen account",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reasons",
                        to="tickets.phoneline",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "reason for a call",
                "verbose_name_plural": "reasons for a call",
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="PhoneCall",
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
                ("sid", models.CharField(blank=True, max_length=64)),
                ("direction", models.CharField(choices=[("in", "Incoming"), ("out", "Outgoing")], max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("menu", "In the menu"),
                            ("queued", "Waiting"),
                            ("ringing", "Ringing"),
                            ("talking", "Talking"),
                            ("voicemail", "Leaving a message"),
                            ("ended", "Ended"),
                        ],
                        default="menu",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("answered", "Answered"), ("missed", "Missed"), ("voicemail", "Voice message")],
                        default="",
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("number", core.crypto.EncryptedTextField(blank=True)),
                ("language", models.CharField(blank=True, max_length=16)),
                ("is_urgent", models.BooleanField(db_default=False, default=False)),
                ("turn", models.PositiveIntegerField(db_default=0, default=0)),
                ("started_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("seen_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("queued_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phone_calls",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customer",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phone_calls",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="tickets.phoneline"
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tickets.phonereason",
                    ),
                ),
            ],
            options={
                "verbose_name": "call",
                "verbose_name_plural": "calls",
            },
        ),
        migrations.CreateModel(
            name="PhoneRecording",
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
                ("sid", models.CharField(max_length=64, unique=True)),
                ("duration_s", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("kept", "Kept"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="created")),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recordings", to="tickets.phonecall"
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
                "verbose_name": "recording",
                "verbose_name_plural": "recordings",
            },
        ),
        migrations.CreateModel(
            name="PhoneLeg",
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
                ("sid", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ringing", "Ringing"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("missed", "Missed"),
                            ("ended", "Ended"),
                        ],
                        default="ringing",
                        max_length=8,
                    ),
                ),
                ("rung_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="legs", to="tickets.phonecall"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phone_legs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["staff", "-rung_at"], name="tickets_phoneleg_of_staff")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["ringing", "accepted"])),
                        fields=("staff",),
                        name="tickets_phoneleg_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["ringing", "accepted", "declined", "missed", "ended"])),
                        name="tickets_phoneleg_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["ringing", "accepted"]), ("ended_at__isnull", False), _connector="XOR"
                        ),
                        name="tickets_phoneleg_end_is_whole",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="phoneline",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__regex", "^\\+[1-9][0-9]{6,14}$")), name="tickets_phoneline_number_e164"
            ),
        ),
        migrations.AddConstraint(
            model_name="phoneline",
            constraint=models.CheckConstraint(
                condition=models.Q(("languages__len__gt", 0)), name="tickets_phoneline_speaks"
            ),
        ),
        migrations.AddIndex(
            model_name="phoneevent",
            index=models.Index(
                condition=models.Q(("state", "stored")), fields=["received_at"], name="tickets_phoneevent_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="phoneevent",
            index=models.Index(fields=["received_at"], name="tickets_phoneevent_age"),
        ),
        migrations.AddConstraint(
            model_name="phoneevent",
            constraint=models.UniqueConstraint(fields=("line", "digest"), name="tickets_phoneevent_once"),
        ),
        migrations.AddConstraint(
            model_name="phoneevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["stored", "processed", "failed"])),
                name="tickets_phoneevent_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonereason",
            constraint=models.UniqueConstraint(fields=("line", "key"), name="tickets_phonereason_once"),
        ),
        migrations.AddConstraint(
            model_name="phonereason",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__gte", 1), ("key__lte", 9)), name="tickets_phonereason_key_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="phonereason",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["low", "normal", "high", "urgent"])),
                name="tickets_phonereason_priority_known",
            ),
        ),
        migrations.AddIndex(
            model_name="phonecall",
            index=models.Index(
                condition=models.Q(("state__in", ["menu", "queued", "ringing", "talking", "voicemail"])),
                fields=["line", "queued_at"],
                name="tickets_phonecall_live",
            ),
        ),
        migrations.AddIndex(
            model_name="phonecall",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False), ("queued_at__isnull", False)),
                fields=["line", "-answered_at"],
                name="tickets_phonecall_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("sid", ""), _negated=True), fields=("sid",), name="tickets_phonecall_sid_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["menu", "queued", "ringing", "talking", "voicemail", "ended"])),
                name="tickets_phonecall_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction__in", ["in", "out"])), name="tickets_phonecall_direction_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "answered", "missed", "voicemail"])),
                name="tickets_phonecall_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state", "ended"), models.Q(("outcome", ""), _negated=True)),
                    models.Q(models.Q(("state", "ended"), _negated=True), ("ended_at__isnull", True), ("outcome", "")),
                    _connector="OR",
                ),
                name="tickets_phonecall_end_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["queued", "ringing"]), _negated=True),
                    models.Q(("queued_at__isnull", False), ("ticket__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_phonecall_queue_has_ticket",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "talking"), _negated=True),
                    models.Q(("agent__isnull", False), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_phonecall_talk_has_agent",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "answered"), _negated=True), ("answered_at__isnull", False), _connector="OR"
                ),
                name="tickets_phonecall_answered_was_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_at__isnull", True),
                    ("ended_at__isnull", True),
                    ("ended_at__gte", models.F("answered_at")),
                    _connector="OR",
                ),
                name="tickets_phonecall_in_order",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonecall",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_call_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{menu:ended,menu:queued,menu:ringing,menu:voicemail,queued:ended,queued:ringing,queued:voicemail,ringing:ended,ringing:queued,ringing:talking,ringing:voicemail,talking:ended,talking:queued,voicemail:ended}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="b8f90a9d8141ec0074a57c2e1ed880881238ba4d",
                    operation="UPDATE",
                    pgid="pgtrigger_tickets_call_moves_a7e85",
                    table="tickets_phonecall",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="phonerecording",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["next_attempt_at"],
                name="tickets_phonerecording_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonerecording",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "kept", "failed"])),
                name="tickets_phonerecording_state_known",
            ),
        ),
    ]
