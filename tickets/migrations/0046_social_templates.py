"""Texts that a vendor has approved, and messages that go as one."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0045_social_receipts"),
    ]

    operations = [
        migrations.CreateModel(
            name="SocialTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("language", models.CharField(default="en", max_length=16, verbose_name="language")),
                ("body", models.TextField(max_length=1024, verbose_name="text")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates",
                        to="tickets.socialaccount",
                        verbose_name="social account",
                    ),
                ),
            ],
            options={
                "verbose_name": "social template",
                "verbose_name_plural": "social templates",
                "ordering": ["name", "language"],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "name", "language"), name="tickets_socialtemplate_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="socialpost",
            name="template",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.socialtemplate",
            ),
        ),
        migrations.AddField(
            model_name="socialpost",
            name="template_values",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), db_default=[], default=list, size=None
            ),
        ),
    ]
