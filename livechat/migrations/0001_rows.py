"""Chat inboxes, visitors, their conversations, and how far each side has read."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import core.clock
import core.ids
import livechat.origins


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("security", "0015_sessions_by_passkey"),
        ("tickets", "0012_sent_fingerprints"),
    ]

    operations = [
        migrations.CreateModel(
            name="Chat",
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
                ("started_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="chat", to="tickets.ticket"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChatInbox",
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
                    "slug",
                    models.SlugField(
                        help_text="Part of the snippet's address.",
                        max_length=40,
                        unique=True,
                        verbose_name="short name",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What visitors read above the conversation.", max_length=80, verbose_name="name"
                    ),
                ),
                (
                    "allowed_origins",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200, validators=[livechat.origins.validate]),
                        blank=True,
                        default=list,
                        help_text="Sites that may embed the chat, such as https://exchange.example, separated by commas.",
                        size=None,
                        verbose_name="allowed origins",
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[("system", "As the device is set"), ("light", "Light"), ("dark", "Dark")],
                        default="system",
                        max_length=8,
                        verbose_name="colours",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "brand",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="accounts.brand",
                        verbose_name="brand",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="accounts.team",
                        verbose_name="first team",
                    ),
                ),
            ],
            options={
                "verbose_name": "chat inbox",
                "verbose_name_plural": "chat inboxes",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("side", models.CharField(choices=[("visitor", "Visitor"), ("staff", "Staff")], max_length=8)),
                ("delivered", models.PositiveIntegerField(default=0)),
                ("read", models.PositiveIntegerField(default=0)),
                ("moved_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "chat",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="livechat.chat",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Visitor",
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
                ("origin", models.CharField(max_length=200)),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("locale", models.CharField(blank=True, max_length=16)),
                ("started_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("seen_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
                    ),
                ),
                (
                    "inbox",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visitors",
                        to="livechat.chatinbox",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="security.customersession",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="chat",
            name="visitor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="chats", to="livechat.visitor"
            ),
        ),
        migrations.AddConstraint(
            model_name="chatinbox",
            constraint=models.CheckConstraint(
                condition=models.Q(("theme__in", ["system", "light", "dark"])), name="livechat_chatinbox_theme_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.UniqueConstraint(fields=("chat", "side"), name="livechat_mark_once"),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["visitor", "staff"])), name="livechat_mark_side_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.CheckConstraint(
                condition=models.Q(("read__lte", models.F("delivered"))), name="livechat_mark_read_is_delivered"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mark",
            trigger=pgtrigger.compiler.Trigger(
                name="livechat_mark_moves_on",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.delivered < OLD.delivered OR NEW.read < OLD.read)",
                    func="RAISE EXCEPTION 'a mark never moves back';",
                    hash="fd6bacb4cf5904079d8081fd6af06a3335859a00",
                    operation="UPDATE",
                    pgid="pgtrigger_livechat_mark_moves_on_87263",
                    table="livechat_mark",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="visitor",
            index=models.Index(fields=["inbox", "-id"], name="livechat_visitor_of_inbox"),
        ),
        migrations.AddConstraint(
            model_name="visitor",
            constraint=models.CheckConstraint(
                condition=models.Q(("session__isnull", True), ("customer__isnull", False), _connector="OR"),
                name="livechat_visitor_session_has_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="chat",
            index=models.Index(fields=["visitor", "-id"], name="livechat_chat_of_visitor"),
        ),
        migrations.AddConstraint(
            model_name="chat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("visitor",), name="livechat_chat_one_open"
            ),
        ),
    ]
