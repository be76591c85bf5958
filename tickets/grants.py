"""What the app role may do with the tables of cases."""

from core.grants import ALL, APPEND_ONLY, FULL, READ_ONLY, Grant

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
    # What was decided, and why, is for good.
    "tickets.Decision": Grant(insert=ALL, update=("look_again_at",), delete=True),
    # Who handed what over to whom, in which words, is for good.
    "tickets.HandOver": Grant(insert=ALL, update=("ended_at", "taken_by_id")),
    "tickets.TopicSkill": FULL,
    "tickets.Topic": Grant(insert=ALL, update=("name", "slug", "is_active", "parent_id", "checklist_id")),
    # Grows until a ticket takes it, whole, or a day has passed.
    "tickets.FormUpload": Grant(insert=ALL, update=("received",), delete=True),
    "tickets.FormUploadPart": Grant(insert=ALL, delete=True),
    # Of which topic it is, is for good.
    "tickets.GuidedForm": Grant(
        insert=ALL,
        update=(
            "name",
            "name_zh_hans",
            "lead",
            "lead_zh_hans",
            "matter",
            "matter_zh_hans",
            "outcome",
            "outcome_zh_hans",
            "is_urgent",
            "position",
            "is_active",
        ),
    ),
    "tickets.GuidedQuestion": FULL,
    "tickets.GuidedRequest": APPEND_ONLY,
    # What was answered is for good; a question that goes leaves its answers.
    "tickets.GuidedAnswer": Grant(insert=ALL, update=("question_id",)),
    # Whose it is, is for good.
    "tickets.CannedReply": Grant(
        insert=ALL,
        update=("shortcut", "title", "text", "text_zh_hans", "actions", "team_id", "is_active", "used", "used_at"),
    ),
    # What was wished for which tickets is for good, and so is what became of each.
    "tickets.BulkChange": Grant(
        insert=ALL,
        update=("place", "done", "skipped", "failed", "touched_at", "stopped_at", "finished_at"),
    ),
    "tickets.BulkItem": APPEND_ONLY,
    # Its key and kind are for good.
    "tickets.CustomField": Grant(
        insert=ALL,
        update=(
            "name",
            "name_zh_hans",
            "hint",
            "hint_zh_hans",
            "need",
            "least",
            "most",
            "pattern",
            "choices",
            "choices_zh_hans",
            "position",
            "is_public",
            "is_personal",
            "is_retired",
        ),
    ),
    "tickets.CustomFieldTopic": FULL,
    # Of which case and field it is, is for good.
    "tickets.CustomValue": Grant(insert=ALL, update=("text", "whole", "amount", "day", "flag", "chosen"), delete=True),
    # Whose it is, is for good.
    "tickets.ChecklistTemplate": Grant(
        insert=ALL, update=("name", "name_zh_hans", "items", "items_zh_hans", "is_needed", "archived_at")
    ),
    # What a step says is for good.
    "tickets.ChecklistItem": Grant(
        insert=ALL, update=("position", "done_at", "done_by_id", "removed_at", "removed_by_id")
    ),
    # Whose it is, is for good.
    "tickets.TicketTemplate": Grant(
        insert=ALL,
        update=("name", "subject", "text", "topic_id", "to_team_id", "priority", "tags", "checklist_id", "archived_at"),
    ),
    "tickets.TicketTemplateValue": Grant(insert=ALL, update=("value",), delete=True),
    # Who worked how long is for good; a team that is deleted leaves it.
    "tickets.TimeEntry": Grant(insert=ALL, update=("taken_back_at", "team_id")),
    # What a note says, and who is blocked for what, is for good.
    "tickets.CustomerNote": Grant(insert=ALL, update=("removed_at", "removed_by_id")),
    "tickets.BlockedSender": Grant(insert=ALL, update=("lifted_at", "lifted_by_id")),
    # Who made it and whose it is, is for good.
    "tickets.SavedView": Grant(
        insert=ALL,
        update=("name", "query", "sort", "grouping", "columns", "position", "archived_at"),
    ),
    # Until when and why is for good; how it ended is said once.
    "tickets.Snooze": Grant(insert=ALL, update=("ended_at", "woken_by")),
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
            "sla_version_id",
            "due_at",
            "warn_at",
            "due_metric",
            "is_awaiting_reply",
            "is_snoozed",
            "merged_into_id",
        ),
    ),
    # A link comes and goes; a merge is undone and stays to be read.
    "tickets.TicketLink": Grant(insert=ALL, delete=True),
    "tickets.TicketMerge": Grant(insert=ALL, update=("undone_by_id", "undone_at")),
    "tickets.SlaCalendar": Grant(
        insert=ALL,
        update=("name", "time_zone", "is_always", "weekly", "country", "part", "dates", "feed_dates", "is_default"),
    ),
    # Whose it is, is for good.
    "tickets.CalendarFeed": Grant(
        insert=ALL,
        update=(
            "name",
            "url",
            "dates",
            "read_at",
            "looked_at",
            "problem",
            "next_look_at",
            "etag",
            "modified",
            "fetched",
        ),
        delete=True,
    ),
    "tickets.SlaTeamCalendar": Grant(insert=ALL, update=("calendar_id",)),
    "tickets.SlaPolicy": Grant(insert=ALL, update=("name",)),
    # A draft is changed until it holds; the database keeps it from then on.
    "tickets.SlaPolicyVersion": Grant(
        insert=ALL,
        update=(
            "policy_id",
            "position",
            "is_active",
            "channels",
            "priorities",
            "languages",
            "tags",
            "teams",
            "is_risk_raised",
            "calendar_id",
            "targets",
            "warn_percent",
            "pauses_in",
            "reopening",
            "applies_from",
            "published_by_id",
        ),
    ),
    # Whose promise it is, and of what, is for good.
    "tickets.SlaClock": Grant(
        insert=ALL,
        update=(
            "version_id",
            "priority",
            "calendar_id",
            "target",
            "started_at",
            "used",
            "runs_since",
            "warn_at",
            "due_at",
            "fires_at",
            "warned_at",
            "breached_at",
            "met_at",
            "ended_at",
            "rounds",
            "undo",
            "is_stale",
        ),
    ),
    # A run that has begun keeps the steps that it began with.
    "tickets.EscalationChain": Grant(
        insert=ALL,
        update=(
            "name",
            "is_active",
            "position",
            "teams",
            "policies",
            "metrics",
            "priorities",
            "takes_customers",
            "quiet_from",
            "quiet_until",
            "time_zone",
            "storm_limit",
        ),
    ),
    "tickets.EscalationStep": FULL,
    "tickets.EscalationHook": Grant(insert=ALL, update=("name", "url", "format", "secret", "is_active")),
    "tickets.EscalationRun": Grant(
        insert=ALL,
        update=(
            "storm_id",
            "state",
            "next_step",
            "fires_at",
            "breached_at",
            "told_at",
            "acknowledged_at",
            "acknowledged_by_id",
            "ended_at",
        ),
    ),
    # What was done stays done.
    "tickets.EscalationStepRecord": APPEND_ONLY,
    "tickets.EscalationStorm": APPEND_ONLY,
    "tickets.EscalationRequest": APPEND_ONLY,
    "tickets.EscalationNotice": Grant(insert=ALL, update=(*LEASE, "settled_at")),
    "tickets.PushMessage": Grant(insert=ALL, update=(*LEASE, "settled_at"), delete=True),
    "tickets.TicketFollower": Grant(insert=ALL, delete=True),
    # What was told to whom is for good, until it is tidied away.
    "tickets.WebhookEndpoint": Grant(
        insert=ALL,
        update=(
            "name",
            "url",
            "secret",
            "former_secret",
            "former_until",
            "events",
            "teams",
            "is_active",
            "failing_since",
            "rests_until",
            "turn_at",
        ),
    ),
    "tickets.WebhookDelivery": Grant(insert=ALL, update=(*LEASE, "settled_at"), delete=True),
    "tickets.WebhookCursor": Grant(update=("seq", "sending_until")),
    "tickets.StaffNotice": Grant(insert=ALL, update=("seen_at", "told_at", "mailed_at"), delete=True),
    "tickets.NoticeSettings": Grant(insert=ALL, update=("shown", "pushed", "mailed", "digest", "next_digest_at")),
    "tickets.OnCallSchedule": Grant(
        insert=ALL, update=("name", "time_zone", "begins_on", "hands_over_at", "turn_days")
    ),
    "tickets.OnCallParticipant": FULL,
    # Who takes what from whom, and when, is for good: another time is another one.
    "tickets.OnCallOverride": Grant(insert=ALL, update=("state", "settled_at")),
    # The database writes it; a team that is deleted leaves it.
    "tickets.SlaStep": Grant(update=("team_id",)),
    # All of its settings; never its public id.
    "tickets.PhoneLine": Grant(
        insert=ALL,
        update=(
            "name",
            "number",
            "account_sid",
            "token",
            "cti_secret",
            "team_id",
            "languages",
            "calendar_id",
            "is_active",
            "asks_pin",
            "offers_callbacks",
            "records_calls",
            "consent_words",
            "consent_words_zh_hans",
            "keep_recordings_days",
            "sdk_key",
            "sdk_secret",
            "handle",
            "last_error",
            "last_error_at",
        ),
    ),
    "tickets.NumberCheck": FULL,
    "tickets.PhoneOrder": Grant(insert=ALL, update=(*LEASE, "is_handed_over", "is_reported")),
    "tickets.PhoneReason": FULL,
    # Who called when is for good.
    "tickets.PhoneCall": Grant(
        insert=ALL,
        update=(
            "sid",
            "state",
            "outcome",
            "customer_id",
            "ticket_id",
            "agent_id",
            "language",
            "reason_id",
            "is_urgent",
            "team_id",
            "wanted_id",
            "is_conference",
            "is_pin_proven",
            "pin_tries",
            "recording_agreed_at",
            "disposition",
            "noted_at",
            "turn",
            "seen_at",
            "queued_at",
            "answered_at",
            "ended_at",
        ),
    ),
    # For whom it is, is for good; when, until it is placed.
    "tickets.PhoneCallback": Grant(
        insert=ALL, update=(*LEASE, "ticket_id", "asked_in_id", "placed_id", "starts_at", "ends_at", "tries")
    ),
    "tickets.PhoneLeg": Grant(insert=ALL, update=("sid", "state", "answered_at", "ended_at")),
    "tickets.PhoneEvent": Grant(insert=ALL, update=("raw", "answer", "state", "attempts", "last_error")),
    "tickets.PhoneRecording": Grant(insert=ALL, update=(*LEASE, "message_id", "file_id", "expires_at")),
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
    # The database writes it.
    "tickets.SearchEntry": READ_ONLY,
    "tickets.OutboundMail": Grant(insert=ALL, update=(*LEASE, "unanswered", "detail", "is_reported", "sent_at")),
    # All of its settings but the kind; never its public id.
    "tickets.SocialAccount": Grant(
        insert=ALL,
        update=(
            "name",
            "brand_id",
            "team_id",
            "language",
            "is_active",
            "inbound",
            "token",
            "webhook_secret",
            "app_key",
            "app_secret",
            "token_secret",
            "external_id",
            "official_role",
            "handle",
            "poll_offset",
            "gateway_session",
            "last_error",
            "last_error_at",
        ),
    ),
    # Whose it is, is for good.
    "tickets.SocialChat": Grant(insert=ALL, update=("told_at", "heard_at", "stopped_at")),
    # Whose it is, is for good.
    "tickets.SocialTemplate": Grant(insert=ALL, update=("name", "language", "body", "is_active")),
    # Whose it is and which channel, is for good.
    "tickets.SocialRoute": Grant(insert=ALL, update=("team_id", "is_watched_forum", "is_active")),
    "tickets.SocialImpostor": APPEND_ONLY,
    "tickets.SocialThread": APPEND_ONLY,
    # Of which conversation it is, is for good.
    "tickets.SocialLink": Grant(insert=ALL, update=("secret_hash", "opens_until", "customer_id", "linked_at")),
    "tickets.SocialItem": APPEND_ONLY,
    "tickets.SocialEvent": Grant(
        insert=ALL, update=(*LEASE, "reason", "explanation", "message_id", "handled_at", "raw")
    ),
    "tickets.SocialPost": Grant(
        insert=ALL,
        update=(
            *LEASE,
            "unanswered",
            "parts_sent",
            "external_ids",
            "detail",
            "is_reported",
            "sent_at",
            "delivered_at",
            "read_at",
        ),
    ),
}
