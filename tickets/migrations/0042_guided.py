"""Guided forms: what they ask, and what was answered."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0041_push"),
    ]

    operations = [
        migrations.CreateModel(
            name="GuidedForm",
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
                    "name",
                    models.CharField(
                        help_text="In their words: “My deposit has not arrived”.",
                        max_length=80,
                        verbose_name="name for customers",
                    ),
                ),
                (
                    "name_zh_hans",
                    models.CharField(blank=True, max_length=80, verbose_name="name for customers, in Chinese"),
                ),
                (
                    "lead",
                    models.CharField(
                        blank=True,
                        help_text="What to do or to have at hand before filling it in.",
                        max_length=300,
                        verbose_name="first sentence on the page",
                    ),
                ),
                (
                    "lead_zh_hans",
                    models.CharField(blank=True, max_length=300, verbose_name="first sentence in Chinese"),
                ),
                (
                    "matter",
                    models.CharField(
                        help_text="What the ticket's sentence is about: “deposit” in “1.25 BTC deposit”.",
                        max_length=60,
                        verbose_name="matter",
                    ),
                ),
                ("matter_zh_hans", models.CharField(blank=True, max_length=60, verbose_name="matter in Chinese")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        help_text="The end of the sentence: “not credited”.",
                        max_length=60,
                        verbose_name="what is wrong",
                    ),
                ),
                (
                    "outcome_zh_hans",
                    models.CharField(blank=True, max_length=60, verbose_name="what is wrong, in Chinese"),
                ),
                (
                    "is_urgent",
                    models.BooleanField(
                        default=False,
                        help_text="The page leads to the freeze first, and the ticket comes before others.",
                        verbose_name="urgent",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "topic",
                    models.OneToOneField(
                        limit_choices_to={"parent__isnull": False},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guided_form",
                        to="tickets.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "guided form",
                "verbose_name_plural": "guided forms",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="GuidedQuestion",
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
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("choice", "One of several choices"),
                            ("asset", "Asset and network"),
                            ("network", "Another network"),
                            ("amount", "Amount"),
                            ("tx_hash", "Transaction hash"),
                            ("from_address", "Address it came from"),
                            ("to_address", "Address it went to"),
                            ("tag", "Tag, memo or comment"),
                            ("time", "Date and time"),
                        ],
                        default="text",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "need",
                    models.CharField(
                        choices=[
                            ("required", "Has to be answered"),
                            ("wanted", "May be left out and is then asked for"),
                            ("optional", "May be left out"),
                        ],
                        default="wanted",
                        max_length=8,
                        verbose_name="need",
                    ),
                ),
                ("label", models.CharField(max_length=120, verbose_name="question")),
                ("label_zh_hans", models.CharField(blank=True, max_length=120, verbose_name="question in Chinese")),
                ("hint", models.CharField(blank=True, max_length=200, verbose_name="hint")),
                ("hint_zh_hans", models.CharField(blank=True, max_length=200, verbose_name="hint in Chinese")),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        help_text="Separated by commas; for a question with choices.",
                        size=12,
                        verbose_name="choices",
                    ),
                ),
                (
                    "choices_zh_hans",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        help_text="In the same order, as many as above; the desk reads those above.",
                        size=12,
                        verbose_name="choices in Chinese",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="tickets.guidedform",
                    ),
                ),
            ],
            options={
                "verbose_name": "question",
                "verbose_name_plural": "questions",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="GuidedRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="tickets.guidedform"
                    ),
                ),
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="guided_request", to="tickets.ticket"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GuidedAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("choice", "One of several choices"),
                            ("asset", "Asset and network"),
                            ("network", "Another network"),
                            ("amount", "Amount"),
                            ("tx_hash", "Transaction hash"),
                            ("from_address", "Address it came from"),
                            ("to_address", "Address it went to"),
                            ("tag", "Tag, memo or comment"),
                            ("time", "Date and time"),
                        ],
                        max_length=12,
                    ),
                ),
                ("label", models.CharField(max_length=120)),
                ("value", models.CharField(max_length=2000)),
                ("network", models.CharField(blank=True, max_length=20)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "question",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tickets.guidedquestion",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="tickets.guidedrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddConstraint(
            model_name="guidedquestion",
            constraint=models.UniqueConstraint(fields=("form", "position"), name="tickets_guidedquestion_place"),
        ),
        migrations.AddConstraint(
            model_name="guidedquestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["text", "choice"]), _negated=True),
                fields=("form", "kind"),
                name="tickets_guidedquestion_kind_once",
                violation_error_message="A form asks for each of these once; only texts and choices may repeat.",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidedquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 12)),
                name="tickets_guidedquestion_few",
                violation_error_message="A guided form has twelve questions at most: positions 1 to 12.",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidedquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "text",
                            "choice",
                            "asset",
                            "network",
                            "amount",
                            "tx_hash",
                            "from_address",
                            "to_address",
                            "tag",
                            "time",
                        ],
                    )
                ),
                name="tickets_guidedquestion_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidedquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("need__in", ["required", "wanted", "optional"])),
                name="tickets_guidedquestion_need_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidedquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "choice"), _negated=True), ("choices__len__gte", 2), _connector="OR"
                ),
                name="tickets_guidedquestion_has_choices",
                violation_error_message="Give at least two choices.",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidedquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("choices_zh_hans__len", 0), ("choices_zh_hans__len", models.F("choices__len")), _connector="OR"
                ),
                name="tickets_guidedquestion_choices_match",
                violation_error_message="Give as many choices in Chinese as in English, or none.",
            ),
        ),
        migrations.AddConstraint(
            model_name="guidedanswer",
            constraint=models.UniqueConstraint(fields=("request", "position"), name="tickets_guidedanswer_place"),
        ),
        migrations.AddConstraint(
            model_name="guidedanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", ""), _negated=True), name="tickets_guidedanswer_says_something"
            ),
        ),
    ]
