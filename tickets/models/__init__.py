"""Rows of cases and of the channels they come in by."""

from tickets.models.alarm import Alarm
from tickets.models.attachment import Attachment, Upload
from tickets.models.canned import CannedReply
from tickets.models.draft import Draft
from tickets.models.inbound import InboundMail
from tickets.models.mailbox import Mailbox
from tickets.models.message import Message
from tickets.models.outbound import OutboundMail
from tickets.models.participant import Participant
from tickets.models.route import MailRoute
from tickets.models.sent import SentFingerprint
from tickets.models.survey import Survey, SurveyAnswer
from tickets.models.ticket import Tag, Ticket, TicketTag
from tickets.models.topic import Topic

__all__ = [
    "Alarm",
    "Attachment",
    "CannedReply",
    "Draft",
    "InboundMail",
    "MailRoute",
    "Mailbox",
    "Message",
    "OutboundMail",
    "Participant",
    "SentFingerprint",
    "Survey",
    "SurveyAnswer",
    "Tag",
    "Ticket",
    "TicketTag",
    "Topic",
    "Upload",
]
