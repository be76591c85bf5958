"""What the app role may do with the tables of live chat."""

from core.grants import ALL, FULL, Grant

GRANTS: dict[str, Grant] = {
    # All of its settings; never its public id.
    "livechat.ChatInbox": Grant(
        insert=ALL,
        update=(
            "slug",
            "name",
            "name_zh_hans",
            "greeting",
            "greeting_zh_hans",
            "brand_id",
            "team_id",
            "allowed_origins",
            "theme",
            "mail_after_min",
            "bot",
            "shows_typing",
            "allows_app",
            "pushes_unread",
            "abuse_hours",
            "is_active",
            "proactive_per_day",
        ),
    ),
    # All of its settings; never its public id. Never deleted: it counts what it did.
    "livechat.ProactiveMessage": Grant(
        insert=ALL,
        update=(
            "inbox_id",
            "name",
            "text",
            "text_zh_hans",
            "paths",
            "after_s",
            "who",
            "visits",
            "languages",
            "is_attended_only",
            "priority",
            "every_days",
            "starts_at",
            "ends_at",
            "is_active",
        ),
    ),
    # To whom what was shown is for good, and when is the database's.
    "livechat.ProactiveShow": Grant(insert=ALL, update=("opened_at", "dismissed_at", "chat_id")),
    "livechat.ChatHours": Grant(insert=ALL, update=("inbox_id", "time_zone", "weekly", "dates", "is_active")),
    "livechat.TopicForm": Grant(
        insert=ALL, update=("inbox_id", "topic_id", "name", "name_zh_hans", "position", "is_guided", "is_active")
    ),
    "livechat.TopicQuestion": FULL,
    # Inbox, origin, token and session are for good; the customer is found with the first message. Who never says
    # anything is removed in the end, and nobody else: a trigger sees to it.
    "livechat.Visitor": Grant(
        insert=ALL, update=("customer_id", "locale", "seen_at", "here_at", "expires_at", "ended_at"), delete=True
    ),
    "livechat.Chat": Grant(
        insert=ALL,
        update=("ended_at", "queued_at", "accepted_at", "wrapped_at", "mail_owed_since", "mailed", "bot_ended_at"),
    ),
    # Whose it is and what it says is for good; what was never confirmed is tidied away.
    "livechat.ChatAddress": Grant(insert=ALL, update=("misses", "confirmed_at", "ended_at"), delete=True),
    "livechat.VisitorKey": Grant(insert=ALL, delete=True),
    # Whose ring it was, of which chat and until when, is for good.
    "livechat.Offer": Grant(insert=ALL, update=("state", "settled_at", "waited_s")),
    # Which message, of which chat and until when, is for good.
    "livechat.BotTurn": Grant(
        insert=ALL,
        update=(
            "state",
            "attempts",
            "next_attempt_at",
            "lease_token",
            "lease_until",
            "last_error",
            "settled_at",
            "confidence",
            "said_id",
            "offered",
        ),
    ),
    # Of which answer it tells is for good; how many are unread, once it is on its way.
    "livechat.Push": Grant(
        insert=ALL,
        update=(
            "state",
            "attempts",
            "next_attempt_at",
            "lease_token",
            "lease_until",
            "last_error",
            "settled_at",
            "unread",
        ),
    ),
    # What was done, by whom and until when is for good; a lead may lift what it holds back.
    "livechat.AbuseStep": Grant(insert=ALL, update=("lifted_at", "lifted_by_id")),
    "livechat.PageVisit": Grant(insert=ALL, delete=True),
    "livechat.Mark": Grant(insert=ALL, update=("delivered", "read", "moved_at")),
    # Grows until a message takes it, whole, or a day has passed.
    "livechat.VisitorUpload": Grant(insert=ALL, update=("received",), delete=True),
    "livechat.VisitorUploadPart": Grant(insert=ALL, delete=True),
}
