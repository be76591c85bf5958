"""What each role may do; the one place. Deny by default: a permission not listed for a role is refused."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Permission sets of staff."""

    AGENT = "agent", _("Agent")
    LEAD = "lead", _("Lead")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")
    COMPLIANCE = "compliance", _("Compliance")
    LIGHT_AGENT = "light_agent", _("Light agent")
    VENDOR = "vendor", _("Vendor agent")


class Permission(models.TextChoices):
    """What can be allowed."""

    TICKET_VIEW = "ticket.view"
    TICKET_VIEW_RESTRICTED = "ticket.view_restricted"
    TICKET_REPLY = "ticket.reply"
    TICKET_NOTE = "ticket.note"
    TICKET_UPDATE = "ticket.update"
    TICKET_CREATE = "ticket.create"
    QUARANTINE_VIEW = "quarantine.view"
    QUARANTINE_RELEASE = "quarantine.release"
    SPAM_RELEASE = "spam.release"
    AUDIT_VIEW = "audit.view"
    ADMIN_SITE = "admin.site"
    STAFF_MANAGE = "staff.manage"
    MAILBOX_MANAGE = "mailbox.manage"
    SYSTEM_WATCH = "system.watch"
    CHANNELS_MANAGE = "channels.manage"
    # How a customer's account stands at the exchange, masked.
    EXCHANGE_VIEW = "exchange.view"
    CUSTOMER_FREEZE = "customer.freeze"
    FUND_REQUEST = "fund.request"
    FUND_APPROVE = "fund.approve"
    FUND_VIEW = "fund.view"
    REVIEW_START = "review.start"
    REVIEW_VIEW = "review.view"
    POLICY_VIEW = "policy.view"
    POLICY_CHANGE = "policy.change"
    # Seeing who takes chats, setting their presence, taking a chat over.
    CHAT_LEAD = "chat.lead"
    # Keeping the canned replies that are shared.
    CANNED_MANAGE = "canned.manage"
    # Keeping the views of a team and of everybody.
    VIEW_SHARE = "view.share"
    TRAINING_RECORD = "training.record"
    # The help centre: writing drafts; reviewing those of others and letting them out.
    ARTICLE_WRITE = "article.write"
    ARTICLE_PUBLISH = "article.publish"
    # Figures about everybody's work, and the cases behind them that one may see.
    REPORT_READ = "report.read"
    # How much waits now, on a screen on the wall: numbers only.
    WALLBOARD_VIEW = "wallboard.view"
    # A customer's data in full: one field, for an open ticket of one's own, within a budget.
    CUSTOMER_REVEAL = "customer.reveal"
    # Ending sessions and accounts of others at once; watched customers, of whom nobody has to see anything.
    STAFF_SHUT_OUT = "staff.shut_out"
    HONEY_MANAGE = "honey.manage"


P = Permission
_WORK = frozenset({P.TICKET_VIEW, P.TICKET_REPLY, P.TICKET_NOTE, P.TICKET_UPDATE, P.TICKET_CREATE, P.CUSTOMER_REVEAL})

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.AGENT: _WORK
    | {P.EXCHANGE_VIEW, P.CUSTOMER_FREEZE, P.FUND_REQUEST, P.REVIEW_START, P.REVIEW_VIEW}
    | {P.WALLBOARD_VIEW, P.ARTICLE_WRITE},
    Role.LEAD: _WORK
    | {P.EXCHANGE_VIEW, P.CUSTOMER_FREEZE, P.FUND_REQUEST, P.FUND_APPROVE, P.REVIEW_START, P.REVIEW_VIEW}
    | {P.QUARANTINE_VIEW, P.QUARANTINE_RELEASE, P.SPAM_RELEASE, P.TICKET_VIEW_RESTRICTED, P.SYSTEM_WATCH}
    | {P.POLICY_VIEW, P.POLICY_CHANGE, P.CHAT_LEAD, P.CANNED_MANAGE, P.REPORT_READ, P.WALLBOARD_VIEW}
    | {P.VIEW_SHARE}
    | {P.ARTICLE_WRITE, P.ARTICLE_PUBLISH, P.STAFF_SHUT_OUT},
    Role.AUDITOR: frozenset(
        {P.TICKET_VIEW, P.TICKET_VIEW_RESTRICTED, P.AUDIT_VIEW, P.QUARANTINE_VIEW, P.ADMIN_SITE, P.FUND_VIEW}
        | {P.POLICY_VIEW, P.REPORT_READ, P.WALLBOARD_VIEW}
    ),
    Role.ADMIN: _WORK
    | {P.QUARANTINE_VIEW, P.QUARANTINE_RELEASE, P.SPAM_RELEASE, P.ADMIN_SITE}
    | {P.STAFF_MANAGE, P.MAILBOX_MANAGE, P.SYSTEM_WATCH, P.CHANNELS_MANAGE, P.EXCHANGE_VIEW, P.CUSTOMER_FREEZE}
    | {P.REVIEW_START, P.REVIEW_VIEW, P.POLICY_VIEW, P.POLICY_CHANGE, P.TRAINING_RECORD}
    | {P.VIEW_SHARE}
    | {P.CANNED_MANAGE, P.REPORT_READ, P.WALLBOARD_VIEW, P.ARTICLE_WRITE, P.ARTICLE_PUBLISH}
    | {P.STAFF_SHUT_OUT},
    Role.COMPLIANCE: frozenset({P.TICKET_VIEW, P.TICKET_VIEW_RESTRICTED, P.TICKET_NOTE, P.QUARANTINE_VIEW})
    | {P.EXCHANGE_VIEW, P.CUSTOMER_FREEZE, P.FUND_APPROVE, P.FUND_VIEW, P.REVIEW_VIEW, P.POLICY_VIEW, P.POLICY_CHANGE}
    | {P.ARTICLE_WRITE, P.HONEY_MANAGE},
    Role.LIGHT_AGENT: frozenset({P.TICKET_VIEW, P.TICKET_NOTE, P.WALLBOARD_VIEW}),
    # A vendor's agent works as an agent but sees only tickets of teams they belong to.
    Role.VENDOR: frozenset({P.TICKET_VIEW, P.TICKET_REPLY, P.TICKET_NOTE, P.TICKET_UPDATE, P.CUSTOMER_FREEZE})
    | {P.CUSTOMER_REVEAL},
}

# Idle for 15 minutes ends the session of these (trust: sensitive roles).
SENSITIVE_ROLES = frozenset({Role.LEAD, Role.AUDITOR, Role.ADMIN, Role.COMPLIANCE})
