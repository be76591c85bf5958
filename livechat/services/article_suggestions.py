"""Articles that may answer a visitor before a person does: what settings.CHAT_SUGGESTIONS names."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from kb import languages
from kb.selectors import searching
from livechat.services.suggestions import MOST, Question, Suggestion


def find(question: Question) -> Sequence[Suggestion]:
    """Return what the help centre finds for the words, in the visitor's language; nothing is kept."""
    narrowed = searching.Narrowed(most=MOST)
    found = searching.find(question.text, language=languages.nearest(question.language), narrowed=narrowed)
    return [
        Suggestion(
            title=hit.title,
            url=settings.SITE_URL + reverse("help:article", args=[hit.language, hit.slug]),
            id=hit.public_id,
        )
        for hit in found.hits
    ]
