"""How a chat goes on by mail: addresses that visitors gave, ways back, and what is owed."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("livechat", "0006_chat_hours"),
        ("security", "0018_moved_documents_and_factors_to_end"),
        ("tickets", "0014_mail_route"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChatAddress",
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
                ("address", models.CharField(max_length=254)),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("number", models.CharField(max_length=4)),
                ("misses", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("expires_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="VisitorKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link", models.CharField(max_length=20, unique=True)),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("origin", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="chat",
            name="mail_owed_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="chat",
            name="mailed",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="chatinbox",
            name="mail_after_min",
            field=models.PositiveSmallIntegerField(
                db_default=5,
                default=5,
                help_text="Once a visitor has been gone for so long, answers they have not read go out by mail. 0: never.",
                validators=[django.core.validators.MaxValueValidator(1440)],
                verbose_name="answers follow by mail after (minutes)",
            ),
        ),
        migrations.AddField(
            model_name="visitor",
            name="here_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="chataddress",
            name="visitor",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="addresses",
                to="livechat.visitor",
            ),
        ),
        migrations.AddField(
            model_name="visitorkey",
            name="visitor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="livechat.visitor"
            ),
        ),
        migrations.AddIndex(
            model_name="chataddress",
            index=models.Index(fields=["visitor", "-id"], name="livechat_chataddress_latest"),
        ),
        migrations.AddIndex(
            model_name="chataddress",
            index=models.Index(
                django.db.models.functions.text.Lower("address"),
                models.F("asked_at"),
                name="livechat_chataddress_asked",
            ),
        ),
        migrations.AddIndex(
            model_name="chataddress",
            index=models.Index(fields=["asked_at"], name="livechat_chataddress_at"),
        ),
        migrations.AddConstraint(
            model_name="chataddress",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("visitor",), name="livechat_chataddress_one"
            ),
        ),
        migrations.AddIndex(
            model_name="visitorkey",
            index=models.Index(fields=["visitor"], name="livechat_visitorkey_of_visitor"),
        ),
        migrations.AddIndex(
            model_name="visitorkey",
            index=models.Index(fields=["expires_at"], name="livechat_visitorkey_over"),
        ),
    ]
