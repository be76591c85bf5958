"""Chains of escalation and what they name; who is on call."""

from datetime import time, timedelta

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids
import tickets.models.escalation
import tickets.models.oncall


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_quiet_hours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tickets", "0031_waiting_for_somebody"),
    ]

    operations = [
        migrations.CreateModel(
            name="EscalationChain",
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
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=100, help_text="Of several chains that fit, the lowest one runs.", verbose_name="order"
                    ),
                ),
                (
                    "teams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name="teams"
                    ),
                ),
                (
                    "policies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="SLA policies",
                    ),
                ),
                (
                    "metrics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="promises",
                    ),
                ),
                (
                    "priorities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="priorities",
                    ),
                ),
                (
                    "takes_customers",
                    models.BooleanField(
                        default=False,
                        help_text="Also begins when a customer escalates at the portal; every step then counts from that moment.",
                        verbose_name="when a customer escalates",
                    ),
                ),
                (
                    "quiet_from",
                    models.TimeField(
                        blank=True,
                        help_text="What is not urgent waits for the end of the quiet hours.",
                        null=True,
                        verbose_name="quiet from",
                    ),
                ),
                ("quiet_until", models.TimeField(blank=True, null=True, verbose_name="quiet until")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[tickets.models.oncall.known_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "storm_limit",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="When more tickets than this begin it within a minute, each person is told once, of all of them.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="storm guard",
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation chain",
                "verbose_name_plural": "escalation chains",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                            models.Q(("quiet_from__isnull", False), ("quiet_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="tickets_escalationchain_quiet_whole",
                        violation_error_message="Quiet hours need both a beginning and an end.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("storm_limit__gte", 1), ("storm_limit__lte", 1000)),
                        name="tickets_escalationchain_storm_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EscalationHook",
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
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "url",
                    models.CharField(
                        max_length=500, validators=[tickets.models.escalation.https_only], verbose_name="address"
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[("json", "JSON, signed"), ("chat", "Chat channel (a field “text”)")],
                        default="json",
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                ("secret", core.crypto.EncryptedTextField(default=core.ids.new_public_id, verbose_name="signing key")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "webhook of escalation",
                "verbose_name_plural": "webhooks of escalation",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["json", "chat"])), name="tickets_escalationhook_format_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("url__startswith", "https://")), name="tickets_escalationhook_https"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OnCallSchedule",
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
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        max_length=64,
                        validators=[tickets.models.oncall.known_zone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "begins_on",
                    models.DateField(help_text="When the first person's first turn begins.", verbose_name="first day"),
                ),
                (
                    "hands_over_at",
                    models.TimeField(
                        default=time(9, 0), help_text="By the wall clock there.", verbose_name="handed over at"
                    ),
                ),
                (
                    "turn_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(28),
                        ],
                        verbose_name="days of a turn",
                    ),
                ),
            ],
            options={
                "verbose_name": "on-call schedule",
                "verbose_name_plural": "on-call schedules",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("turn_days__gte", 1), ("turn_days__lte", 28)),
                        name="tickets_oncallschedule_turn_sane",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OnCallParticipant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="order")),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participants",
                        to="tickets.oncallschedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "person on call",
                "verbose_name_plural": "people on call, in order",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="OnCallOverride",
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
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="to")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("standing", "Agreed"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("pair", models.CharField(blank=True, editable=False, max_length=20)),
                ("asked_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asks",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="overrides",
                        to="tickets.oncallschedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "stand-in on call",
                "verbose_name_plural": "stand-ins on call",
            },
        ),
        migrations.CreateModel(
            name="EscalationStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="order")),
                (
                    "minutes",
                    models.PositiveIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(10080)], verbose_name="minutes"
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("warned", "the warning"),
                            ("breached", "the breach"),
                            ("previous", "the step before, if nobody has acknowledged"),
                        ],
                        default="breached",
                        max_length=10,
                        verbose_name="after",
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("page", "Page at the desk"),
                            ("mail", "Mail"),
                            ("hook", "Webhook or chat channel"),
                            ("on_call", "Call who is on call (page and mail)"),
                            ("priority", "Raise the priority"),
                            ("reassign", "Reassign"),
                            ("follow", "Add a follower"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                ("to_assignee", models.BooleanField(default=False, verbose_name="whoever has it")),
                (
                    "priority",
                    models.CharField(
                        blank=True,
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                        max_length=8,
                        verbose_name="priority",
                    ),
                ),
                (
                    "is_urgent",
                    models.BooleanField(
                        default=False, help_text="Does not wait for quiet hours.", verbose_name="urgent"
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="tickets.escalationchain",
                    ),
                ),
                (
                    "hook",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.escalationhook",
                        verbose_name="webhook",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.oncallschedule",
                        verbose_name="on-call schedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "step",
                "verbose_name_plural": "steps, in order",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="oncallparticipant",
            constraint=models.UniqueConstraint(fields=("schedule", "staff"), name="tickets_oncallparticipant_once"),
        ),
        migrations.AddIndex(
            model_name="oncalloverride",
            index=models.Index(
                condition=models.Q(("state__in", ["asked", "standing"])),
                fields=["schedule", "ends_at"],
                name="tickets_oncalloverride_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="oncalloverride",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__gt", models.F("starts_at")),
                    (
                        "ends_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("starts_at"), "+", models.Value(timedelta(days=31))
                        ),
                    ),
                ),
                name="tickets_oncalloverride_span_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="oncalloverride",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["asked", "standing", "declined", "cancelled"])),
                name="tickets_oncalloverride_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="oncalloverride",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "asked"), _negated=True), ("asks__isnull", False), _connector="OR"
                ),
                name="tickets_oncalloverride_asks_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("after__in", ["warned", "breached", "previous"])),
                name="tickets_escalationstep_after_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__lte", 10080)), name="tickets_escalationstep_minutes_bounded"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("action__in", ["page", "mail"]),
                        models.Q(
                            models.Q(
                                ("to_assignee", True),
                                ("staff__isnull", True),
                                ("team__isnull", True),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", False),
                                ("team__isnull", True),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", True),
                                ("team__isnull", False),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        ("action", "hook"),
                        ("to_assignee", False),
                        ("staff__isnull", True),
                        ("team__isnull", True),
                        ("schedule__isnull", True),
                        ("hook__isnull", False),
                        ("priority", ""),
                    ),
                    models.Q(
                        ("action", "on_call"),
                        ("to_assignee", False),
                        ("staff__isnull", True),
                        ("team__isnull", True),
                        ("schedule__isnull", False),
                        ("hook__isnull", True),
                        ("priority", ""),
                    ),
                    models.Q(
                        ("action", "priority"),
                        ("to_assignee", False),
                        ("staff__isnull", True),
                        ("team__isnull", True),
                        ("schedule__isnull", True),
                        ("hook__isnull", True),
                        models.Q(("priority", ""), _negated=True),
                    ),
                    models.Q(
                        ("action", "reassign"),
                        models.Q(
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", False),
                                ("team__isnull", True),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", True),
                                ("team__isnull", False),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        ("action", "follow"),
                        ("to_assignee", False),
                        ("staff__isnull", False),
                        ("team__isnull", True),
                        ("schedule__isnull", True),
                        ("hook__isnull", True),
                        ("priority", ""),
                    ),
                    _connector="OR",
                ),
                name="tickets_escalationstep_target_fits",
                violation_error_message="Name exactly whom the step is for: a person, a team or whoever has it for pages and mails; a person or a team to reassign; a person to follow; a schedule to call; a webhook; a priority.",
            ),
        ),
    ]
