"""What came of each promise, step by step: the database writes it down when a clock changes."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The app role changes clocks and writes no step itself.
AS_OWNER = "".join(
    f"ALTER FUNCTION pgtrigger_tickets_slaclock_{name}() SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp;"
    for name in ("begins_6b4a5", "comes_about_1cf50")
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_shifts"),
        ("tickets", "0033_escalation_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="SlaStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "metric",
                    models.CharField(
                        choices=[
                            ("first_response", "First response"),
                            ("next_response", "Next response"),
                            ("resolution", "Resolution"),
                            ("update_every", "Update every"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("begun", "Begun"),
                            ("kept", "Kept"),
                            ("missed", "Missed"),
                            ("late", "Met late"),
                            ("ended", "Ended"),
                            ("undone", "Taken back"),
                        ],
                        max_length=6,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                        max_length=8,
                    ),
                ),
                ("is_over", models.BooleanField()),
                ("is_missed", models.BooleanField()),
            ],
        ),
        migrations.AddField(
            model_name="slastep",
            name="clock",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="tickets.slaclock"
            ),
        ),
        migrations.AddField(
            model_name="slastep",
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
            model_name="slastep",
            name="ticket",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="slastep",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.slapolicyversion",
            ),
        ),
        migrations.AddIndex(
            model_name="slastep",
            index=models.Index(fields=["clock", "id"], name="tickets_slastep_of_clock"),
        ),
        migrations.AddIndex(
            model_name="slastep",
            index=models.Index(
                condition=models.Q(("what__in", ["kept", "missed"])), fields=["at"], name="tickets_slastep_decided"
            ),
        ),
        migrations.AddIndex(
            model_name="slastep",
            index=models.Index(fields=["recorded_at"], name="tickets_slastep_recorded"),
        ),
        migrations.AddIndex(
            model_name="slastep",
            index=models.Index(condition=models.Q(("what", "begun")), fields=["ticket"], name="tickets_slastep_begun"),
        ),
        migrations.AddConstraint(
            model_name="slastep",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__in", ["begun", "kept", "missed", "late", "ended", "undone"])),
                name="tickets_slastep_what_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slaclock",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_slaclock_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE is_new boolean := TG_OP = 'INSERT'; was_missed boolean := false; was_met boolean := false; was_ended boolean := false; rounds integer := 0;",
                    func="\n    IF NOT is_new THEN\n        was_missed := OLD.breached_at IS NOT NULL;\n        was_met := OLD.met_at IS NOT NULL;\n        was_ended := OLD.ended_at IS NOT NULL;\n        rounds := OLD.rounds;\n    END IF;\n    INSERT INTO tickets_slastep (clock_id, ticket_id, metric, what, at, recorded_at, version_id, priority, team_id,\n                                 is_over, is_missed)\n    SELECT NEW.id, NEW.ticket_id, NEW.metric, step.what, step.at, CASE WHEN is_new THEN step.at ELSE core.clock() END,\n           NEW.version_id, NEW.priority, ticket.team_id, step.place > 3,\n           NEW.breached_at IS NOT NULL AND (was_missed OR step.place > 2)\n      FROM (VALUES\n        (0, 'begun', NEW.started_at, is_new),\n        (1, 'undone', core.clock(), NEW.rounds < rounds\n              OR ((was_met OR was_ended) AND NEW.met_at IS NULL AND NEW.ended_at IS NULL)),\n        (2, 'kept', NEW.started_at, NEW.rounds > rounds),\n        (3, 'missed', NEW.breached_at, NEW.breached_at IS NOT NULL AND NOT was_missed),\n        (4, 'kept', NEW.met_at, NEW.met_at IS NOT NULL AND NOT was_met AND NEW.breached_at IS NULL),\n        (5, 'late', NEW.met_at, NEW.met_at IS NOT NULL AND NOT was_met AND NEW.breached_at IS NOT NULL),\n        (6, 'ended', NEW.ended_at, NEW.ended_at IS NOT NULL AND NOT was_ended)\n      ) AS step (place, what, at, is_so), tickets_ticket AS ticket\n     WHERE step.is_so AND ticket.id = NEW.ticket_id\n     ORDER BY step.place;\n    RETURN NULL;\n",
                    hash="86960f82f7aee42bddb898f4fee59878c7a0dba2",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_slaclock_begins_6b4a5",
                    table="tickets_slaclock",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slaclock",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_slaclock_comes_about",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.met_at, OLD.ended_at, OLD.breached_at, OLD.rounds) IS DISTINCT FROM (NEW.met_at, NEW.ended_at, NEW.breached_at, NEW.rounds))",
                    declare="DECLARE is_new boolean := TG_OP = 'INSERT'; was_missed boolean := false; was_met boolean := false; was_ended boolean := false; rounds integer := 0;",
                    func="\n    IF NOT is_new THEN\n        was_missed := OLD.breached_at IS NOT NULL;\n        was_met := OLD.met_at IS NOT NULL;\n        was_ended := OLD.ended_at IS NOT NULL;\n        rounds := OLD.rounds;\n    END IF;\n    INSERT INTO tickets_slastep (clock_id, ticket_id, metric, what, at, recorded_at, version_id, priority, team_id,\n                                 is_over, is_missed)\n    SELECT NEW.id, NEW.ticket_id, NEW.metric, step.what, step.at, CASE WHEN is_new THEN step.at ELSE core.clock() END,\n           NEW.version_id, NEW.priority, ticket.team_id, step.place > 3,\n           NEW.breached_at IS NOT NULL AND (was_missed OR step.place > 2)\n      FROM (VALUES\n        (0, 'begun', NEW.started_at, is_new),\n        (1, 'undone', core.clock(), NEW.rounds < rounds\n              OR ((was_met OR was_ended) AND NEW.met_at IS NULL AND NEW.ended_at IS NULL)),\n        (2, 'kept', NEW.started_at, NEW.rounds > rounds),\n        (3, 'missed', NEW.breached_at, NEW.breached_at IS NOT NULL AND NOT was_missed),\n        (4, 'kept', NEW.met_at, NEW.met_at IS NOT NULL AND NOT was_met AND NEW.breached_at IS NULL),\n        (5, 'late', NEW.met_at, NEW.met_at IS NOT NULL AND NOT was_met AND NEW.breached_at IS NOT NULL),\n        (6, 'ended', NEW.ended_at, NEW.ended_at IS NOT NULL AND NOT was_ended)\n      ) AS step (place, what, at, is_so), tickets_ticket AS ticket\n     WHERE step.is_so AND ticket.id = NEW.ticket_id\n     ORDER BY step.place;\n    RETURN NULL;\n",
                    hash="f8535cfe393ab03dad9a900e0710eb0ecd5cc6d0",
                    operation="UPDATE",
                    pgid="pgtrigger_tickets_slaclock_comes_about_1cf50",
                    table="tickets_slaclock",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(AS_OWNER, migrations.RunSQL.noop),
    ]
