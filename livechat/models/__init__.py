"""Rows of live chat."""

from livechat.models.chat import Chat, Mark
from livechat.models.inbox import ChatInbox
from livechat.models.upload import VisitorUpload, VisitorUploadPart
from livechat.models.visitor import Visitor

__all__ = ["Chat", "ChatInbox", "Mark", "Visitor", "VisitorUpload", "VisitorUploadPart"]
