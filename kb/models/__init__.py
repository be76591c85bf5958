"""Rows of the help centre."""

from kb.models.article import (
    Article,
    Review,
    Revision,
    Significance,
    SlugRedirect,
    State,
    Translation,
)
from kb.models.editing import Comment, EditLock, Picture, ScheduledPublication
from kb.models.readers import ArticleClick, Deflection, Feedback, Reason, SearchQueryLog, Vote
from kb.models.tree import Category, CategoryText, Section, SectionText
from kb.models.words import GlossaryTerm, SearchDocument, SearchVersion, SearchWord, Synonym

__all__ = [
    "Article",
    "ArticleClick",
    "Category",
    "CategoryText",
    "Comment",
    "Deflection",
    "EditLock",
    "Feedback",
    "GlossaryTerm",
    "Picture",
    "Reason",
    "Review",
    "Revision",
    "ScheduledPublication",
    "SearchDocument",
    "SearchQueryLog",
    "SearchVersion",
    "SearchWord",
    "Section",
    "SectionText",
    "Significance",
    "SlugRedirect",
    "State",
    "Synonym",
    "Translation",
    "Vote",
]
