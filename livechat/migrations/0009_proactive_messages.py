"""Proactive messages: what a chat may show by itself, and to whom it was shown; how many a day."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import core.clock
import core.ids
import livechat.paths


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0008_mail_owed_and_silent_visitors"),
    ]

    operations = [
        migrations.AddField(
            model_name="chatinbox",
            name="proactive_per_day",
            field=models.PositiveSmallIntegerField(
                db_default=2,
                default=2,
                help_text="So many for each visitor within 24 hours at most; 0 shows none.",
                verbose_name="proactive messages a day",
            ),
        ),
        migrations.CreateModel(
            name="ProactiveMessage",
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
                    models.CharField(help_text="For us; visitors do not read it.", max_length=80, verbose_name="name"),
                ),
                ("text", models.CharField(max_length=300, verbose_name="text")),
                ("text_zh_hans", models.CharField(blank=True, max_length=300, verbose_name="text in Chinese")),
                (
                    "paths",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200, validators=[livechat.paths.validate]),
                        help_text="Paths of the site, separated by commas: /withdraw, /account/*",
                        size=20,
                        verbose_name="pages",
                    ),
                ),
                (
                    "after_s",
                    models.PositiveIntegerField(
                        default=15,
                        validators=[django.core.validators.MaxValueValidator(3600)],
                        verbose_name="after seconds on the page",
                    ),
                ),
                (
                    "who",
                    models.CharField(
                        choices=[
                            ("anybody", "Anybody"),
                            ("anonymous", "Not signed in"),
                            ("proven", "Signed in at the exchange"),
                            ("no_mfa", "Signed in without a second factor"),
                        ],
                        default="anybody",
                        max_length=10,
                        verbose_name="for whom",
                    ),
                ),
                (
                    "visits",
                    models.CharField(
                        choices=[
                            ("all", "New and returning"),
                            ("new", "New: no conversation yet"),
                            ("returning", "Returning: had a conversation"),
                        ],
                        default="all",
                        max_length=10,
                        verbose_name="visits",
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("en", "English"), ("zh-hans", "Simplified Chinese")], max_length=16
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="languages",
                    ),
                ),
                (
                    "is_attended_only",
                    models.BooleanField(
                        default=False,
                        help_text="Within the chat's hours, and with somebody online who takes its chats.",
                        verbose_name="only while somebody is there",
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Of several that fit, the one with the lowest number is shown.",
                        verbose_name="priority",
                    ),
                ),
                (
                    "every_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="For each visitor. Whoever dismisses it never sees it again.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="once in so many days",
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "inbox",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="livechat.chatinbox",
                        verbose_name="chat inbox",
                    ),
                ),
            ],
            options={
                "verbose_name": "proactive message",
                "verbose_name_plural": "proactive messages",
                "ordering": ["inbox", "priority", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ProactiveShow",
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
                ("text", models.CharField(max_length=300)),
                ("shown_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("opened_at", models.DateTimeField(null=True)),
                ("dismissed_at", models.DateTimeField(null=True)),
                (
                    "chat",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="begun_by",
                        to="livechat.chat",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shows",
                        to="livechat.proactivemessage",
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="livechat.visitor",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="proactivemessage",
            index=models.Index(fields=["inbox", "priority", "id"], name="livechat_proactive_of_inbox"),
        ),
        migrations.AddConstraint(
            model_name="proactivemessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("who__in", ["anybody", "anonymous", "proven", "no_mfa"])),
                name="livechat_proactive_who_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proactivemessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("visits__in", ["all", "new", "returning"])), name="livechat_proactive_visits_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="proactivemessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("after_s__lte", 3600), ("every_days__gte", 1), ("every_days__lte", 365)),
                name="livechat_proactive_bounded",
            ),
        ),
        migrations.AddConstraint(
            model_name="proactivemessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_at__isnull", True),
                    ("ends_at__isnull", True),
                    ("ends_at__gt", models.F("starts_at")),
                    _connector="OR",
                ),
                name="livechat_proactive_period",
                violation_error_message="The period ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proactivemessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("paths__len__gte", 1)),
                name="livechat_proactive_has_pages",
                violation_error_message="Name at least one page.",
            ),
        ),
        migrations.AddIndex(
            model_name="proactiveshow",
            index=models.Index(fields=["visitor", "-shown_at"], name="livechat_show_of_visitor"),
        ),
        migrations.AddIndex(
            model_name="proactiveshow",
            index=models.Index(
                fields=["message"], include=("opened_at", "dismissed_at", "chat"), name="livechat_show_of_message"
            ),
        ),
        migrations.AddConstraint(
            model_name="proactiveshow",
            constraint=models.CheckConstraint(
                condition=models.Q(("chat__isnull", True), ("opened_at__isnull", False), _connector="OR"),
                name="livechat_show_began_what_it_opened",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proactiveshow",
            trigger=pgtrigger.compiler.Trigger(
                name="livechat_proactiveshow_capped",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE v_customer bigint; v_every integer; v_per_day integer; v_browsers bigint[];",
                    func="\n    SELECT customer_id INTO v_customer FROM livechat_visitor WHERE id = NEW.visitor_id;\n    PERFORM pg_advisory_xact_lock(hashtextextended(\n        'proactive message to ' || COALESCE('customer ' || v_customer, 'visitor ' || NEW.visitor_id), 0));\n    SELECT message.every_days, inbox.proactive_per_day INTO v_every, v_per_day\n      FROM livechat_proactivemessage AS message\n      JOIN livechat_chatinbox AS inbox ON inbox.id = message.inbox_id\n      JOIN livechat_visitor AS visitor ON visitor.inbox_id = inbox.id AND visitor.id = NEW.visitor_id\n      WHERE message.id = NEW.message_id;\n    SELECT array_agg(id) INTO v_browsers FROM livechat_visitor\n      WHERE id = NEW.visitor_id OR customer_id = v_customer;\n    IF v_every IS NULL\n       OR EXISTS (SELECT FROM livechat_chat WHERE visitor_id = ANY (v_browsers) AND ended_at IS NULL)\n       OR EXISTS (SELECT FROM livechat_proactiveshow\n                   WHERE visitor_id = ANY (v_browsers) AND message_id = NEW.message_id\n                     AND (dismissed_at IS NOT NULL OR shown_at > core.clock() - v_every * interval '1 day'))\n       OR (SELECT count(*) FROM livechat_proactiveshow\n            WHERE visitor_id = ANY (v_browsers) AND shown_at > core.clock() - interval '1 day') >= v_per_day\n    THEN\n        RAISE EXCEPTION 'this visitor is not to be shown this message now'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'livechat_proactiveshow_capped';\n    END IF;\n    NEW.shown_at := core.clock();\n    RETURN NEW;\n",
                    hash="18f8a5e0df63f9ad82d3f885c3c0b9408b4ffed4",
                    operation="INSERT",
                    pgid="pgtrigger_livechat_proactiveshow_capped_4ade2",
                    table="livechat_proactiveshow",
                    when="BEFORE",
                ),
            ),
        ),
    ]
