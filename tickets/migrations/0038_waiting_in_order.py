"""What waits in a team for somebody is found by an index in the order in which it is given; the index by age goes."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Case, F, OrderBy, Q, Value, When

URGENCY = Case(
    When(priority="urgent", then=Value(0)),
    When(priority="high", then=Value(1)),
    When(priority="normal", then=Value(2)),
    When(priority="low", then=Value(3)),
    default=Value(4),
    output_field=models.SmallIntegerField(),
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0037_hand_overs")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                F("team"),
                OrderBy(F("due_at")),
                OrderBy(URGENCY),
                OrderBy(F("created_at")),
                OrderBy(F("id")),
                name="tickets_waiting_in_order",
                include=["language", "topic", "channel"],
                condition=Q(assignee__isnull=True, is_spam=False, status__in=["new", "open"]),
            ),
        ),
        RemoveIndexConcurrently(model_name="ticket", name="tickets_waiting_for_somebody"),
    ]
