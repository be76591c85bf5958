"""Custom fields."""

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


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0061_macros_and_bulk_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("long_text", "Long text"),
                            ("number", "Whole number"),
                            ("decimal", "Decimal number"),
                            ("date", "Date"),
                            ("yes_no", "Yes or no"),
                            ("choice", "One of several"),
                            ("choices", "Several of several"),
                            ("link", "Link"),
                        ],
                        help_text="Never changes.",
                        max_length=10,
                        verbose_name="kind",
                    ),
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
            options={
                "verbose_name": "topic of a field",
                "verbose_name_plural": "only for these topics",
            },
        ),
        migrations.CreateModel(
            name="CustomValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("long_text", "Long text"),
                            ("number", "Whole number"),
                            ("decimal", "Decimal number"),
                            ("date", "Date"),
                            ("yes_no", "Yes or no"),
                            ("choice", "One of several"),
                            ("choices", "Several of several"),
                            ("link", "Link"),
                        ],
                        max_length=10,
                    ),
                ),
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
    ]
