"""Who was given what and why; which skills a topic asks for."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_assignment"),
        ("tickets", "0021_due_first"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("rung", "The chat rang at somebody"),
                            ("given", "Assigned"),
                            ("passed_on", "Passed on by the assignee"),
                            ("taken_back", "Taken back: nothing was done in time"),
                            ("given_back", "Given back: the assignee has left"),
                            ("overflowed", "Moved on to another team"),
                        ],
                        max_length=10,
                    ),
                ),
                ("method", models.CharField(blank=True, max_length=12)),
                ("reason", models.CharField(blank=True, max_length=12)),
                ("candidates", models.JSONField(default=list)),
                ("decided_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("look_again_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="TopicSkill",
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
                        verbose_name="level at least",
                    ),
                ),
            ],
            options={
                "verbose_name": "skill it asks for",
                "verbose_name_plural": "skills it asks for",
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="staff",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.team",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="topicskill",
            name="skill",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.skill", verbose_name="skill"
            ),
        ),
        migrations.AddField(
            model_name="topicskill",
            name="topic",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="skills", to="tickets.topic"
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["ticket", "-id"], name="tickets_decision_of_ticket"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("kind__in", ["rung", "given"])),
                fields=["staff", "team", "-decided_at"],
                name="tickets_decision_turns",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("look_again_at__isnull", False)),
                fields=["look_again_at"],
                name="tickets_decision_look_again",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["decided_at"], name="tickets_decision_oldest"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["rung", "given", "passed_on", "taken_back", "given_back", "overflowed"])
                ),
                name="tickets_decision_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="topicskill",
            constraint=models.UniqueConstraint(fields=("topic", "skill"), name="tickets_topicskill_once"),
        ),
        migrations.AddConstraint(
            model_name="topicskill",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__gte", 1), ("level__lte", 5)), name="tickets_topicskill_level_bounded"
            ),
        ),
    ]
