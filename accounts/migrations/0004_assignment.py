"""How work finds people: skills, room for tickets, weights, and what each team does with what lies in its queue."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_presence_moves_in"), ("livechat", "0016_presence_moves_out")]

    operations = [
        migrations.CreateModel(
            name="Skill",
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
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="What is switched off is asked of nobody any more.",
                        verbose_name="active",
                    ),
                ),
            ],
            options={
                "verbose_name": "skill",
                "verbose_name_plural": "skills",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="StaffSkill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="level",
                    ),
                ),
            ],
            options={
                "verbose_name": "person with this skill",
                "verbose_name_plural": "people with this skill",
            },
        ),
        migrations.RemoveConstraint(
            model_name="presence",
            name="livechat_presence_reason_known",
        ),
        migrations.AddField(
            model_name="presence",
            name="given",
            field=models.PositiveBigIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="presence",
            name="given_back_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="presence",
            name="ticket_capacity",
            field=models.PositiveSmallIntegerField(
                db_default=10,
                default=10,
                help_text="How many new and open tickets are assigned by themselves at most; 0: none.",
                validators=[django.core.validators.MaxValueValidator(200)],
                verbose_name="tickets at once",
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="weight",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                help_text="Share of the work in teams that assign by weight.",
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10)],
                verbose_name="weight",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="assigns_tickets",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="New and open tickets without an assignee are given to members who are online. Chats ring anyway.",
                verbose_name="assign tickets",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="gives_back",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Tickets that nobody has answered return to the queue when their assignee leaves.",
                verbose_name="give back",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="is_sticky",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whoever had the customer's last ticket of the past 30 days comes first.",
                verbose_name="same person again",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="method",
            field=models.CharField(
                choices=[
                    ("idle", "Longest idle"),
                    ("round_robin", "Round robin"),
                    ("least_loaded", "Least loaded"),
                    ("weighted", "By weight"),
                ],
                db_default="idle",
                default="idle",
                max_length=12,
                verbose_name="whose turn",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="overflow_after_min",
            field=models.PositiveSmallIntegerField(
                db_default=10,
                default=10,
                validators=[django.core.validators.MaxValueValidator(1440)],
                verbose_name="overflow after (minutes)",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="overflow_team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The team that gets what nobody here has taken in time, once.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.team",
                verbose_name="overflow to",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="take_back_after_min",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="An assigned ticket on which its assignee does nothing for so long goes to the next; 0: never.",
                validators=[django.core.validators.MaxValueValidator(1440)],
                verbose_name="take back after (minutes)",
            ),
        ),
        migrations.AlterField(
            model_name="presence",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "said so"),
                    ("missed", "missed a ring"),
                    ("silent", "no desk open"),
                    ("forced", "set by a lead"),
                    ("left", "signed out"),
                ],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["", "missed", "silent", "forced", "left"])),
                name="livechat_presence_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("ticket_capacity__lte", 200)), name="accounts_presence_tickets_bounded"
            ),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gte", 1), ("weight__lte", 10)), name="accounts_presence_weight_bounded"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["idle", "round_robin", "least_loaded", "weighted"])),
                name="accounts_team_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("overflow_team__isnull", True),
                    models.Q(("overflow_team", models.F("pk")), _negated=True),
                    _connector="OR",
                ),
                name="accounts_team_overflows_elsewhere",
                violation_error_message="A team does not overflow to itself.",
            ),
        ),
        migrations.AddField(
            model_name="staffskill",
            name="skill",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="people",
                to="accounts.skill",
                verbose_name="skill",
            ),
        ),
        migrations.AddField(
            model_name="staffskill",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="skills",
                to=settings.AUTH_USER_MODEL,
                verbose_name="staff member",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffskill",
            constraint=models.UniqueConstraint(fields=("skill", "staff"), name="accounts_staffskill_once"),
        ),
        migrations.AddConstraint(
            model_name="staffskill",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__gte", 1), ("level__lte", 5)), name="accounts_staffskill_level_bounded"
            ),
        ),
    ]
