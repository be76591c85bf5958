"""Reports find what was opened and moved by an index; clocks from before steps were kept get those that are known."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

BATCH = 10_000
# When each was written down is not known: it counts as known from the moment at which it was so. How often an update
# came in time is, and when is not.
KNOWN = """
INSERT INTO tickets_slastep (clock_id, ticket_id, metric, what, at, recorded_at, version_id, priority, team_id, is_over,
                             is_missed)
SELECT clock.id, clock.ticket_id, clock.metric, step.what, step.at, step.at, clock.version_id, clock.priority,
       ticket.team_id, step.place > 1, step.place > 0 AND clock.breached_at IS NOT NULL
  FROM tickets_slaclock AS clock JOIN tickets_ticket AS ticket ON ticket.id = clock.ticket_id
 CROSS JOIN LATERAL (VALUES
    (0, 'begun', clock.started_at),
    (1, 'missed', clock.breached_at),
    (2, CASE WHEN clock.breached_at IS NULL THEN 'kept' ELSE 'late' END, clock.met_at),
    (3, 'ended', clock.ended_at)) AS step (place, what, at)
 WHERE clock.id > %s AND clock.id <= %s AND step.at IS NOT NULL
   AND NOT EXISTS (SELECT FROM tickets_slastep AS told WHERE told.clock_id = clock.id AND told.what = step.what)
 ORDER BY clock.id, step.place
"""


def tell_the_past(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 -- as Django calls it
    """Write the steps of clocks from before, in batches that commit by themselves."""
    clocks = apps.get_model("tickets", "SlaClock").objects.order_by("-pk").values_list("pk", flat=True)
    last = clocks.first() or 0
    with schema_editor.connection.cursor() as cursor:
        for first in range(0, last, BATCH):
            cursor.execute(KNOWN, [first, first + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0035_sla_steps")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                fields=["created_at"],
                name="tickets_message_reported",
                condition=models.Q(
                    ("seq", 1),
                    (
                        "event__in",
                        [
                            "status_changed",
                            "priority_changed",
                            "team_changed",
                            "topic_changed",
                            "tags_changed",
                            "spam_changed",
                        ],
                    ),
                    _connector="OR",
                ),
            ),
        ),
        migrations.RunPython(tell_the_past, migrations.RunPython.noop),
    ]
