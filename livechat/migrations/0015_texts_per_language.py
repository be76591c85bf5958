"""What a chat says in each language: its name, its greeting, and the choices of its questions."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0014_abuse"),
    ]

    operations = [
        migrations.AddField(
            model_name="chatinbox",
            name="greeting",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What stands in the chat before anything is said; empty for our own words.",
                max_length=300,
                verbose_name="greeting",
            ),
        ),
        migrations.AddField(
            model_name="chatinbox",
            name="greeting_zh_hans",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="greeting in Chinese"
            ),
        ),
        migrations.AddField(
            model_name="chatinbox",
            name="name_zh_hans",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=80, verbose_name="name in Chinese"
            ),
        ),
        migrations.AddField(
            model_name="topicquestion",
            name="choices_zh_hans",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80),
                blank=True,
                db_default=[],
                default=list,
                help_text="In the same order, as many as above; the desk reads those above.",
                size=12,
                verbose_name="choices in Chinese",
            ),
        ),
        migrations.AddConstraint(
            model_name="topicquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("choices_zh_hans__len", 0), ("choices_zh_hans__len", models.F("choices__len")), _connector="OR"
                ),
                name="livechat_topicquestion_choices_match",
                violation_error_message="Give as many choices in Chinese as in English, or none.",
            ),
        ),
    ]
