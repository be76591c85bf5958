"""The permission matrix: for every door, who gets in. It states and does not derive: a changed rule changes here too.

A row that is missing fails the build (test_matrix_is_complete.py); a row that is wrong fails test_matrix_holds.py.
"""

from django.conf import settings

from tests.contracts.permissions.routes import (
    ADMIN_SITE,
    ADMINS,
    APPROVES,
    ARTICLE,
    ASKS,
    BULLETIN,
    BY_ANY_METHOD,
    CHANGES_POLICY,
    CREATES,
    CUSTOMERS,
    DRAFT_BULLETIN,
    EVERYONE,
    FEEDBACK,
    FREEZES,
    HANDS_IN,
    HOLDERS,
    LEADS_CHATS,
    LINKS,
    NEW_ARTICLE,
    NEW_NOTE,
    NEW_REVISION,
    NEW_TICKET,
    NOBODY,
    NOTES,
    PUBLISHES_ARTICLES,
    RAW_MAIL,
    READS,
    READS_REPORTS,
    RECORDING,
    RELEASES,
    REPLIES,
    REVIEWS,
    SEES_ACTIONS,
    SEES_EXCHANGE,
    SEES_POLICY,
    SEES_QUARANTINE,
    SEES_WALLBOARD,
    STAFF,
    TOKENS,
    UPDATES,
    VISITORS,
    WATCHES,
    WRITES,
    WRITES_ARTICLES,
    About,
    Got,
    Route,
    acts,
    api,
    articles,
    chat,
    helping,
    open_to_all,
    portal,
    reads,
    second_step,
)

ROUTES: list[Route] = [
    # Leads to the desk; the language switch leads back to where one was.
    Route("root", BY_ANY_METHOD),
    Route("set_language", BY_ANY_METHOD),
    # Signs of life: for the load balancer and for Prometheus (which brings a token of its own).
    reads("healthz", EVERYONE | TOKENS),
    reads("readyz", EVERYONE | TOKENS),
    Route("metrics", {"GET": NOBODY}, refusal=Got.SIGN_IN),
    # Signing in, before a session exists. A signed link is its own proof; only POST acts.
    open_to_all("security:sign_in"),
    open_to_all("security:forgot"),
    open_to_all("security:reset", public_id="0" * 20, token="none"),
    open_to_all("security:invitation", token="none"),
    second_step("security:second_factor"),
    second_step("security:passkey"),
    Route("security:passkey_options", {"POST": frozenset({"password_only"})}, refusal=Got.SIGN_IN),
    second_step("security:recovery"),
    second_step("security:enrol"),
    Route("security:sign_out", {"POST": NOBODY}, refusal=Got.SIGN_IN),  # whoever it is ends at the sign-in page
    # One's own account.
    Route("security:account", {"GET": STAFF, "POST": STAFF}),
    acts("security:session_revoke", STAFF, About.SESSION),
    acts("security:recovery_renew", STAFF, About.NOTHING),
    acts("security:device_on", STAFF, About.NOTHING),
    acts("security:device_here", STAFF, About.NOTHING),
    # One's own devices: test_devices.py.
    Route("security:device_off", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"public_id": "none"}),
    Route("desk:device_try", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"public_id": "none"}),
    acts("security:passkey_prove_options", STAFF, About.NOTHING),
    acts("security:passkey_prove", STAFF, About.NOTHING),
    acts("security:passkey_add_options", STAFF, About.NOTHING),
    acts("security:passkey_add", STAFF, About.NOTHING),
    acts("security:passkey_end", STAFF, About.NOTHING, public_id="0" * 20),
    # The help centre: anybody may read. What readers send is let in by the origin that browsers name, and this is none
    # (tests/integration/kb/test_pages.py).
    helping("help:root"),
    helping("help:site_map"),
    *(helping(f"help:{name}", language="en") for name in ("home", "search", "faq", "glossary", "contact")),
    helping("help:category", language="en", slug="matrix"),
    helping("help:section", language="en", slug="matrix", section="matrix-part"),
    helping("help:article", language="en", slug="matrix-article"),
    *(helping(f"help:{name}", language="en") for name in ("bulletins", "bulletin_feed", "quiz", "talks")),
    helping("help:bulletin", language="en", public_id=BULLETIN),
    helping("help:talk", language="en", slug="matrix-talk"),
    # A signed link of a mail is its own proof.
    *(
        Route(f"help:{name}", HOLDERS, refusal=Got.UNSEEN, unknown=Got.UNSEEN, arguments={"token": "none"})
        for name in LINKS
    ),
    Route("help:subscribe", {"POST": NOBODY}, unknown=Got.FORBIDDEN, arguments={"language": "en"}),
    Route("help:media", {"GET": NOBODY}, refusal=Got.UNSEEN, unknown=Got.UNSEEN, arguments={"public_id": "none"}),
    *(
        Route(
            f"help:{name}", {"POST": NOBODY}, unknown=Got.FORBIDDEN, arguments={"language": "en", "public_id": ARTICLE}
        )
        for name in ("vote", "feedback", "chosen")
    ),
    *(Route(f"help:{name}", {"POST": NOBODY}, unknown=Got.FORBIDDEN) for name in ("suggest", "solved")),
    # Its editors: agents write drafts, leads and administrators review those of others and let them out.
    reads("articles:home", WRITES_ARTICLES),
    Route("articles:new", dict.fromkeys(("GET", "POST"), WRITES_ARTICLES)),
    Route("articles:pictures", dict.fromkeys(("GET", "POST"), WRITES_ARTICLES)),
    reads("articles:report", READS_REPORTS),
    reads("articles:bulletins", WRITES_ARTICLES),
    Route("articles:bulletin_new", dict.fromkeys(("GET", "POST"), WRITES_ARTICLES)),
    articles("bulletin", WRITES_ARTICLES, "GET", public_id=BULLETIN),
    articles("bulletin_edit", WRITES_ARTICLES, "GET", "POST", public_id=DRAFT_BULLETIN, language="de"),
    *(articles(f"bulletin_{name}", PUBLISHES_ARTICLES, public_id=BULLETIN) for name in ("publish", "withdraw")),
    articles("one", WRITES_ARTICLES, "GET"),
    articles("edit", WRITES_ARTICLES, "GET", "POST"),
    articles("difference", WRITES_ARTICLES, "GET", number="1"),
    articles("translate", WRITES_ARTICLES, "GET", "POST", language="de"),
    *(articles(name, WRITES_ARTICLES) for name in ("submit", "lock", "comment")),
    articles("restore", WRITES_ARTICLES, number="1"),
    *(
        articles(name, PUBLISHES_ARTICLES)
        for name in ("publish", "send_back", "cancel", "archive", "place", "look_again")
    ),
    articles("handled", WRITES_ARTICLES, feedback_id=FEEDBACK),
    reads("desk:articles", STAFF, About.TICKET),
    # "Is it us?": anybody may ask.
    open_to_all("verify"),
    # The public web form: anybody may write.
    Route("contact", {"GET": EVERYONE | TOKENS}),
    open_to_all("contact_form", slug="guided"),
    # Files for it: whose browser has worked, or who is signed in with a form of ours (tests/integration/tickets/guided).
    *(
        Route(name, {"POST": NOBODY}, refusal=Got.FORBIDDEN, unknown=Got.FORBIDDEN)
        for name in ("contact_files", "contact_file_part", "contact_file_remove")
    ),
    # A vendor's events: its secret or signature is the proof, and this is none (tests/integration/tickets/social).
    Route(
        "hook",
        {"GET": NOBODY, "POST": NOBODY},
        refusal=Got.UNSEEN,
        unknown=Got.UNSEEN,
        arguments={"kind": "telegram", "public_id": "none"},
        body=b"{}",
        content_type="application/json",
    ),
    # The phone provider's requests, and a PBX's events: the signature is the proof (tests/integration/tickets/phone).
    *(
        Route(
            name, {"POST": NOBODY}, refusal=Got.UNSEEN, unknown=Got.UNSEEN, arguments=of, body=body, content_type=kind
        )
        for name, of, body, kind in (
            ("phone", {"public_id": "none", "step": "call"}, b"CallSid=CA1", "application/x-www-form-urlencoded"),
            ("cti", {"public_id": "none"}, b"{}", "application/json"),
        )
    ),
    # The desk.
    reads("desk:home"),
    reads("desk:view", STAFF, About.VIEW),
    reads("desk:rows", STAFF),
    reads("desk:counts"),
    reads("desk:ticket", STAFF, About.TICKET),
    reads("desk:timeline", STAFF, About.TICKET),
    reads("desk:canned_list", REPLIES, About.TICKET),
    acts("desk:reply", REPLIES),
    acts("desk:template", REPLIES),
    acts("desk:note", NOTES),
    acts("desk:draft", NOTES),
    acts("desk:upload", NOTES),
    acts("desk:upload_remove", NOTES, About.UPLOAD),
    acts("desk:undo", REPLIES, About.MESSAGE),
    acts("desk:retry", REPLIES, About.MESSAGE),
    acts("desk:assign", UPDATES),
    acts("desk:pass_on", UPDATES),
    acts("desk:hand_over", UPDATES),
    acts("desk:take_over", UPDATES),
    # The ticket's assignee may ask as well (test_handing_on.py); of this world's nobody has one.
    Route("desk:why", {"GET": LEADS_CHATS}, About.TICKET, refusal=Got.UNSEEN),
    acts("desk:status", UPDATES),
    acts("desk:priority", UPDATES),
    acts("desk:tags", UPDATES),
    acts("desk:topic", UPDATES),
    acts("desk:team", UPDATES),
    acts("desk:language", UPDATES),
    acts("desk:spam_release", RELEASES, About.NOTHING),
    Route("desk:message_language", {"GET": UPDATES, "POST": UPDATES}, About.MESSAGE),
    acts("desk:spam", UPDATES),
    acts("desk:documents", UPDATES, About.MESSAGE),
    reads("desk:frame", STAFF, About.MESSAGE),
    reads("desk:attachment", STAFF, About.ATTACHMENT),
    Route("desk:new", {"GET": CREATES, "POST": CREATES}),
    reads("desk:quarantine", SEES_QUARANTINE),
    reads("desk:quarantine_item", SEES_QUARANTINE, About.QUARANTINED),
    acts("desk:quarantine_retry", RELEASES, About.QUARANTINED),
    acts("desk:quarantine_ignore", RELEASES, About.QUARANTINED),
    # A customer's account at the exchange: who works on money, and sees a request that is proven to be theirs.
    reads("desk:exchange", SEES_EXCHANGE, About.CUSTOMER),
    # Who opens one review was drawn for it or has started it: a role alone finds nothing (test_review_pages.py).
    reads("desk:reviews", REVIEWS),
    # The phone. A call that is with somebody else, or is none, cannot be found (tests/integration/tickets/phone).
    reads("desk:calls", REPLIES),
    acts("desk:call_number", REPLIES, About.NOTHING),
    acts("desk:call_token", REPLIES, About.NOTHING),
    reads("desk:call_panel", STAFF, About.TICKET),
    acts("desk:call_out", REPLIES),
    Route("desk:call_recording", {"GET": NOBODY}, refusal=Got.UNSEEN, arguments=RECORDING),
    *(
        Route(f"desk:{name}", {"POST": NOBODY}, About.TICKET, refusal=Got.UNSEEN)
        for name in ("call_transfer", "call_lead", "call_done", "call_cancel")
    ),
    reads("desk:shifts", REPLIES),
    acts("desk:shift_plan", LEADS_CHATS, About.NOTHING),
    reads("desk:escalations"),
    reads("desk:escalation_try", LEADS_CHATS),
    # A role alone finds nothing: whoever was told acknowledges, and leads; of people on call, who was asked answers
    # (tests/integration/tickets/escalation/test_doors.py).
    Route("desk:escalation_acknowledge", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"run_id": "none"}),
    Route("desk:storm_acknowledge", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"storm_id": "none"}),
    reads("desk:on_call"),
    acts("desk:quiet_hours", STAFF, About.NOTHING),
    Route("desk:on_call_answer", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"override_id": "none"}),
    Route("desk:on_call_cancel", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"override_id": "none"}),
    Route("desk:on_call_stand_in", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"schedule_id": "none"}),
    Route("desk:on_call_swap", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"schedule_id": "none"}),
    # A role alone finds nothing: a lead cancels one that is there, its person writes its note (test_shifts.py).
    Route("desk:shift_cancel", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"shift_id": "none"}),
    Route("desk:shift_note", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"shift_id": "none"}),
    acts("desk:shift_feed_make", REPLIES, About.NOTHING),
    acts("desk:shift_feed_end", REPLIES, About.NOTHING),
    # Its token alone opens it, without a session (test_shift_feeds.py).
    Route("desk:shift_feed", {"GET": NOBODY}, refusal=Got.UNSEEN, unknown=Got.UNSEEN, arguments={"token": "none"}),
    acts("desk:absence_new", REPLIES, About.NOTHING),
    # A role alone finds nothing: a lead decides about one that is there, its person ends it (test_absences.py).
    Route("desk:absence_decide", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"absence_id": "none"}),
    Route("desk:absence_withdraw", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"absence_id": "none"}),
    # Likewise: one's own shift is offered, whom it is offered to answers, a lead decides (test_swaps.py).
    Route("desk:swap_offer", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"shift_id": "none"}),
    Route("desk:swap_answer", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"swap_id": "none"}),
    Route("desk:swap_withdraw", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"swap_id": "none"}),
    Route("desk:swap_decide", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"swap_id": "none"}),
    reads("desk:reports", READS_REPORTS),
    reads("desk:report", READS_REPORTS, section="levels"),
    reads("desk:report_cases", READS_REPORTS),
    Route("desk:report_export", {"POST": READS_REPORTS}, body=b"section=volume&table=ages"),
    reads("desk:wallboard", SEES_WALLBOARD),
    reads("desk:canned", REPLIES),
    Route("desk:canned_new", {"GET": REPLIES, "POST": REPLIES}),
    # A role alone finds nothing: one's own, or a shared one for whoever keeps them (test_canned.py).
    Route("desk:canned_one", {"GET": NOBODY, "POST": NOBODY}, refusal=Got.UNSEEN, arguments={"canned_id": "none"}),
    Route("desk:canned_used", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"canned_id": "none"}),
    Route("desk:review_new", {"GET": CREATES, "POST": CREATES}),
    Route("desk:review", {"GET": NOBODY, "POST": NOBODY}, refusal=Got.UNSEEN, arguments={"public_id": "none"}),
    Route("desk:review_draw", {"POST": NOBODY}, refusal=Got.UNSEEN, arguments={"public_id": "none"}),
    Route(
        "desk:review_document",
        {"GET": NOBODY},
        refusal=Got.UNSEEN,
        arguments={"public_id": "none", "document_id": "none"},
    ),
    # What is wrong with the system itself.
    reads("desk:system", WATCHES),
    acts("desk:alarm_acknowledge", WATCHES, About.ALARM),
    # Money: what is known of the customer, asking, the second person, looking on. What is not this person's to approve
    # leads back to what is.
    reads("desk:trust", STAFF, About.TICKET),
    acts("desk:freeze", FREEZES),
    Route("desk:fund_request", {"GET": ASKS, "POST": ASKS}, About.TICKET),
    acts("desk:fund_begin", ASKS),
    acts("desk:fund_confirm", ASKS),
    acts("desk:fund_draw", ASKS),
    reads("desk:approvals", APPROVES),
    reads("desk:approval", APPROVES, action_id="none"),
    acts("desk:approval_begin", APPROVES, About.NOTHING, action_id="none"),
    acts("desk:approve", APPROVES, About.NOTHING, action_id="none"),
    acts("desk:decline", APPROVES, About.NOTHING, action_id="none"),
    reads("desk:fund_actions", SEES_ACTIONS),
    # What an action takes: proposed by one, confirmed by another, each with a step-up.
    reads("desk:policy", SEES_POLICY),
    Route("desk:policy_new", {"GET": CHANGES_POLICY, "POST": CHANGES_POLICY}),
    acts("desk:policy_begin", CHANGES_POLICY, About.NOTHING),
    acts("desk:policy_propose", CHANGES_POLICY, About.NOTHING),
    acts("desk:policy_confirm_begin", CHANGES_POLICY, About.NOTHING, public_id="none"),
    acts("desk:policy_confirm", CHANGES_POLICY, About.NOTHING, public_id="none"),
    # API v1: a browser's session reads and writes as its role may, and never hands in mail.
    api("api:tickets", GET=STAFF | READS, POST=CREATES | WRITES, body=NEW_TICKET),
    api("api:ticket", About.TICKET, GET=STAFF | READS),
    api("api:messages", About.TICKET, GET=STAFF | READS, POST=NOTES | WRITES, body=NEW_NOTE),
    api("api:articles", GET=STAFF | READS, POST=WRITES_ARTICLES | WRITES, body=NEW_ARTICLE),
    api("api:article_search", GET=STAFF | READS),
    Route(
        "api:article",
        {"GET": STAFF | READS, "POST": WRITES_ARTICLES | WRITES},
        arguments={"public_id": ARTICLE},
        takes_tokens=True,
        body=NEW_REVISION,
        content_type="application/json",
    ),
    api("api:intake", About.MAILBOX, POST=HANDS_IN, body=RAW_MAIL),
    api("api:intake_state", About.INTAKE, GET=HANDS_IN),
    Route(
        "api:official_channel",
        {"POST": EVERYONE | TOKENS},
        body=b'{"value": "support@pharos.test"}',
        content_type="application/json",
    ),
    # The exchange's signature is the proof; whoever has none is nobody here.
    Route("api:exchange_events", {"POST": NOBODY}, refusal=Got.SIGN_IN, body=b"{}", content_type="application/json"),
    api("api:schema", GET=STAFF | READS),
    reads("api:docs"),
    # The portal. Coming in asks for no session; a link in a mail is its own proof, and only POST freezes.
    reads("security:pharos_keys", EVERYONE | TOKENS),
    # The service worker: the same for everybody.
    reads("desk:push_worker", EVERYONE | TOKENS),
    reads("portal:sign_in", EVERYONE | TOKENS),
    reads("portal:to_exchange", EVERYONE | TOKENS),
    reads("portal:hand_off", EVERYONE | TOKENS),
    Route("portal:sign_out", {"POST": NOBODY}, refusal=Got.SIGN_IN),  # whoever it is ends at the portal's sign-in page
    open_to_all("portal:freeze_by_link", token="none"),
    open_to_all("portal:review_by_link", token="none"),
    open_to_all("portal:survey_by_link", token="none"),
    portal("portal:review", "GET", "POST"),
    portal("portal:home"),
    portal("portal:new", "GET", "POST"),
    Route(
        "portal:guided", dict.fromkeys(("GET", "POST"), CUSTOMERS), refusal=Got.SIGN_IN, arguments={"slug": "guided"}
    ),
    portal("portal:request", about=About.REQUEST),
    portal("portal:answer", "POST", about=About.REQUEST),
    portal("portal:escalate", "POST", about=About.REQUEST),
    portal("portal:file", about=About.REQUEST_FILE),
    portal("portal:request_record", about=About.REQUEST),
    portal("portal:record"),
    portal("portal:approvals"),
    portal("portal:approval", about=About.ACTION),
    portal("portal:approval_options", "POST", about=About.ACTION),
    portal("portal:approval_answer", "POST", about=About.ACTION),
    portal("portal:approval_code", "POST", about=About.ACTION),
    portal("portal:approval_deny", "POST", about=About.ACTION),
    portal("portal:conversations"),
    Route(
        "portal:conversation_link",
        dict.fromkeys(("GET", "POST"), CUSTOMERS),
        refusal=Got.SIGN_IN,
        arguments={"token": "none"},
    ),
    portal("portal:conversation_end", "POST", about=About.ACTION),
    portal("portal:security"),
    portal("portal:passkey", "GET", "POST"),
    portal("portal:passkey_options", "POST"),
    portal("portal:authenticator", "GET", "POST"),
    portal("portal:authenticator_code", "POST"),
    portal("portal:phrase", "POST"),
    portal("portal:lock", "POST"),
    portal("portal:sign_out_elsewhere", "POST"),
    portal("portal:end_session", "POST", about=About.PORTAL_SESSION),
    portal("portal:freeze", "GET", "POST"),
    # The chat. The loader and the frame hold nothing of anybody; a visitor is started by whoever the inbox is embedded for.
    reads("chat:loader", EVERYONE | TOKENS, slug="site"),
    reads("chat:frame", EVERYONE | TOKENS, slug="site"),
    reads("chat:app", EVERYONE | TOKENS, slug="site"),
    Route(
        "chat:start",
        {"POST": EVERYONE | TOKENS},
        arguments={"slug": "site"},
        content_type="application/json",
        body=b'{"origin": "https://exchange.example"}',
        origin=settings.SITE_URL,
    ),
    # The exchange's word opens it, whoever brings it: this is none.
    Route(
        "chat:identify",
        {"POST": EVERYONE | TOKENS},
        arguments={"slug": "site"},
        content_type="application/json",
        body=b'{"origin": "https://exchange.example"}',
        origin=settings.SITE_URL,
    ),
    chat("chat:sign_out", "POST"),
    chat("chat:trust", "GET"),
    # The chat by mail. The matrix' visitor is proven and gives no address: 422.
    chat("chat:by_mail", "GET"),
    chat("chat:by_mail_ask", "POST", b'{"address": "mei@example.test"}'),
    chat("chat:by_mail_stop", "POST"),
    chat("chat:by_mail_transcript", "POST"),
    # A mail's link is its own proof, with the chat's number; the way back is a page, its secret comes by POST (410).
    open_to_all("chat:confirm_mail", token="none"),
    reads("chat:back", EVERYONE | TOKENS),
    Route(
        "chat:come_back",
        {"POST": EVERYONE | TOKENS},
        content_type="application/json",
        body=b'{"link": "none"}',
        origin=settings.SITE_URL,
    ),
    # The visitor of the matrix is proven; what an anonymous one gets: tests/integration/livechat/test_trust.py.
    chat("chat:trust_freeze", "POST"),
    *(chat(f"chat:trust_{door}", "POST", b'{"action": "?"}') for door in ("options", "approve", "code", "deny")),
    chat("chat:messages", "GET"),
    chat("chat:say", "POST", b'{"client_id": "matrix-1", "text": "Hello"}'),
    chat("chat:saw", "POST", b'{"chat": "CHAT", "delivered": 1, "read": 1}'),
    chat("chat:end", "POST", b'{"chat": "CHAT"}'),
    chat("chat:rate", "POST", b'{"chat": "CHAT", "survey": "SURVEY", "rating": 5}'),
    chat("chat:skip_rating", "POST", b'{"chat": "CHAT", "survey": "SURVEY"}'),
    chat("chat:proactive", "POST", b'{"path": "/", "stayed_s": 9}'),
    chat("chat:proactive_answer", "POST", b'{"show": "SHOW", "answer": "opened"}'),
    chat("chat:form", "POST", b'{"topic": "none"}'),
    chat("chat:leave", "POST", b'{"client_id": "matrix-3", "text": "Hello", "address": "mei@example.test"}'),
    chat("chat:correct", "POST", b'{"chat": "CHAT", "seq": 1, "text": "Corrected"}'),
    chat("chat:take_back", "POST", b'{"chat": "CHAT", "seq": 1}'),
    chat("chat:files", "POST", b'{"client_id": "matrix-2", "name": "a.txt", "size": 3}'),
    chat("chat:file_part", "POST", about=About.CHAT_UPLOAD),
    chat("chat:file_remove", "POST", about=About.CHAT_UPLOAD),
    chat("chat:attachment", "GET", about=About.CHAT_FILE),
    chat("chat:pages", "POST", b'{"pages": [{"path": "/", "ago_s": 0}]}'),
    # What the desk asks of a chat; a ticket of another channel has none.
    Route("chat:desk_state", {"GET": STAFF}, About.CHAT_TICKET),
    acts("chat:desk_seen", REPLIES, About.CHAT_TICKET),
    acts("chat:desk_typing", REPLIES, About.CHAT_TICKET),
    # The console: who may answer has a presence and rings of their own; a ring of somebody else's is over (409).
    reads("chat:console", REPLIES),
    acts("chat:presence", REPLIES, About.NOTHING),
    acts("chat:active", REPLIES, About.NOTHING),
    acts("chat:accept", REPLIES, About.NOTHING, offer_id="none"),
    acts("chat:decline", REPLIES, About.NOTHING, offer_id="none"),
    reads("chat:team", LEADS_CHATS),
    acts("chat:force_presence", LEADS_CHATS, About.COLLEAGUE),
    Route("chat:panel", {"GET": STAFF}, About.CHAT_TICKET),
    acts("chat:transfer", REPLIES, About.CHAT_TICKET),
    acts("chat:take_over", LEADS_CHATS, About.CHAT_TICKET),
    acts("chat:wrap_up", REPLIES, About.CHAT_TICKET),
    acts("chat:warn", REPLIES, About.CHAT_TICKET),
    acts("chat:end_for_abuse", REPLIES, About.CHAT_TICKET),
    acts("chat:lift_block", LEADS_CHATS, About.CHAT_TICKET),
    acts("chat:transcript", REPLIES, About.CHAT_TICKET),
    # The demo's postbox exists in development settings only; system notices in it are the administrator's alone.
    reads("demo:postbox", CREATES),
    reads("demo:postbox_mail", CREATES, About.MAIL),
    # So does its simulator of social channels; its stand-in for a vendor's API takes the token of an account (401).
    *(reads(f"demo:{name}", CREATES) for name in ("channels", "x", "discord", "phone")),
    *(acts(f"demo:channel_{name}", CREATES, About.NOTHING) for name in ("say", "correct", "read")),
    *(acts(f"demo:{name}_say", CREATES, About.NOTHING) for name in ("x", "discord")),
    *(acts(f"demo:{name}", CREATES, About.NOTHING) for name in ("discord_command", "phone_call", "phone_do")),
    Route(
        "demo:channel_graph",
        {"GET": NOBODY, "POST": NOBODY},
        refusal=Got.SIGN_IN,
        unknown=Got.SIGN_IN,
        arguments={"path": "me"},
    ),
    Route(
        "demo:discord_api",
        dict.fromkeys(("GET", "POST", "PUT", "PATCH"), NOBODY),
        refusal=Got.SIGN_IN,
        arguments={"method": "users/@me"},
    ),
    Route(
        "demo:phone_api",
        dict.fromkeys(("GET", "POST", "DELETE"), NOBODY),
        refusal=Got.SIGN_IN,
        arguments={"account": "AC1", "path": ".json"},
    ),
    Route("demo:x_api", {"GET": NOBODY, "POST": NOBODY}, refusal=Got.SIGN_IN, arguments={"method": "2/users/me"}),
    Route("demo:channel_api", {"POST": NOBODY}, refusal=Got.SIGN_IN, arguments={"token": "none", "method": "getMe"}),
    *(
        Route(
            f"demo:{name}",
            {"GET": NOBODY},
            refusal=Got.UNSEEN,
            unknown=Got.UNSEEN,
            arguments={of: "none", "name": "none"},
        )
        for name, of in (("channel_meta_file", "public_id"), ("channel_file", "token"))
    ),
]

# Socket frame → who may send it; what a ticket subscription answers follows SEES.
FRAMES: dict[str, frozenset[str]] = {
    "subscribe": STAFF,
    "unsubscribe": STAFF,
    "ping": STAFF,
}

# Frame of the visitors' socket → who may send it.
CHAT_FRAMES: dict[str, frozenset[str]] = {
    "hello": EVERYONE,
    "typing": VISITORS,
    "ping": VISITORS,
    "read": VISITORS,
    "say": VISITORS,
}

# Event of the visitors' socket → whom it reaches. None names anything but a public number and a place in the queue.
CHAT_EVENTS: dict[str, str] = {
    "message.added": "the visitor whose conversation it is",
    "message.changed": "the visitor whose conversation it is",
    "stage.changed": "the visitor whose conversation it is",
    "chat.changed": "the visitor whose conversation it is",
    "staff.saw": "the visitor whose conversation it is",
    "staff.typed": "the visitor whose conversation it is",
    "queue.moved": "the visitor whose conversation it is",
    "hello.accepted": "the socket that asked",
    "session.revoked": "the sockets of that visitor",
    "pong": "the socket that asked",
}

# Event → who it may reach: sockets of people who see the ticket, or everybody at the desk.
EVENTS: dict[str, str] = {
    "message.added": "those who see the ticket",
    "message.changed": "those who see the ticket",
    "ticket.changed": "those who see the ticket, or did when it left them",
    "rows.changed": "those who see the queue of each ticket named, before or after; without a ticket, no vendor",
    "customer.typed": "those who see the ticket",
    "customer.saw": "those who see the ticket",
    "chat.offered": "the person at whose desk it rings",
    "chat.offer_ended": "the person at whose desk it rang",
    "console.changed": "the person whose presence or chats they are",
    "session.revoked": "the sockets of that session",
    "subscription.refused": "the socket that asked; names only what it asked for",
    "pong": "the socket that asked",
}

# Task → who wakes it and with what right it acts. No task takes anybody's word for anything: ids only.
TASKS: dict[str, str] = {
    "core.seal_audit": "beat; core.audit_seal() alone writes the chain",
    "core.anchor_audit": "beat; reads the head",
    "core.heartbeat_beat": "beat, or the mail process in its place",
    "core.verify_audit": "beat; reads the chain",
    "core.tidy": "beat; deletes expired keys and files without a row",
    "security.compare_fund_rule": "beat; reads the catalog",
    "security.prove_fund_rule": "beat; reads the catalog, and undoes what it tries",
    "security.deliver_freeze": "a freeze's commit, or the sweeper; tells the exchange of one row that it claimed",
    "security.sweep_freezes": "beat; wakes what waits",
    "security.deliver_fund_order": "an execution's commit, or the sweeper; asks the exchange for one row that it claimed",
    "security.sweep_fund_orders": "beat; wakes what waits",
    "security.handle_exchange_event": "an event's commit, or the sweeper; opens one sealed event that it claimed",
    "security.sweep_exchange_events": "beat; wakes what waits",
    "security.tell_of_actions": "beat; mails customers what became of actions, once for each",
    "security.keep_factors": "beat; hands to the verifier what the exchange has accepted, and what it has let go",
    "security.tidy_reviews": "beat; destroys documents whose review ended 30 days ago",
    "livechat.sweep_rings": "beat, or a chat's or a presence's commit; ends rings by the clock and rings for what waits",
    "livechat.mail_unread": "beat; owes mail of answers whose visitor has left",
    "livechat.answer_as_bot": "a visitor's message, or the sweeper; lets a bot answer one message that it owes, else people",
    "livechat.sweep_pushes": "beat; wakes what waits",
    "livechat.deliver_push": "the sweeper; tells the exchange that one answer is unread, if it has reached no page",
    "livechat.tidy": "beat; deletes what is past its life",
    "kb.publish_due": "beat; shows what an approved plan names, once",
    "kb.send_news": "beat; queues mail of what was published to addresses that said yes, once",
    "kb.tidy": "beat; rates articles, deletes counts of searches past their life",
    "tickets.move_document": "a mark's commit, or the sweeper; moves one marked file into restricted storage",
    "tickets.assign_waiting": "beat, or a commit that frees a ticket or a person; gives what waits by the teams' own settings",
    "tickets.sweep_calendars": "beat; wakes what is due, and reads what was fetched",
    "tickets.fetch_calendar": "the sweeper; fetches one iCal feed from the public internet, by an address that an administrator gave",
    "tickets.read_calendar": "fetching, when it has ended; reads the dates of one iCal feed",
    "tickets.mail_surveys": "beat; owes the mails of surveys whose time has come",
    "tickets.escalate": "beat; takes steps of chains that are due, tells whom they name if they may see the ticket",
    "tickets.deliver_push": "the sweeper, or whoever caused it; tells one device one thing that it claimed, if its person may see it",
    "tickets.deliver_hook": "the sweeper; tells one place outside of one notice that it claimed",
    "tickets.sweep_documents": "beat; wakes what waits",
    "tickets.ingest": "a door that stored a mail, or the sweeper; the one that opens sealed mail",
    "tickets.deliver_email": "a reply's commit, or the sweeper; sends one row that it claimed",
    "tickets.social_ingest": "a door that stored an event, or the sweeper; opens sealed events of one conversation",
    "tickets.deliver_phone_order": "whoever wants it, at their commit, or the sweeper; has the provider do one thing, once",
    "tickets.phone_order_failed": "the hand that tried, or the sweeper; ends what will not come about",
    "tickets.phone_event": "the sweeper; opens one sealed request of the phone provider that was never finished",
    "tickets.place_callback": "the sweeper; rings somebody for one call-back that it claimed",
    "tickets.phone_recording": "a call's commit, or the sweeper; fetches one voice message that it claimed",
    "tickets.sweep_phone": "beat; wakes what waits, and ends calls of which nothing is heard any more",
    "tickets.deliver_post": "a reply's commit, or the sweeper; sends one row that it claimed",
    "tickets.post_settled": "delivery, when a social message reached an end",
    "tickets.deliver_notice": "a notice's commit, or the sweeper; sends one row that it claimed",
    "tickets.mail_settled": "delivery, when a mail reached an end",
    "tickets.tell_fund_step": "a step's commit, or the sweeper of fund orders; writes one step on its ticket",
    "tickets.sweep_clocks": "beat; writes down which promises are about to be missed, or were",
    "tickets.sweep_inbox": "beat; wakes what waits",
    "tickets.sweep_outbox": "beat; wakes what waits",
    "tickets.tidy": "beat; deletes what is past its life",
    "tickets.watch": "beat; opens and closes alarms, mails the administrators",
}

# Admin model → act (view, add, change, delete and the page's own actions) → who.
LOOK = {"view": ADMIN_SITE}
SET_UP = {"view": ADMIN_SITE, "add": ADMINS, "change": ADMINS}
ADMIN: dict[str, dict[str, frozenset[str]]] = {
    "core.AuditEntry": {"view": frozenset({"auditor"})},
    "accounts.Brand": SET_UP,
    "accounts.Customer": LOOK,
    "accounts.Presence": SET_UP,
    "accounts.Skill": SET_UP,
    "accounts.Staff": SET_UP | dict.fromkeys(("invite_again", "end_sessions", "end_passkeys", "deactivate"), ADMINS),
    "accounts.Team": SET_UP,
    "kb.Category": SET_UP,
    "kb.GlossaryTerm": SET_UP | {"delete": ADMINS, "delete_selected": ADMINS},
    "kb.Section": SET_UP,
    "kb.Synonym": SET_UP | {"delete": ADMINS, "delete_selected": ADMINS},
    "kb.Talk": SET_UP | {"delete": ADMINS, "delete_selected": ADMINS},
    "livechat.ChatHours": SET_UP,
    "livechat.ChatInbox": SET_UP,
    "livechat.ProactiveMessage": SET_UP,
    "livechat.TopicForm": SET_UP,
    "security.ApiToken": LOOK | {"revoke": ADMINS},
    "security.ChannelReport": LOOK | dict.fromkeys(("confirm", "dismiss"), ADMINS),
    "security.OfficialChannel": SET_UP,
    "security.Invitation": LOOK | {"revoke": ADMINS},
    "security.TrainingCertificate": LOOK | {"add": ADMINS},
    "security.TrainingWithdrawal": LOOK | {"add": ADMINS},
    "tickets.Alarm": LOOK,
    "tickets.CalendarFeed": SET_UP | {"delete": ADMINS, "delete_selected": ADMINS},
    "tickets.CannedReply": SET_UP,
    "tickets.EscalationChain": SET_UP,
    "tickets.EscalationHook": SET_UP,
    "tickets.GuidedForm": SET_UP,
    "tickets.InboundMail": LOOK,
    "tickets.Mailbox": SET_UP,
    "tickets.OnCallOverride": LOOK,
    "tickets.OnCallSchedule": SET_UP,
    "tickets.OutboundMail": LOOK,
    "tickets.PhoneEvent": LOOK,
    "tickets.PhoneLine": SET_UP | {"test_connection": ADMINS},
    "tickets.SlaCalendar": SET_UP,
    "tickets.SlaPolicy": SET_UP,
    "tickets.SlaPolicyVersion": SET_UP | dict.fromkeys(("put_into_force", "simulate"), ADMINS),
    "tickets.SlaTeamCalendar": SET_UP,
    "tickets.SocialAccount": SET_UP | dict.fromkeys(("test_connection", "set_webhook", "delete_webhook"), ADMINS),
    "tickets.SocialEvent": LOOK | dict.fromkeys(("try_again", "set_aside"), ADMINS),
    "tickets.SocialPost": LOOK,
    "tickets.SocialTemplate": SET_UP,
    "tickets.SocialRoute": SET_UP,
    "tickets.SocialImpostor": LOOK,
    "tickets.Tag": SET_UP | {"delete": ADMINS, "delete_selected": ADMINS},
    "tickets.Topic": SET_UP,
    # Registered by a library; our roles do not open it.
    "auth.Group": {},
}

# The content origin gets no cookie. A signed link names a session, for a minute; without one nothing is there.
CONTENT_URLCONF = "helpdesk.content_urls"
CONTENT_ROUTES: list[Route] = [
    Route(
        "content", {"GET": NOBODY}, About.LINK, Got.UNSEEN, Got.UNSEEN, CONTENT_URLCONF, arguments={"token": "forged"}
    ),
]
# What a signed link may open → whose rights are read again when it is used.
CONTENT_KINDS: dict[str, str] = {
    "message": "those who see the ticket",
    "message-images": "those who see the ticket",
    "inline": "those who see the ticket",
    "preview": "those who see the ticket",
    "file": "those who see the ticket",
    "customer-file": "the customer whose request it is in, by their own session",
    "visitor-file": "the visitor whose conversation it is in, as long as their token counts",
    "visitor-preview": "the visitor whose conversation it is in, as long as their token counts",
    "review-document": "who was drawn for the review, while it is open; each look is recorded",
    "remote": "the session's person; the address stands in the signed link",
}
