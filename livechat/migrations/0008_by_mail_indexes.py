"""Indexes of what may have to follow by mail, and of visitors that never said anything."""

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
    ]
