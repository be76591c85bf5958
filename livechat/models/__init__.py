"""Rows of live chat."""

from livechat.models.bot import BotTurn
from livechat.models.chat import Chat, Mark
from livechat.models.hours import ChatHours
from livechat.models.inbox import ChatInbox
from livechat.models.offer import Offer
from livechat.models.page_visit import PageVisit
from livechat.models.prechat import TopicForm, TopicQuestion
from livechat.models.presence import Presence
from livechat.models.upload import VisitorUpload, VisitorUploadPart
from livechat.models.visitor import Visitor

__all__ = [
    "BotTurn",
    "Chat",
    "ChatHours",
    "ChatInbox",
    "Mark",
    "Offer",
    "PageVisit",
    "Presence",
    "TopicForm",
    "TopicQuestion",
    "Visitor",
    "VisitorUpload",
    "VisitorUploadPart",
]
