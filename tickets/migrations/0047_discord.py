"""Discord: channels of servers with their teams, who poses as us there, and what its gateway goes on with."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_absences_give_back"),
        ("tickets", "0046_social_templates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SocialImpostor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("server_id", models.CharField(max_length=20, verbose_name="number of the server")),
                ("member_id", models.CharField(max_length=20, verbose_name="number of the member")),
                ("day", models.DateField(verbose_name="day")),
                ("seen_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="seen")),
            ],
            options={
                "verbose_name": "impersonator",
                "verbose_name_plural": "impersonators",
            },
        ),
        migrations.CreateModel(
            name="SocialRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel_id",
                    models.CharField(
                        help_text="Discord's developer mode copies it. Of a forum: the forum's own.",
                        max_length=20,
                        validators=[django.core.validators.RegexValidator("\\A[0-9]{1,20}\\Z")],
                        verbose_name="number of the channel",
                    ),
                ),
                ("is_watched_forum", models.BooleanField(default=False, verbose_name="watched forum")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "social route",
                "verbose_name_plural": "social routes",
                "ordering": ["account", "channel_id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="socialaccount",
            name="tickets_socialaccount_kind_known",
        ),
        migrations.AddField(
            model_name="socialaccount",
            name="gateway_session",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=400),
        ),
        migrations.AddField(
            model_name="socialaccount",
            name="official_role",
            field=models.CharField(blank=True, db_default="", max_length=32, verbose_name="role of our people"),
        ),
        migrations.AlterField(
            model_name="socialaccount",
            name="kind",
            field=models.CharField(
                choices=[
                    ("telegram", "Telegram"),
                    ("messenger", "Facebook Messenger"),
                    ("whatsapp", "WhatsApp"),
                    ("x", "X"),
                    ("discord", "Discord"),
                ],
                max_length=12,
                verbose_name="channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="socialaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["telegram", "messenger", "whatsapp", "x", "discord"])),
                name="tickets_socialaccount_kind_known",
            ),
        ),
        migrations.AddField(
            model_name="socialimpostor",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="impostors",
                to="tickets.socialaccount",
                verbose_name="social account",
            ),
        ),
        migrations.AddField(
            model_name="socialimpostor",
            name="staff",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="staff member",
            ),
        ),
        migrations.AddField(
            model_name="socialroute",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="routes",
                to="tickets.socialaccount",
                verbose_name="social account",
            ),
        ),
        migrations.AddField(
            model_name="socialroute",
            name="team",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team", verbose_name="team"
            ),
        ),
        migrations.AddIndex(
            model_name="socialimpostor",
            index=models.Index(fields=["seen_at"], name="tickets_socialimpostor_seen"),
        ),
        migrations.AddConstraint(
            model_name="socialimpostor",
            constraint=models.UniqueConstraint(
                fields=("account", "member_id", "day"), name="tickets_socialimpostor_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="socialroute",
            constraint=models.UniqueConstraint(fields=("account", "channel_id"), name="tickets_socialroute_once"),
        ),
        migrations.AddConstraint(
            model_name="socialroute",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel_id__regex", "^[0-9]{1,20}$")), name="tickets_socialroute_channel_is_number"
            ),
        ),
    ]
