"""What a chat asks before it begins, by topic."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0004_visitor_files"),
        ("tickets", "0012_sent_fingerprints"),
    ]

    operations = [
        migrations.CreateModel(
            name="TopicForm",
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
                        verbose_name="name for visitors",
                    ),
                ),
                (
                    "name_zh_hans",
                    models.CharField(blank=True, max_length=80, verbose_name="name for visitors, in Chinese"),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "inbox",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_forms",
                        to="livechat.chatinbox",
                        verbose_name="chat inbox",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        limit_choices_to={"parent__isnull": False},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tickets.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "chat form",
                "verbose_name_plural": "chat forms",
                "ordering": ["inbox", "position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TopicQuestion",
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
                            ("tx_hash", "Transaction hash"),
                            ("asset", "Asset and network"),
                        ],
                        default="text",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("label", models.CharField(max_length=120, verbose_name="question")),
                ("label_zh_hans", models.CharField(blank=True, max_length=120, verbose_name="question in Chinese")),
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
                ("is_required", models.BooleanField(default=False, verbose_name="has to be answered")),
                (
                    "form",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="livechat.topicform",
                    ),
                ),
            ],
            options={
                "verbose_name": "question",
                "verbose_name_plural": "questions",
                "ordering": ["position"],
            },
        ),
        migrations.AddConstraint(
            model_name="topicform",
            constraint=models.UniqueConstraint(fields=("inbox", "topic"), name="livechat_topicform_once"),
        ),
        migrations.AddConstraint(
            model_name="topicquestion",
            constraint=models.UniqueConstraint(fields=("form", "position"), name="livechat_topicquestion_place"),
        ),
        migrations.AddConstraint(
            model_name="topicquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1), ("position__lte", 5)),
                name="livechat_topicquestion_five_at_most",
                violation_error_message="A form has five questions at most: positions 1 to 5.",
            ),
        ),
        migrations.AddConstraint(
            model_name="topicquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["text", "choice", "tx_hash", "asset"])),
                name="livechat_topicquestion_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="topicquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "choice"), _negated=True), ("choices__len__gte", 2), _connector="OR"
                ),
                name="livechat_topicquestion_has_choices",
                violation_error_message="Give at least two choices.",
            ),
        ),
    ]
