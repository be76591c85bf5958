"""What the search reads: one row for each message, and one for each ticket's head."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import models
from django.db.models import Func, Q, Value

from tickets.models.message import Message
from tickets.models.ticket import Ticket


class Asked(Func):
    """A word, or a phrase whose words stand side by side, as PostgreSQL looks for it; read as texts are indexed."""

    function = "core.search_query"
    output_field = SearchQueryField()

    def __init__(self, text: str, *, is_phrase: bool = False) -> None:
        """Take the text as a value."""
        super().__init__(Value(text), Value(is_phrase))


class Marked(Func):
    """What an entry is marked with beside its words: `from:` and the beginning of an address, `to:`, `has:note`."""

    function = "core.search_mark"
    output_field = SearchQueryField()

    def __init__(self, mark: str) -> None:
        """Take the mark as a value."""
        super().__init__(Value(mark))


class AllOf(Func):
    """Several of these together."""

    template = "(%(expressions)s)"
    arg_joiner = " && "
    output_field = SearchQueryField()


class AnyOf(Func):
    """One of several of these."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = SearchQueryField()


Condition = Asked | Marked | AllOf | AnyOf


class Matches(Func):
    """Whether a vector is found by a query."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    arity = 2
    output_field = models.BooleanField()


class SearchEntry(models.Model):
    """What one message is found by; without a message, what a ticket is found by: subject, number, who asks.

    The database writes it when the words change, in the same transaction; withdrawn words are not in it.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    vector = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], name="tickets_searchentry_one_head", condition=Q(message__isnull=True)
            )
        ]
        indexes = [GinIndex(fields=["vector"], name="tickets_searchentry_words")]

    def __str__(self) -> str:
        return f"entry {self.pk} of {self.ticket_id}"
