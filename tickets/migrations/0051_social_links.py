"""Links that join private conversations on social channels to customers."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_absences_give_back"),
        ("tickets", "0050_phone_pins"),
    ]

    operations = [
        migrations.CreateModel(
            name="SocialLink",
            fields=[
                (
                    "chat",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="link",
                        serialize=False,
                        to="tickets.socialchat",
                    ),
                ),
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
                ("secret_hash", models.CharField(blank=True, max_length=64)),
                ("opens_until", models.DateTimeField(null=True)),
                ("linked_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="social_links",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("secret_hash", ""), _negated=True),
                        fields=("secret_hash",),
                        name="tickets_sociallink_secret",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer__isnull", True), ("linked_at__isnull", True)),
                            models.Q(("customer__isnull", False), ("linked_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="tickets_sociallink_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opens_until__isnull", True), ("secret_hash", "")),
                            models.Q(models.Q(("secret_hash", ""), _negated=True), ("opens_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="tickets_sociallink_opens",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sociallink",
            trigger=pgtrigger.compiler.Trigger(
                name="private",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (SELECT FROM tickets_socialchat WHERE id = NEW.chat_id AND is_public) THEN\n        RAISE EXCEPTION 'what everybody can read belongs to nobody alone' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="24ab5a9625fede993b0453a506c6e09b75da6144",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_private_7c8ae",
                    table="tickets_sociallink",
                    when="BEFORE",
                ),
            ),
        ),
    ]
