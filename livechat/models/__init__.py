"""Rows of live chat."""

from livechat.models.abuse import AbuseStep
from livechat.models.bot import BotTurn
from livechat.models.by_mail import ChatAddress, VisitorKey
from livechat.models.chat import Chat, Mark
from livechat.models.hours import ChatHours
from livechat.models.inbox import ChatInbox
from livechat.models.offer import Offer
from livechat.models.page_visit import PageVisit
from livechat.models.prechat import TopicForm, TopicQuestion
from livechat.models.proactive import ProactiveMessage, ProactiveShow
from livechat.models.push import Push
from livechat.models.upload import VisitorUpload, VisitorUploadPart
from livechat.models.visitor import Visitor

__all__ = [
    "AbuseStep",
    "BotTurn",
    "Chat",
    "ChatAddress",
    "ChatHours",
    "ChatInbox",
    "Mark",
    "Offer",
    "PageVisit",
    "ProactiveMessage",
    "ProactiveShow",
    "Push",
    "TopicForm",
    "TopicQuestion",
    "Visitor",
    "VisitorKey",
    "VisitorUpload",
    "VisitorUploadPart",
]
