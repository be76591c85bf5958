"""A passkey opens a session, too."""

from django.db import migrations, models

NAME = "security_staffsession_method_known"
KNOWN = models.Q(("method__in", ["totp", "recovery", "webauthn"]))


class Migration(migrations.Migration):
    dependencies = [("security", "0014_review_documents")]
    operations = [
        migrations.AlterField(
            model_name="staffsession",
            name="method",
            field=models.CharField(
                choices=[("totp", "Totp"), ("recovery", "Recovery"), ("webauthn", "Webauthn")], max_length=10
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="staffsession", name=NAME),
                migrations.AddConstraint(
                    model_name="staffsession", constraint=models.CheckConstraint(condition=KNOWN, name=NAME)
                ),
            ],
            # Every row that is there satisfies the former, narrower one.
            database_operations=[
                migrations.RunSQL(f"ALTER TABLE security_staffsession DROP CONSTRAINT {NAME}"),
                migrations.RunSQL(
                    f"ALTER TABLE security_staffsession ADD CONSTRAINT {NAME}"
                    " CHECK (method IN ('totp', 'recovery', 'webauthn')) NOT VALID"
                ),
                migrations.RunSQL(f"ALTER TABLE security_staffsession VALIDATE CONSTRAINT {NAME}"),
            ],
        ),
    ]
