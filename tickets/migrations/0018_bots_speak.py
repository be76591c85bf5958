"""Bots speak under a role of their own: never staff, never proven."""

from django.db import migrations, models

NAME = "tickets_message_sender_role_known"
ROLES = ["requester", "participant", "third_party", "staff", "bot", "system"]
CHOICES = [
    ("requester", "Requester"), ("participant", "Participant"), ("third_party", "Third Party"), ("staff", "Staff"),
    ("bot", "Bot"), ("system", "System"),
]  # fmt: skip
UNPROVEN = "tickets_message_bots_prove_nothing"
NOBODY = models.Q(("sender_role", "bot"), _negated=True) | models.Q(
    ("customer__isnull", True), ("direction", "out"), ("is_sender_proven", False), ("staff__isnull", True)
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0017_surveys_by_mail")]

    operations = [
        migrations.AlterField(
            model_name="message", name="sender_role", field=models.CharField(choices=CHOICES, max_length=12)
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="message", name=NAME),
                migrations.AddConstraint(
                    model_name="message",
                    constraint=models.CheckConstraint(condition=models.Q(("sender_role__in", ROLES)), name=NAME),
                ),
                migrations.AddConstraint(
                    model_name="message", constraint=models.CheckConstraint(condition=NOBODY, name=UNPROVEN)
                ),
            ],
            # Every row that is there satisfies the former, narrower one.
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE tickets_message DROP CONSTRAINT {NAME}, ADD CONSTRAINT {NAME} CHECK (sender_role IN"
                    " ('requester', 'participant', 'third_party', 'staff', 'bot', 'system')) NOT VALID,"
                    f" ADD CONSTRAINT {UNPROVEN} CHECK (sender_role <> 'bot' OR (customer_id IS NULL AND"
                    " direction = 'out' AND NOT is_sender_proven AND staff_id IS NULL)) NOT VALID"
                ),
                migrations.RunSQL(f"ALTER TABLE tickets_message VALIDATE CONSTRAINT {NAME}"),
                migrations.RunSQL(f"ALTER TABLE tickets_message VALIDATE CONSTRAINT {UNPROVEN}"),
            ],
        ),
    ]
