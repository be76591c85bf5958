"""Forms of the editors' pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import clock
from kb import languages
from kb.models import Article, Bulletin, Section, Severity, Significance
from kb.models.tree import plain_slug
from kb.services import bulletins
from kb.services.writing import Placing, Wording

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
LANGUAGES = [(code, languages.name(code)) for code in languages.LANGUAGES]


class WordingForm(forms.Form):
    """What a revision says, and what the change means."""

    title = forms.CharField(label=_("Title"), max_length=160)
    summary = forms.CharField(label=_("Summary"), max_length=400, required=False)
    body = forms.CharField(label=_("Text (Markdown)"), max_length=100_000, widget=forms.Textarea, strip=False)
    significance = forms.ChoiceField(
        label=_("What the change means"), choices=Significance.choices, initial=Significance.CONTENT
    )
    comment = forms.CharField(label=_("Comment for reviewers"), max_length=300, required=False)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=False, initial=0)

    @property
    def wording(self) -> Wording:
        """Return what was written."""
        given = self.cleaned_data
        return Wording(title=given["title"], summary=given["summary"], body=given["body"])


class PlacingForm(forms.Form):
    """Where an article stands."""

    section = forms.ModelChoiceField(
        label=_("Section"),
        queryset=Section.objects.select_related("category").order_by("category__position", "position"),
    )
    position = forms.IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)
    tags = forms.CharField(label=_("Products and assets, separated by commas"), max_length=500, required=False)
    related = forms.CharField(
        label=_("Related articles: short names, separated by commas"), max_length=900, required=False
    )
    is_staff_only = forms.BooleanField(label=_("For staff only"), required=False)
    is_faq = forms.BooleanField(label=_("Asked often"), required=False)

    @property
    def placing(self) -> Placing:
        """Return where it is to stand."""
        given = self.cleaned_data
        return Placing(
            section=given["section"],
            position=given["position"],
            is_staff_only=given["is_staff_only"],
            is_faq=given["is_faq"],
            tags=tuple(one.lower()[:40] for one in listed(given["tags"])[:20]),
            related=tuple(listed(given["related"])),
        )


class NewArticleForm(PlacingForm, WordingForm):
    """A new article with its first words."""

    slug = forms.CharField(label=_("Short name"), max_length=120, validators=[plain_slug])
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, initial=languages.SOURCE)
    field_order = ("section", "slug", "language", "title", "summary", "body", "tags", "related", "position")


class PublishForm(forms.Form):
    """When, and with which words to the author."""

    seen = forms.IntegerField(min_value=1)
    at = forms.DateTimeField(required=False)
    comment = forms.CharField(max_length=500, required=False)


class LookAgainForm(forms.Form):
    """By when somebody is to look whether an article is still right; empty for no day."""

    review_by = forms.DateField(required=False)


class BulletinForm(forms.Form):
    """A bulletin in one language, and how bad it is, of what, and when."""

    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, initial=Severity.WARNING)
    title = forms.CharField(label=_("Title"), max_length=160)
    happened = forms.CharField(label=_("What happened"), max_length=4000, widget=forms.Textarea)
    affected = forms.CharField(label=_("What is affected"), max_length=2000, widget=forms.Textarea, required=False)
    to_do = forms.CharField(label=pgettext_lazy("bulletin", "What to do"), max_length=4000, widget=forms.Textarea)
    products = forms.CharField(label=_("Products and assets, separated by commas"), max_length=500, required=False)
    starts_at = forms.DateTimeField(
        label=_("From (in your time zone), or empty for now"), required=False, widget=MOMENT
    )
    ends_at = forms.DateTimeField(
        label=_("Until (in your time zone), or empty until it is withdrawn"), required=False, widget=MOMENT
    )

    def clean(self) -> dict[str, Any]:
        """The end comes after the start."""
        given = super().clean() or {}
        if given.get("ends_at") and given["ends_at"] <= (given.get("starts_at") or clock.now()):
            self.add_error("ends_at", _("The end has to come after the start, and is still to come."))
        return given

    @property
    def frame(self) -> bulletins.Frame:
        """Return how bad it is, of what, and when."""
        given = self.cleaned_data
        return bulletins.Frame(
            severity=given["severity"],
            products=tuple(one.lower()[:40] for one in listed(given["products"])[:20]),
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
        )

    @property
    def words(self) -> bulletins.Words:
        """Return what it says."""
        given = self.cleaned_data
        return bulletins.Words(
            title=given["title"], happened=given["happened"], affected=given["affected"], to_do=given["to_do"]
        )

    @staticmethod
    def values(row: Bulletin | None, language: str) -> dict[str, Any]:
        """Return what a draft says now, as the form's values."""
        if row is None:
            return {}
        said = next((text for text in row.texts.all() if text.language == language), None)
        names = ("title", "happened", "affected", "to_do")
        return {
            **{name: getattr(said, name) if said else "" for name in names},
            "severity": row.severity,
            "products": ", ".join(row.products),
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
        }


class PictureForm(forms.Form):
    """A picture for articles."""

    file = forms.FileField(label=_("Picture"))
    description = forms.CharField(label=_("What it shows, for those who cannot see it"), max_length=300)


def listed(text: str) -> list[str]:
    """Return the words between commas."""
    return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()]


def placed(article: Article) -> dict[str, Any]:
    """Return where an article stands now, as the form's values."""
    return {
        "section": article.section_id,
        "position": article.position,
        "tags": ", ".join(article.tags),
        "related": ", ".join(article.related.values_list("slug", flat=True)),
        "is_staff_only": article.is_staff_only,
        "is_faq": article.is_faq,
    }
