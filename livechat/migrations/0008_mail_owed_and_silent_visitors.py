"""Indexes of what may have to follow by mail and of visitors that never said anything; those that did stay."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("livechat", "0007_by_mail"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="chat",
            index=models.Index(
                condition=models.Q(("mail_owed_since__isnull", False)),
                fields=["mail_owed_since"],
                name="livechat_chat_mail_owed",
            ),
        ),
        AddIndexConcurrently(
            model_name="visitor",
            index=models.Index(
                condition=models.Q(("customer__isnull", True)), fields=["seen_at"], name="livechat_visitor_silent"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visitor",
            trigger=pgtrigger.compiler.Trigger(
                name="livechat_visitor_who_spoke_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.customer_id IS NOT NULL)",
                    func="RAISE EXCEPTION 'a visitor who has said something, or is known, stays';",
                    hash="329e5f9cb76748ce2bbb194ac01ddc158303df9f",
                    operation="DELETE",
                    pgid="pgtrigger_livechat_visitor_who_spoke_stays_583b5",
                    table="livechat_visitor",
                    when="BEFORE",
                ),
            ),
        ),
    ]
