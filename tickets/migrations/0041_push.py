"""What devices are told, and escalation's step that tells them."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_push_devices"),
        ("tickets", "0040_social"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PushMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="next attempt"),
                ),
                ("lease_token", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
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
                    "kind",
                    models.CharField(
                        choices=[("trial", "Trial"), ("escalation", "Escalation"), ("swap", "Swap")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed"), ("dropped", "Dropped")],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("settled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="escalationnotice",
            name="tickets_escalationnotice_to_one",
        ),
        migrations.RemoveConstraint(
            model_name="escalationstep",
            name="tickets_escalationstep_target_fits",
        ),
        migrations.RemoveConstraint(
            model_name="escalationsteprecord",
            name="tickets_escalationsteprecord_known",
        ),
        migrations.AlterField(
            model_name="escalationnotice",
            name="kind",
            field=models.CharField(
                choices=[("page", "Page"), ("mail", "Mail"), ("push", "Push"), ("hook", "Hook")], max_length=4
            ),
        ),
        migrations.AlterField(
            model_name="escalationstep",
            name="action",
            field=models.CharField(
                choices=[
                    ("page", "Page at the desk"),
                    ("mail", "Mail"),
                    ("push", "Push to their devices"),
                    ("hook", "Webhook or chat channel"),
                    ("on_call", "Call who is on call (page, mail and push)"),
                    ("priority", "Raise the priority"),
                    ("reassign", "Reassign"),
                    ("follow", "Add a follower"),
                ],
                max_length=10,
                verbose_name="what",
            ),
        ),
        migrations.AlterField(
            model_name="escalationsteprecord",
            name="action",
            field=models.CharField(
                choices=[
                    ("page", "Page at the desk"),
                    ("mail", "Mail"),
                    ("push", "Push to their devices"),
                    ("hook", "Webhook or chat channel"),
                    ("on_call", "Call who is on call (page, mail and push)"),
                    ("priority", "Raise the priority"),
                    ("reassign", "Reassign"),
                    ("follow", "Add a follower"),
                ],
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            model_name="escalationnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hook__isnull", False), ("kind", "hook"), ("staff__isnull", True)),
                    models.Q(("hook__isnull", True), ("kind__in", ["page", "mail", "push"]), ("staff__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_escalationnotice_to_one",
            ),
        ),
        AddConstraintNotValid(
            model_name="escalationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("action__in", ["page", "mail", "push"]),
                        models.Q(
                            models.Q(
                                ("to_assignee", True),
                                ("staff__isnull", True),
                                ("team__isnull", True),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", False),
                                ("team__isnull", True),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", True),
                                ("team__isnull", False),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        ("action", "hook"),
                        ("to_assignee", False),
                        ("staff__isnull", True),
                        ("team__isnull", True),
                        ("schedule__isnull", True),
                        ("hook__isnull", False),
                        ("priority", ""),
                    ),
                    models.Q(
                        ("action", "on_call"),
                        ("to_assignee", False),
                        ("staff__isnull", True),
                        ("team__isnull", True),
                        ("schedule__isnull", False),
                        ("hook__isnull", True),
                        ("priority", ""),
                    ),
                    models.Q(
                        ("action", "priority"),
                        ("to_assignee", False),
                        ("staff__isnull", True),
                        ("team__isnull", True),
                        ("schedule__isnull", True),
                        ("hook__isnull", True),
                        models.Q(("priority", ""), _negated=True),
                    ),
                    models.Q(
                        ("action", "reassign"),
                        models.Q(
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", False),
                                ("team__isnull", True),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            models.Q(
                                ("to_assignee", False),
                                ("staff__isnull", True),
                                ("team__isnull", False),
                                ("schedule__isnull", True),
                                ("hook__isnull", True),
                                ("priority", ""),
                            ),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        ("action", "follow"),
                        ("to_assignee", False),
                        ("staff__isnull", False),
                        ("team__isnull", True),
                        ("schedule__isnull", True),
                        ("hook__isnull", True),
                        ("priority", ""),
                    ),
                    _connector="OR",
                ),
                name="tickets_escalationstep_target_fits",
                violation_error_message="Name exactly whom the step is for: a person, a team or whoever has it for pages, mails and pushes; a person or a team to reassign; a person to follow; a schedule to call; a webhook; a priority.",
            ),
        ),
        AddConstraintNotValid(
            model_name="escalationsteprecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("action__in", ["page", "mail", "push", "hook", "on_call", "priority", "reassign", "follow"]),
                    ("outcome__in", ["done", "held", "gathered", "skipped", "failed"]),
                ),
                name="tickets_escalationsteprecord_known",
            ),
        ),
        ValidateConstraint(model_name="escalationnotice", name="tickets_escalationnotice_to_one"),
        ValidateConstraint(model_name="escalationstep", name="tickets_escalationstep_target_fits"),
        ValidateConstraint(model_name="escalationsteprecord", name="tickets_escalationsteprecord_known"),
        migrations.AddField(
            model_name="pushmessage",
            name="device",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="accounts.pushdevice",
            ),
        ),
        migrations.AddField(
            model_name="pushmessage",
            name="notice",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pushes",
                to="tickets.escalationnotice",
            ),
        ),
        migrations.AddField(
            model_name="pushmessage",
            name="swap",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.shiftswap",
            ),
        ),
        migrations.AddIndex(
            model_name="pushmessage",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["next_attempt_at"], name="tickets_pushmessage_waits"
            ),
        ),
        migrations.AddIndex(
            model_name="pushmessage",
            index=models.Index(fields=["device", "created_at"], name="tickets_pushmessage_of"),
        ),
        migrations.AddConstraint(
            model_name="pushmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "trial"), ("notice__isnull", True), ("swap__isnull", True)),
                    models.Q(("kind", "escalation"), ("notice__isnull", False), ("swap__isnull", True)),
                    models.Q(("kind", "swap"), ("notice__isnull", True), ("swap__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_pushmessage_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="pushmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "sent", "failed", "dropped"])),
                name="tickets_pushmessage_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pushmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("notice__isnull", False)),
                fields=("notice", "device"),
                name="tickets_pushmessage_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pushmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("swap__isnull", False)),
                fields=("swap", "device"),
                name="tickets_pushmessage_swap_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pushmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "trial"), ("state", "queued")),
                fields=("device",),
                name="tickets_pushmessage_one_trial",
            ),
        ),
    ]
