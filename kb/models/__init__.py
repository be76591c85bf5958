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
from kb.models.bulletins import Bulletin, BulletinText, Severity
from kb.models.editing import Comment, EditLock, Picture, ScheduledPublication
from kb.models.readers import ArticleClick, Deflection, Feedback, Reason, SearchQueryLog, Vote
from kb.models.subscriptions import News, Subscription
from kb.models.talks import Talk
from kb.models.tree import Category, CategoryText, Section, SectionText
from kb.models.words import GlossaryTerm, SearchDocument, SearchVersion, SearchWord, Synonym

__all__ = [
    "Article",
    "ArticleClick",
    "Bulletin",
    "BulletinText",
    "Category",
    "CategoryText",
    "Comment",
    "Deflection",
    "EditLock",
    "Feedback",
    "GlossaryTerm",
    "News",
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
    "Severity",
    "Significance",
    "SlugRedirect",
    "State",
    "Subscription",
    "Synonym",
    "Talk",
    "Translation",
    "Vote",
]
