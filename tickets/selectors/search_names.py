"""What terms of a search name: people, teams, topics and tags, looked up one by one or for many queries at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Staff, Team
from tickets.models import CustomField, FieldKind, Tag, Ticket, Topic
from tickets.search.language import FIELD, Query, is_field

# As many tags or topics may carry one name as nobody gives.
MOST_NAMED = 20
FIXED = frozenset({"none", "me", "mine"})
Keys = tuple[int, ...]


@dataclass(slots=True)
class Names:
    """Keys by what was typed. `all_tags`: tags count as there when no ticket that `person` sees has them now."""

    person: Staff
    all_tags: bool = False
    known: dict[tuple[str, str], Keys] = field(default_factory=dict)

    @classmethod
    def of(cls, queries: Iterable[Query], person: Staff, teams: Sequence[Team]) -> Self:
        """Look up what stored queries name, in at most one query for each kind; `teams` are the visible ones."""
        names, queries = cls(person, all_tags=True), tuple(queries)
        asked: dict[str, set[str]] = {"assignee": set(), "team": set(), "topic": set(), "tag": set()}
        for query in queries:
            for term in query.terms:
                if term.operator in asked and term.value.lower() not in FIXED:
                    asked[term.operator].add(term.value.lower())
        for value in asked["team"]:
            found = [team.pk for team in teams if value in {team.slug.lower(), team.name.lower()}]
            names.known["team", value] = tuple(found)
        names._read("assignee", Staff.objects.all(), ("name", "email"), asked["assignee"])
        names._read("topic", Topic.objects.all(), ("slug", "name"), asked["topic"])
        names._read("tag", Tag.objects.all(), ("name",), asked["tag"])
        operators = {term.operator for query in queries for term in query.terms if is_field(term.operator)}
        if operators:
            names._read_fields(operators)
        return names

    def _read_fields(self, operators: set[str]) -> None:
        keys = {operator.removeprefix(FIELD) for operator in operators}
        self.known |= {("field", key): () for key in keys}
        for key, pk, kind in CustomField.objects.filter(key__in=keys).values_list("key", "pk", "kind"):
            self.known["field", key] = (pk, FieldKind.values.index(kind))

    def _read(
        self,
        kind: str,
        rows: "QuerySet[Staff] | QuerySet[Topic] | QuerySet[Tag]",
        fields: tuple[str, ...],
        values: set[str],
    ) -> None:
        if not values:
            return
        lowered = {f"lower_{name}": Lower(name) for name in fields}
        wanted = Q()
        for name in lowered:
            wanted |= Q(**{f"{name}__in": values})
        found: dict[str, list[int]] = {value: [] for value in values}
        for pk, *texts in rows.annotate(**lowered).filter(wanted).order_by("pk").values_list("pk", *lowered):
            for text in set(texts) & values:
                found[text].append(pk)
        self.known |= {(kind, value): tuple(keys[:MOST_NAMED]) for value, keys in found.items()}

    @property
    def key(self) -> tuple[tuple[tuple[str, str], Keys], ...]:
        """What was found, as a key of kept statements."""
        return tuple(sorted(self.known.items()))

    def people(self, value: str) -> Keys:
        """Return the colleagues of this name or address."""
        named = Q(name__iexact=value) | Q(email__iexact=value)
        return self._kept("assignee", value, Staff.objects.filter(named))

    def teams(self, value: str) -> Keys:
        """Return the visible teams of this name."""
        named = Q(slug__iexact=value) | Q(name__iexact=value)
        return self._kept("team", value, Team.objects.visible_to(self.person).filter(named))

    def topics(self, value: str) -> Keys:
        """Return the topics of this name."""
        return self._kept("topic", value, Topic.objects.filter(Q(slug__iexact=value) | Q(name__iexact=value)))

    def tags(self, value: str) -> Keys:
        """Return the tags of this name."""
        tags = Tag.objects.all() if self.all_tags else visible_tags(self.person)
        return self._kept("tag", value, tags.filter(name__iexact=value))

    def custom_field(self, operator: str) -> tuple[int, str] | None:
        """Return the key and the kind of the custom field that an operator asks for; neither ever changes."""
        key = operator.removeprefix(FIELD)
        if ("field", key) not in self.known:
            self._read_fields({operator})
        found = self.known["field", key]
        return (found[0], FieldKind.values[found[1]]) if found else None

    def _kept(
        self, kind: str, value: str, rows: "QuerySet[Staff] | QuerySet[Team] | QuerySet[Topic] | QuerySet[Tag]"
    ) -> Keys:
        key = kind, value.lower()
        if key not in self.known:
            self.known[key] = tuple(rows.values_list("pk", flat=True)[:MOST_NAMED])
        return self.known[key]


def visible_tags(person: Staff) -> "QuerySet[Tag]":
    """Return the tags that a ticket which `person` may see has."""
    theirs = Ticket.objects.visible_to(person).filter(tags=OuterRef("pk"))
    return Tag.objects.filter(Exists(theirs))
