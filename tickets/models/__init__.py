"""Rows of cases and of the channels they come in by."""

from tickets.models.alarm import Alarm
from tickets.models.assignment import Decision, TopicSkill
from tickets.models.attachment import Attachment, Upload
from tickets.models.bulk import BulkChange, BulkItem
from tickets.models.calendar_feed import CalendarFeed
from tickets.models.canned import CannedReply
from tickets.models.checklist import ChecklistItem, ChecklistTemplate
from tickets.models.contact import BlockedSender, CustomerNote
from tickets.models.custom_field import CustomField, CustomFieldTopic, CustomValue, FieldKind
from tickets.models.draft import Draft
from tickets.models.escalation import EscalationChain, EscalationHook, EscalationStep
from tickets.models.escalation_run import (
    EscalationNotice,
    EscalationRequest,
    EscalationRun,
    EscalationStepRecord,
    EscalationStorm,
    TicketFollower,
)
from tickets.models.guided import GuidedAnswer, GuidedForm, GuidedKind, GuidedQuestion, GuidedRequest
from tickets.models.hand_over import HandOver
from tickets.models.inbound import InboundMail
from tickets.models.linking import TicketLink, TicketMerge
from tickets.models.mailbox import Mailbox
from tickets.models.message import Message
from tickets.models.oncall import OnCallOverride, OnCallParticipant, OnCallSchedule
from tickets.models.outbound import OutboundMail
from tickets.models.partial_upload import FormUpload, FormUploadPart
from tickets.models.participant import Participant
from tickets.models.phone import PhoneEvent, PhoneLine, PhoneReason
from tickets.models.phone_callbacks import PhoneCallback
from tickets.models.phone_calls import CallState, PhoneCall, PhoneLeg
from tickets.models.phone_orders import NumberCheck, PhoneOrder, PhoneRecording
from tickets.models.push_message import PushMessage
from tickets.models.route import MailRoute
from tickets.models.saved_view import SavedView
from tickets.models.search import SearchEntry
from tickets.models.sent import SentFingerprint
from tickets.models.sla_calendar import SlaCalendar, SlaTeamCalendar
from tickets.models.sla_clock import SlaClock
from tickets.models.sla_policy import SlaPolicy, SlaPolicyVersion
from tickets.models.sla_step import SlaStep
from tickets.models.snooze import Snooze
from tickets.models.social import (
    SocialAccount,
    SocialChat,
    SocialEvent,
    SocialImpostor,
    SocialItem,
    SocialKind,
    SocialPost,
    SocialRoute,
    SocialTemplate,
    SocialThread,
)
from tickets.models.social_link import SocialLink
from tickets.models.staff_notice import NoticeSettings, StaffNotice
from tickets.models.survey import Survey, SurveyAnswer
from tickets.models.ticket import Tag, Ticket, TicketTag
from tickets.models.ticket_template import TicketTemplate, TicketTemplateValue
from tickets.models.time_entry import TimeEntry
from tickets.models.topic import Topic
from tickets.models.webhook import WebhookCursor, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Alarm",
    "Attachment",
    "BlockedSender",
    "BulkChange",
    "BulkItem",
    "CalendarFeed",
    "CallState",
    "CannedReply",
    "ChecklistItem",
    "ChecklistTemplate",
    "CustomField",
    "CustomFieldTopic",
    "CustomValue",
    "CustomerNote",
    "Decision",
    "Draft",
    "EscalationChain",
    "EscalationHook",
    "EscalationNotice",
    "EscalationRequest",
    "EscalationRun",
    "EscalationStep",
    "EscalationStepRecord",
    "EscalationStorm",
    "FieldKind",
    "FormUpload",
    "FormUploadPart",
    "GuidedAnswer",
    "GuidedForm",
    "GuidedKind",
    "GuidedQuestion",
    "GuidedRequest",
    "HandOver",
    "InboundMail",
    "MailRoute",
    "Mailbox",
    "Message",
    "NoticeSettings",
    "NumberCheck",
    "OnCallOverride",
    "OnCallParticipant",
    "OnCallSchedule",
    "OutboundMail",
    "Participant",
    "PhoneCall",
    "PhoneCallback",
    "PhoneEvent",
    "PhoneLeg",
    "PhoneLine",
    "PhoneOrder",
    "PhoneReason",
    "PhoneRecording",
    "PushMessage",
    "SavedView",
    "SearchEntry",
    "SentFingerprint",
    "SlaCalendar",
    "SlaClock",
    "SlaPolicy",
    "SlaPolicyVersion",
    "SlaStep",
    "SlaTeamCalendar",
    "Snooze",
    "SocialAccount",
    "SocialChat",
    "SocialEvent",
    "SocialImpostor",
    "SocialItem",
    "SocialKind",
    "SocialLink",
    "SocialPost",
    "SocialRoute",
    "SocialTemplate",
    "SocialThread",
    "StaffNotice",
    "Survey",
    "SurveyAnswer",
    "Tag",
    "Ticket",
    "TicketFollower",
    "TicketLink",
    "TicketMerge",
    "TicketTag",
    "TicketTemplate",
    "TicketTemplateValue",
    "TimeEntry",
    "Topic",
    "TopicSkill",
    "Upload",
    "WebhookCursor",
    "WebhookDelivery",
    "WebhookEndpoint",
]
