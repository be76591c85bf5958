"""Rows of live chat."""

from livechat.models.chat import Chat, Mark
from livechat.models.hours import ChatHours
from livechat.models.inbox import ChatInbox
from livechat.models.prechat import TopicForm, TopicQuestion
from livechat.models.upload import VisitorUpload, VisitorUploadPart
from livechat.models.visitor import Visitor

__all__ = [
    "Chat",
    "ChatHours",
    "ChatInbox",
    "Mark",
    "TopicForm",
    "TopicQuestion",
    "Visitor",
    "VisitorUpload",
    "VisitorUploadPart",
]
