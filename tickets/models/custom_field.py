"""Custom fields: what admins let a case say beside its properties, and what each case says."""

from typing import ClassVar, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left, Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.models.ticket import Ticket
from tickets.models.topic import Topic

MOST_FIELDS = 60
# By so much of a text it is found.
FOUND_BY = 100
KEY = r"[a-z][a-z0-9_]{0,39}"


class FieldKind(models.TextChoices):
    """What a field holds, and so in which column its values are."""

    TEXT = "text", pgettext_lazy("kind of a field", "Text")
    LONG_TEXT = "long_text", pgettext_lazy("kind of a field", "Long text")
    NUMBER = "number", pgettext_lazy("kind of a field", "Whole number")
    DECIMAL = "decimal", pgettext_lazy("kind of a field", "Decimal number")
    DATE = "date", pgettext_lazy("kind of a field", "Date")
    YES_NO = "yes_no", pgettext_lazy("kind of a field", "Yes or no")
    CHOICE = "choice", pgettext_lazy("kind of a field", "One of several")
    CHOICES = "choices", pgettext_lazy("kind of a field", "Several of several")
    LINK = "link", pgettext_lazy("kind of a field", "Link")


COLUMNS: dict[str, str] = {
    FieldKind.TEXT: "text",
    FieldKind.LONG_TEXT: "text",
    FieldKind.NUMBER: "whole",
    FieldKind.DECIMAL: "amount",
    FieldKind.DATE: "day",
    FieldKind.YES_NO: "flag",
    FieldKind.CHOICE: "text",
    FieldKind.CHOICES: "chosen",
    FieldKind.LINK: "text",
}


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    """Adjectives of custom fields."""

    def offered(self, topic: Topic | None) -> Self:
        """Those that a case of this topic is asked for: of every topic, of this one, of its heading."""
        wanted = Q(topics__isnull=True)
        if topic is not None:
            wanted |= Q(topics__topic__in=[key for key in (topic.pk, topic.parent_id) if key])
        return self.filter(wanted, is_retired=False).distinct()


class CustomField(models.Model):
    """One thing that cases may say: its key and kind are for good, its words and rules change."""

    class Need(models.TextChoices):
        """When it has to be filled in."""

        NEVER = "never", pgettext_lazy("need of a field", "Never")
        RESOLVE = "resolve", pgettext_lazy("need of a field", "To resolve a ticket")

    key = models.CharField(
        _("key"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(rf"^{KEY}\Z", _("Small letters, digits and underscores, a letter first."))],
        help_text=_("Never changes: the search knows it as field.KEY, and so do programs."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FieldKind.choices, help_text=_("Never changes."))
    name = models.CharField(_("name"), max_length=60)
    name_zh_hans = models.CharField(_("name in Chinese"), max_length=60, blank=True)
    hint = models.CharField(_("hint"), max_length=200, blank=True)
    hint_zh_hans = models.CharField(_("hint in Chinese"), max_length=200, blank=True)
    need = models.CharField(_("needed"), max_length=8, choices=Need.choices, default=Need.NEVER)
    least = models.DecimalField(
        _("at least"),
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Of a number its value, of a text its characters."),
    )
    most = models.DecimalField(_("at most"), max_digits=20, decimal_places=4, null=True, blank=True)
    pattern = models.CharField(
        _("pattern"),
        max_length=100,
        blank=True,
        help_text=_(
            "For the whole of a text: characters, [A-Z0-9], \\d, each with ?, {3} or {2,8}. As in [A-Z]{2}\\d{6}."
        ),
    )
    choices = ArrayField(
        models.CharField(max_length=80),
        verbose_name=_("choices"),
        size=50,
        default=list,
        blank=True,
        help_text=_("Separated by commas. What is taken away stays where it was chosen."),
    )
    choices_zh_hans = ArrayField(
        models.CharField(max_length=80),
        verbose_name=_("choices in Chinese"),
        size=50,
        default=list,
        blank=True,
        help_text=_("In the same order, as many as above."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    is_public = models.BooleanField(_("shown to the customer"), default=False, help_text=_("Read only, in the portal."))
    is_personal = models.BooleanField(
        _("personal"), default=False, help_text=_("The timeline says that it was changed, and not from what to what.")
    )
    is_retired = models.BooleanField(
        _("retired"), default=False, help_text=_("Not offered any more; what is filled in stays.")
    )

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(name="tickets_customfield_key_is_a_slug", condition=Q(key__regex=rf"^{KEY}$")),
            models.CheckConstraint(name="tickets_customfield_kind_known", condition=Q(kind__in=FieldKind.values)),
            models.CheckConstraint(name="tickets_customfield_need_known", condition=Q(need__in=["never", "resolve"])),
            models.CheckConstraint(
                name="tickets_customfield_has_choices",
                condition=~Q(kind__in=["choice", "choices"]) | Q(choices__len__gte=1),
                violation_error_message=_("Give at least one choice."),
            ),
            models.CheckConstraint(
                name="tickets_customfield_choices_match",
                condition=Q(choices_zh_hans__len=0) | Q(choices_zh_hans__len=F("choices__len")),
                violation_error_message=_("Give as many choices in Chinese as in English, or none."),
            ),
            models.CheckConstraint(
                name="tickets_customfield_range",
                condition=Q(least__isnull=True) | Q(most__isnull=True) | Q(least__lte=F("most")),
                violation_error_message=_("The least is more than the most."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def column(self) -> str:
        """In which column its values are."""
        return COLUMNS[self.kind]


class CustomFieldTopic(models.Model):
    """That a field is for one topic, or for all below a heading; without any it is for all cases."""

    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="topics", db_index=False)
    topic = models.ForeignKey(Topic, verbose_name=_("topic"), on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("topic of a field")
        verbose_name_plural = _("only for these topics")
        constraints = [
            models.UniqueConstraint(fields=["field", "topic"], name="tickets_customfieldtopic_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} for {self.topic_id}"


def _only(column: str, *kinds: str) -> Q:
    """Return that a row of these kinds has this column and no other."""
    others = {f"{name}__isnull": name != column for name in ("text", "whole", "amount", "day", "flag", "chosen")}
    return Q(kind__in=kinds, **others)


class CustomValue(models.Model):
    """What one case says in one field: in the column of the field's kind, and in no other."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="custom_values", db_index=False)
    field = models.ForeignKey(CustomField, on_delete=models.PROTECT, related_name="values", db_index=False)
    # The field's, which the database holds it to.
    kind = models.CharField(max_length=10, choices=FieldKind.choices)
    text = models.TextField(null=True)  # noqa: DJ001 -- none is another column's kind
    whole = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    day = models.DateField(null=True)
    flag = models.BooleanField(null=True)
    chosen = ArrayField(models.CharField(max_length=80), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "field"], name="tickets_customvalue_once"),
            models.CheckConstraint(
                name="tickets_customvalue_in_its_column",
                condition=_only("text", "text", "long_text", "choice", "link")
                | _only("whole", "number")
                | _only("amount", "decimal")
                | _only("day", "date")
                | _only("flag", "yes_no")
                | _only("chosen", "choices"),
            ),
            models.CheckConstraint(
                name="tickets_customvalue_says_something",
                condition=(Q(text__isnull=True) | ~Q(text="")) & (Q(chosen__isnull=True) | Q(chosen__len__gte=1)),
            ),
        ]
        # The search: what one field says, by the column of its kind.
        indexes = [
            models.Index(
                F("field"),
                OpClass(Lower(Left("text", FOUND_BY)), name="text_pattern_ops"),
                name="tickets_customvalue_text",
                condition=Q(text__isnull=False),
            ),
            models.Index(fields=["field", "whole"], name="tickets_customvalue_whole", condition=Q(whole__isnull=False)),
            models.Index(
                fields=["field", "amount"], name="tickets_customvalue_amount", condition=Q(amount__isnull=False)
            ),
            models.Index(fields=["field", "day"], name="tickets_customvalue_day", condition=Q(day__isnull=False)),
            models.Index(fields=["field", "flag"], name="tickets_customvalue_flag", condition=Q(flag__isnull=False)),
            GinIndex(fields=["chosen"], name="tickets_customvalue_chosen", condition=Q(chosen__isnull=False)),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="kind_is_the_fields",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (SELECT FROM tickets_customfield WHERE id = NEW.field_id AND kind = NEW.kind) THEN
                        RAISE EXCEPTION 'A value is of its field''s kind.'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_customvalue_kind';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.field_id} of {self.ticket_id}"
