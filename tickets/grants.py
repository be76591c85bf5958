"""What the app role may do with the tables of cases."""

from core.grants import ALL, APPEND_ONLY, FULL, Grant

LEASE = ("state", "attempts", "next_attempt_at", "lease_token", "lease_until", "last_error")
SEQUENCES = ("tickets_number",)

GRANTS: dict[str, Grant] = {
    # Deleted is only what healed before it was an alarm.
    "tickets.Alarm": Grant(
        insert=ALL,
        update=(
            "detail",
            "noticed_at",
            "seen_at",
            "opened_at",
            "told_at",
            "closed_at",
            "acknowledged_at",
            "acknowledged_by_id",
        ),
        delete=True,
    ),
    "tickets.Topic": Grant(insert=ALL, update=("name", "slug", "is_active", "parent_id")),
    # Whose it is, is for good.
    "tickets.CannedReply": Grant(
        insert=ALL,
        update=("shortcut", "title", "text", "text_zh_hans", "team_id", "is_active", "used", "used_at"),
    ),
    "tickets.Tag": Grant(insert=ALL, update=("name",), delete=True),
    # All of its settings; never its public id.
    "tickets.Mailbox": Grant(
        insert=ALL,
        update=(
            "slug",
            "name",
            "address",
            "brand_id",
            "team_id",
            "language",
            "signature",
            "is_active",
            "survey_after_h",
            "survey_every_days",
            "trusted_authserv_id",
            "inbound",
            "imap_host",
            "imap_port",
            "imap_security",
            "imap_auth",
            "imap_user",
            "imap_secret",
            "imap_folder",
            "imap_uid_validity",
            "smtp_host",
            "smtp_port",
            "smtp_security",
            "smtp_auth",
            "smtp_user",
            "smtp_secret",
            "oauth_token_url",
            "oauth_client_id",
            "oauth_client_secret",
            "ca_certificate",
        ),
    ),
    "tickets.Ticket": Grant(
        insert=ALL,
        update=(
            "subject",
            "status",
            "priority",
            "assignee_id",
            "team_id",
            "topic_id",
            "language",
            "is_spam",
            "version",
            "last_seq",
            "last_public_seq",
            "last_line",
            "last_direction",
            "updated_at",
            "resolved_at",
        ),
    ),
    "tickets.TicketTag": FULL,
    # What was said stays said: only a withdrawal and a corrected language touch a message.
    "tickets.Message": Grant(
        insert=ALL, update=("withdrawn_at", "text", "html", "quoted_text", "language", "redactions")
    ),
    "tickets.Participant": Grant(insert=ALL, update=("name",), delete=True),
    # What was attached stays so; an identity document leaves its place behind.
    "tickets.Attachment": Grant(insert=ALL, update=("file_id", "restricted_at", "restricted_by_id", "document")),
    "tickets.Upload": Grant(insert=ALL, delete=True),
    "tickets.Draft": Grant(insert=ALL, update=("text", "version", "updated_at"), delete=True),
    "tickets.InboundMail": Grant(
        insert=ALL, update=(*LEASE, "reason", "explanation", "preview", "ticket_id", "message_id", "handled_at", "raw")
    ),
    # Where a case went by mail is for good.
    "tickets.MailRoute": APPEND_ONLY,
    # Whom it asks about what is for good; its times are the database's. A team that is deleted leaves it.
    "tickets.Survey": Grant(insert=ALL, update=("skipped_at", "team_id", "mail_due_at", "mailed_at")),
    "tickets.SurveyAnswer": Grant(insert=ALL, update=("rating", "comment", "redactions", "changed_at")),
    # What was sent stays sent.
    "tickets.SentFingerprint": APPEND_ONLY,
    "tickets.OutboundMail": Grant(insert=ALL, update=(*LEASE, "unanswered", "detail", "is_reported", "sent_at")),
}
