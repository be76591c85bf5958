"""Links between tickets, and merges that can be undone."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0057_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketLink",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("related", "Related"),
                            ("duplicate", "Duplicate"),
                            ("parent", "Parent"),
                            ("split", "Split"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "verbose_name": "link between tickets",
                "verbose_name_plural": "links between tickets",
            },
        ),
        migrations.CreateModel(
            name="TicketMerge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "former_status",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("open", "Open"),
                            ("pending", "Pending"),
                            ("on_hold", "On hold"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "clocks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), db_default=[], default=list, size=None
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "merge of tickets",
                "verbose_name_plural": "merges of tickets",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="ticket",
            name="tickets_legal_moves",
        ),
        migrations.AddField(
            model_name="ticket",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.ticket",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_none_on_merged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"kind\" = 'reply')",
                    declare="DECLARE merged bigint;",
                    func="\n    SELECT merged_into_id INTO merged FROM tickets_ticket WHERE id = NEW.ticket_id FOR SHARE;\n    IF merged IS NOT NULL THEN\n        RAISE EXCEPTION 'Nothing is said on a merged ticket.'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_message_none_on_merged';\n    END IF;\n    RETURN NEW;\n",
                    hash="b3b519e0b8a5b09e895bcafda6b0b41739ec0cbb",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_none_on_merged_3aa6d",
                    table="tickets_message",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_legal_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."merged_into_id" IS NOT DISTINCT FROM (NEW."merged_into_id"))',
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{new:closed,new:on_hold,new:open,new:pending,new:resolved,open:on_hold,open:pending,open:resolved,pending:on_hold,pending:open,pending:resolved,on_hold:open,on_hold:pending,on_hold:resolved,resolved:closed,resolved:open}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="3682c8c9eadc5c0999254de7b556e13acf3dccc4",
                    operation="UPDATE",
                    pgid="pgtrigger_tickets_legal_moves_e09ec",
                    table="tickets_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_merged_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id"))',
                    func="\n    IF NEW.merged_into_id IS NULL THEN\n        IF NOT EXISTS (\n            SELECT FROM tickets_ticketmerge AS merge\n             WHERE merge.source_id = NEW.id AND merge.target_id = OLD.merged_into_id\n               AND merge.undone_at IS NOT NULL AND merge.former_status = NEW.status)\n           OR EXISTS (SELECT FROM tickets_ticketmerge WHERE source_id = NEW.id AND undone_at IS NULL)\n        THEN\n            RAISE EXCEPTION 'A merge is undone first, and the ticket goes back to what it was.'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticket_merge_undone';\n        END IF;\n        RETURN NEW;\n    END IF;\n    PERFORM FROM tickets_ticket WHERE id = NEW.merged_into_id FOR NO KEY UPDATE;\n    IF OLD.merged_into_id IS NOT NULL\n       OR EXISTS (SELECT FROM tickets_ticket WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)\n       OR NOT EXISTS (\n           SELECT FROM tickets_ticketmerge AS merge\n            WHERE merge.source_id = NEW.id AND merge.target_id = NEW.merged_into_id AND merge.undone_at IS NULL\n              AND merge.former_status = OLD.status)\n    THEN\n        RAISE EXCEPTION 'A ticket is merged once, and into one that is not merged itself.'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticket_merged_once';\n    END IF;\n    RETURN NEW;\n",
                    hash="f0121809f9ec3f212227bc4d7042182a5c8d76a6",
                    operation="UPDATE",
                    pgid="pgtrigger_tickets_merged_once_90bda",
                    table="tickets_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_born_unmerged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."merged_into_id" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="7ee3ebcab2f25c6fc1193da9a6a51caae4331b1a",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_born_unmerged_e9187",
                    table="tickets_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into__isnull", True), ("status", "closed"), _connector="OR"),
                name="tickets_ticket_merged_is_closed",
            ),
        ),
        ValidateConstraint(model_name="ticket", name="tickets_ticket_merged_is_closed"),
        migrations.AddField(
            model_name="ticketlink",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ticketlink",
            name="first",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links_from",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="ticketlink",
            name="second",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="links_to", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="ticketmerge",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ticketmerge",
            name="source",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="merges", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="ticketmerge",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="merged_in", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="ticketmerge",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("first", models.F("second")), _negated=True), name="tickets_ticketlink_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["related", "duplicate", "parent", "split"])),
                name="tickets_ticketlink_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(fields=("first", "second", "kind"), name="tickets_ticketlink_of_first"),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("first", "second"),
                django.db.models.functions.comparison.Greatest("first", "second"),
                models.F("kind"),
                name="tickets_ticketlink_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "parent")), fields=("second",), name="tickets_ticketlink_one_parent"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketlink",
            trigger=pgtrigger.compiler.Trigger(
                name="tickets_no_circle",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"kind\" = 'parent')",
                    func="\n    PERFORM pg_advisory_xact_lock(hashtextextended('tickets_ticketlink.parent', 0));\n    IF EXISTS (\n        WITH RECURSIVE above AS (\n            SELECT NEW.first_id AS id\n            UNION\n            SELECT link.first_id FROM tickets_ticketlink AS link JOIN above ON link.second_id = above.id\n             WHERE link.kind = 'parent')\n        SELECT FROM above WHERE id = NEW.second_id)\n    THEN\n        RAISE EXCEPTION 'A ticket is not its own parent.'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticketlink_no_circle';\n    END IF;\n    RETURN NEW;\n",
                    hash="7a04b2a9006beb1eaeaa46005d1efff5e908766f",
                    operation="INSERT",
                    pgid="pgtrigger_tickets_no_circle_c9db1",
                    table="tickets_ticketlink",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("target")), _negated=True), name="tickets_ticketmerge_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("former_status__in", ["new", "open", "pending", "on_hold", "resolved", "closed"])),
                name="tickets_ticketmerge_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at__isnull", True), ("undone_by__isnull", True)),
                    models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="tickets_ticketmerge_undone_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketmerge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)), fields=("source",), name="tickets_ticketmerge_once"
            ),
        ),
    ]
