"""Custom fields, checklists, ticket templates and time spent."""

from datetime import timedelta
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids

PUBLIC_ID: Any = {
    "default": core.ids.new_public_id, "editable": False, "max_length": 20, "unique": True, "verbose_name": "public id",
}  # fmt: skip
KINDS = [
    ("text", "Text"), ("long_text", "Long text"), ("number", "Whole number"), ("decimal", "Decimal number"),
    ("date", "Date"), ("yes_no", "Yes or no"), ("choice", "One of several"), ("choices", "Several of several"),
    ("link", "Link"),
]  # fmt: skip
# Somebody of ours.
BY: Any = {
    "on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL,
}  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0060_contacts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChecklistTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(**PUBLIC_ID)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_shared", models.BooleanField(db_default=False, default=False, verbose_name="shared")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("archived_at", models.DateTimeField(editable=False, null=True)),
                ("name_zh_hans", models.CharField(blank=True, max_length=60, verbose_name="name in Chinese")),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), size=50, verbose_name="items"
                    ),
                ),
                (
                    "items_zh_hans",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=50,
                        verbose_name="items in Chinese",
                    ),
                ),
                (
                    "is_needed",
                    models.BooleanField(db_default=False, default=False, verbose_name="must be done to resolve"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "checklist",
                "verbose_name_plural": "checklists",
                "ordering": ["name", "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(**PUBLIC_ID)),
                ("text", models.CharField(max_length=200)),
                ("text_zh_hans", models.CharField(blank=True, max_length=200)),
                ("position", models.PositiveSmallIntegerField()),
                ("is_needed", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("done_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                ("added_by", models.ForeignKey(db_index=False, null=True, **BY)),
                ("done_by", models.ForeignKey(db_index=False, null=True, **BY)),
                ("removed_by", models.ForeignKey(db_index=False, null=True, **BY)),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checklist",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.checklisttemplate",
                    ),
                ),
            ],
            options={"ordering": ["position", "pk"]},
        ),
        migrations.AddField(
            model_name="topic",
            name="checklist",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Put on tickets of this topic by itself.",
                limit_choices_to={"archived_at": None, "is_shared": True},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.checklisttemplate",
                verbose_name="checklist",
            ),
        ),
        migrations.CreateModel(
            name="CustomField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="Never changes: the search knows it as field.KEY, and so do programs.",
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z", "Small letters, digits and underscores, a letter first."
                            )
                        ],
                        verbose_name="key",
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=KINDS, help_text="Never changes.", max_length=10, verbose_name="kind"),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("name_zh_hans", models.CharField(blank=True, max_length=60, verbose_name="name in Chinese")),
                ("hint", models.CharField(blank=True, max_length=200, verbose_name="hint")),
                ("hint_zh_hans", models.CharField(blank=True, max_length=200, verbose_name="hint in Chinese")),
                (
                    "need",
                    models.CharField(
                        choices=[("never", "Never"), ("resolve", "To resolve a ticket")],
                        default="never",
                        max_length=8,
                        verbose_name="needed",
                    ),
                ),
                (
                    "least",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="Of a number its value, of a text its characters.",
                        max_digits=20,
                        null=True,
                        verbose_name="at least",
                    ),
                ),
                (
                    "most",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="at most"),
                ),
                (
                    "pattern",
                    models.CharField(
                        blank=True,
                        help_text="For the whole of a text: characters, [A-Z0-9], \\d, each with ?, {3} or {2,8}. As in [A-Z]{2}\\d{6}.",
                        max_length=100,
                        verbose_name="pattern",
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        help_text="Separated by commas. What is taken away stays where it was chosen.",
                        size=50,
                        verbose_name="choices",
                    ),
                ),
                (
                    "choices_zh_hans",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        help_text="In the same order, as many as above.",
                        size=50,
                        verbose_name="choices in Chinese",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                (
                    "is_public",
                    models.BooleanField(
                        default=False, help_text="Read only, in the portal.", verbose_name="shown to the customer"
                    ),
                ),
                (
                    "is_personal",
                    models.BooleanField(
                        default=False,
                        help_text="The timeline says that it was changed, and not from what to what.",
                        verbose_name="personal",
                    ),
                ),
                (
                    "is_retired",
                    models.BooleanField(
                        default=False,
                        help_text="Not offered any more; what is filled in stays.",
                        verbose_name="retired",
                    ),
                ),
            ],
            options={
                "verbose_name": "custom field",
                "verbose_name_plural": "custom fields",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z][a-z0-9_]{0,39}$")),
                        name="tickets_customfield_key_is_a_slug",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "text",
                                    "long_text",
                                    "number",
                                    "decimal",
                                    "date",
                                    "yes_no",
                                    "choice",
                                    "choices",
                                    "link",
                                ],
                            )
                        ),
                        name="tickets_customfield_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("need__in", ["never", "resolve"])), name="tickets_customfield_need_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["choice", "choices"]), _negated=True),
                            ("choices__len__gte", 1),
                            _connector="OR",
                        ),
                        name="tickets_customfield_has_choices",
                        violation_error_message="Give at least one choice.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("choices_zh_hans__len", 0),
                            ("choices_zh_hans__len", models.F("choices__len")),
                            _connector="OR",
                        ),
                        name="tickets_customfield_choices_match",
                        violation_error_message="Give as many choices in Chinese as in English, or none.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("least__isnull", True),
                            ("most__isnull", True),
                            ("least__lte", models.F("most")),
                            _connector="OR",
                        ),
                        name="tickets_customfield_range",
                        violation_error_message="The least is more than the most.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomFieldTopic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "field",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topics",
                        to="tickets.customfield",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={"verbose_name": "topic of a field", "verbose_name_plural": "only for these topics"},
        ),
        migrations.CreateModel(
            name="CustomValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("text", models.TextField(null=True)),
                ("whole", models.BigIntegerField(null=True)),
                ("amount", models.DecimalField(decimal_places=10, max_digits=30, null=True)),
                ("day", models.DateField(null=True)),
                ("flag", models.BooleanField(null=True)),
                (
                    "chosen",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), null=True, size=None
                    ),
                ),
                (
                    "field",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="tickets.customfield",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="custom_values",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(**PUBLIC_ID)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_shared", models.BooleanField(db_default=False, default=False, verbose_name="shared")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("archived_at", models.DateTimeField(editable=False, null=True)),
                ("subject", models.CharField(blank=True, max_length=250, verbose_name="subject")),
                ("text", models.TextField(blank=True, max_length=10000, verbose_name="text")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                        default="normal",
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=20,
                        verbose_name="tags",
                    ),
                ),
                (
                    "checklist",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.checklisttemplate",
                        verbose_name="checklist",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "to_team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team of the ticket",
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
                "verbose_name": "ticket template",
                "verbose_name_plural": "ticket templates",
                "ordering": ["name", "pk"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TicketTemplateValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=2000)),
                (
                    "field",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.customfield"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="tickets.tickettemplate",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TimeEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(**PUBLIC_ID)),
                ("minutes", models.PositiveSmallIntegerField()),
                ("day", models.DateField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("staff", models.ForeignKey(db_index=False, **BY)),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="time_entries",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", True), ("is_shared", True), _connector="OR"),
                name="tickets_checklisttemplate_team_is_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tickets_checklisttemplate_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("items__len__gte", 1)), name="tickets_checklisttemplate_has_items"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklisttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("items_zh_hans__len", 0), ("items_zh_hans__len", models.F("items__len")), _connector="OR"
                ),
                name="tickets_checklisttemplate_items_match",
            ),
        ),
        migrations.AddIndex(
            model_name="checklistitem",
            index=models.Index(
                condition=models.Q(("removed_at__isnull", True)),
                fields=["ticket", "position"],
                name="tickets_checklistitem_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="tickets_checklistitem_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("done_by__isnull", True)),
                    models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_checklistitem_done_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                    models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_checklistitem_removed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="customfieldtopic",
            constraint=models.UniqueConstraint(fields=("field", "topic"), name="tickets_customfieldtopic_once"),
        ),
        migrations.AddIndex(
            model_name="customvalue",
            index=models.Index(
                models.F("field"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower(django.db.models.functions.text.Left("text", 100)),
                    name="text_pattern_ops",
                ),
                condition=models.Q(("text__isnull", False)),
                name="tickets_customvalue_text",
            ),
        ),
        migrations.AddIndex(
            model_name="customvalue",
            index=models.Index(
                condition=models.Q(("whole__isnull", False)),
                fields=["field", "whole"],
                name="tickets_customvalue_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="customvalue",
            index=models.Index(
                condition=models.Q(("amount__isnull", False)),
                fields=["field", "amount"],
                name="tickets_customvalue_amount",
            ),
        ),
        migrations.AddIndex(
            model_name="customvalue",
            index=models.Index(
                condition=models.Q(("day__isnull", False)), fields=["field", "day"], name="tickets_customvalue_day"
            ),
        ),
        migrations.AddIndex(
            model_name="customvalue",
            index=models.Index(
                condition=models.Q(("flag__isnull", False)), fields=["field", "flag"], name="tickets_customvalue_flag"
            ),
        ),
        migrations.AddIndex(
            model_name="customvalue",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("chosen__isnull", False)), fields=["chosen"], name="tickets_customvalue_chosen"
            ),
        ),
        migrations.AddConstraint(
            model_name="customvalue",
            constraint=models.UniqueConstraint(fields=("ticket", "field"), name="tickets_customvalue_once"),
        ),
        migrations.AddConstraint(
            model_name="customvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__isnull", True),
                        ("chosen__isnull", True),
                        ("day__isnull", True),
                        ("flag__isnull", True),
                        ("kind__in", ("text", "long_text", "choice", "link")),
                        ("text__isnull", False),
                        ("whole__isnull", True),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("chosen__isnull", True),
                        ("day__isnull", True),
                        ("flag__isnull", True),
                        ("kind__in", ("number",)),
                        ("text__isnull", True),
                        ("whole__isnull", False),
                    ),
                    models.Q(
                        ("amount__isnull", False),
                        ("chosen__isnull", True),
                        ("day__isnull", True),
                        ("flag__isnull", True),
                        ("kind__in", ("decimal",)),
                        ("text__isnull", True),
                        ("whole__isnull", True),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("chosen__isnull", True),
                        ("day__isnull", False),
                        ("flag__isnull", True),
                        ("kind__in", ("date",)),
                        ("text__isnull", True),
                        ("whole__isnull", True),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("chosen__isnull", True),
                        ("day__isnull", True),
                        ("flag__isnull", False),
                        ("kind__in", ("yes_no",)),
                        ("text__isnull", True),
                        ("whole__isnull", True),
                    ),
                    models.Q(
                        ("amount__isnull", True),
                        ("chosen__isnull", False),
                        ("day__isnull", True),
                        ("flag__isnull", True),
                        ("kind__in", ("choices",)),
                        ("text__isnull", True),
                        ("whole__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="tickets_customvalue_in_its_column",
            ),
        ),
        migrations.AddConstraint(
            model_name="customvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text__isnull", True), models.Q(("text", ""), _negated=True), _connector="OR"),
                    models.Q(("chosen__isnull", True), ("chosen__len__gte", 1), _connector="OR"),
                ),
                name="tickets_customvalue_says_something",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customvalue",
            trigger=pgtrigger.compiler.Trigger(
                name="kind_is_the_fields",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF NOT EXISTS (SELECT FROM tickets_customfield WHERE id = NEW.field_id AND kind = NEW.kind) THEN\n                        RAISE EXCEPTION 'A value is of its field''s kind.'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_customvalue_kind';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="102023c16ec7c1391cc71646d501c194740f63f3",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_kind_is_the_fields_4df21",
                    table="tickets_customvalue",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("team__isnull", True), ("is_shared", True), _connector="OR"),
                name="tickets_tickettemplate_team_is_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tickets_tickettemplate_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["low", "normal", "high", "urgent"])),
                name="tickets_tickettemplate_priority_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettemplatevalue",
            constraint=models.UniqueConstraint(fields=("template", "field"), name="tickets_tickettemplatevalue_once"),
        ),
        migrations.AddConstraint(
            model_name="tickettemplatevalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", ""), _negated=True), name="tickets_tickettemplatevalue_says_something"
            ),
        ),
        migrations.AddIndex(
            model_name="timeentry",
            index=models.Index(fields=["ticket", "-created_at"], name="tickets_timeentry_of_ticket"),
        ),
        migrations.AddIndex(
            model_name="timeentry",
            index=models.Index(
                condition=models.Q(("taken_back_at__isnull", True)), fields=["day"], name="tickets_timeentry_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 1), ("minutes__lte", 1440)), name="tickets_timeentry_within_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="timeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken_back_at__isnull", True),
                    (
                        "taken_back_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("created_at"),
                            "+",
                            models.Value(timedelta(days=1), output_field=models.DurationField()),
                        ),
                    ),
                    _connector="OR",
                ),
                name="tickets_timeentry_taken_back_in_time",
            ),
        ),
    ]
