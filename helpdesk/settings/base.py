"""Settings that every environment shares; nothing here is secret and nothing here is a development default."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from helpdesk.settings import environment
from helpdesk.settings.logging import logging_config

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = environment.directory("VAR_DIR", BASE_DIR / "var")

PORT = environment.number("PORT", 8000)
WS_PORT = environment.number("WS_PORT", 8001)
CONTENT_PORT = environment.number("CONTENT_PORT", 8002)
SMTP_PORT = environment.number("SMTP_PORT", 2525)
SANDBOX_PORT = environment.number("SANDBOX_PORT", 8100)

INSTALLED_APPS = [
    "helpdesk.apps.HelpdeskConfig",
    "livechat.apps.LivechatConfig",
    "tickets.apps.TicketsConfig",
    "kb.apps.KbConfig",
    "security.apps.SecurityConfig",
    "accounts.apps.AccountsConfig",
    "core.apps.CoreConfig",
    "helpdesk.apps.PharosAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "csp",
    "django_filters",
    "django_htmx",
    "django_vite",
    "drf_spectacular",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "core.request_id.RequestIdMiddleware",
    "helpdesk.proxy.ClientAddressMiddleware",
    "core.unavailable.UnavailableMiddleware",
    "helpdesk.origins.ContentOriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.security_headers.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.unfit_requests.UnfitRequestMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "security.middleware.SessionCookieMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.unstorable_input.UnstorableInputMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "security.middleware.StaffSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
ASGI_APPLICATION = "helpdesk.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.context.page",
            ],
        },
    },
]

# People and sign-in
AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "security.password_words.GuessableWordsValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60
LOGIN_URL = "security:sign_in"
LOGIN_REDIRECT_URL = "desk:home"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "email"
AXES_ENABLE_ADMIN = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS: list[str] = []
INVITATION_LIFE_H = 24

# Sessions: absolute and idle ends are kept by security.StaffSession; the cookie only carries the key.
SESSION_ENGINE = "security.services.session_store"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "helpdesk.error_pages.csrf_failure"
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "helpdesk.message_storage.Storage"
SESSION_ABSOLUTE_MIN = 12 * 60
SESSION_IDLE_MIN = 60
SESSION_IDLE_SENSITIVE_MIN = 15
# Reviewed facts of the fund rule that are others in tests, whose clock is moved; empty everywhere else.
FUND_RULE_IN_TESTS: dict[str, str] = {}

# Customers at the portal: a cookie, a table and limits of their own.
CUSTOMER_LOGIN_URL = "portal:sign_in"
PORTAL_IDLE_MIN = 30
PORTAL_ABSOLUTE_MIN = 12 * 60

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "helpdesk" / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
# Identity documents of manual reviews, each sealed with a key of its own; never served, not in backups.
RESTRICTED_ROOT = VAR_DIR / "restricted"
POSTBOX_DIR = VAR_DIR / "postbox"
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": BASE_DIR / "helpdesk" / "static" / "dist" / "manifest.json",
        "static_url_prefix": "dist",
    }
}
# Names with a hash of the content, by Vite or by Django's manifest, are kept by browsers for ever.
WHITENOISE_IMMUTABLE_FILE_TEST = r"(/dist/assets/[^/]+-[\w-]{8}\.(js|css)|\.[0-9a-f]{12}\.[^/]+)$"
MAX_MAIL_BYTES = 35 * 1024 * 1024
MAX_UPLOAD_BYTES = 20 * 1024 * 1024
MAX_FILES_PER_MESSAGE = 20
# All files of one message: in base64 they still fit a mail of 35 MB.
MAX_MESSAGE_BYTES = 25 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A tag such as `plug-in scan`: dotted path of a function(bytes) -> core.files.ScanResult, empty for none.
MALWARE_SCANNER = environment.optional("PHAROS_MALWARE_SCANNER")

# Database: the app role; the owner URL is present only while migrating.
DATABASE_OPTIONS = {
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
}
DATABASE_OWNER_URL = environment.optional("DATABASE_OWNER_URL")
DATABASE_ADMIN_URL = environment.optional("DATABASE_ADMIN_URL")
# A role that may replicate, for `backup` alone; without it the administrator's is used.
DATABASE_BACKUP_URL = environment.optional("DATABASE_BACKUP_URL")
# The verifier's and the auditor's own connections; a role without a URL exists and nobody signs in as it.
DATABASE_VERIFIER_URL = environment.optional("DATABASE_VERIFIER_URL")
DATABASE_AUDITOR_URL = environment.optional("DATABASE_AUDITOR_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_POOL = environment.flag("PHAROS_DATABASE_POOL", default=False)

# Mail
UNDO_SEND_S = environment.number("PHAROS_UNDO_SEND_S", 10)
SMTP_LISTEN_HOST = environment.optional("PHAROS_SMTP_HOST") or "127.0.0.1"
# LMTP beside SMTP: `host:port` or the path of a unix socket, whose peer is trusted like our own mail exchanger.
LMTP_LISTEN = environment.optional("PHAROS_LMTP_LISTEN")
# With a certificate (PEM files) the listener offers STARTTLS.
SMTP_TLS_CERTIFICATE = environment.optional("PHAROS_SMTP_TLS_CERTIFICATE")
SMTP_TLS_KEY = environment.optional("PHAROS_SMTP_TLS_KEY")
POSTBOX_TRANSPORT = False
# A listener peer in these networks may vouch for a sender by its Authentication-Results.
TRUSTED_MX_NETWORKS = environment.words("PHAROS_TRUSTED_MX_NETWORKS")
# Display names that contain one of these are not shown as names: only we are called so.
PROTECTED_NAMES = environment.words("PHAROS_PROTECTED_NAMES", "pharos")
# Automatic mails: to one address within an hour and within a day, and to everybody together.
AUTOMATIC_MAILS_PER_ADDRESS_PER_H = 2
AUTOMATIC_MAILS_PER_ADDRESS_PER_DAY = 1
AUTOMATIC_MAILS_PER_MIN = environment.number("PHAROS_AUTOMATIC_MAILS_PER_MIN", 60)

# Audit: the head of the chain is written here every minute; in production on another volume.
AUDIT_ANCHOR_FILE = environment.optional("PHAROS_AUDIT_ANCHOR_FILE") or str(VAR_DIR / "anchors" / "audit")

# API
MAX_JSON_BYTES = 2 * 1024 * 1024
# What one token, or one person without a token, may call in a minute.
API_CALLS_PER_MIN = {
    "read": environment.number("PHAROS_API_READS_PER_MIN", 3_000),
    "write": environment.number("PHAROS_API_WRITES_PER_MIN", 1_200),
    "intake": environment.number("PHAROS_API_INTAKE_PER_MIN", 6_000),
}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "security.api.authentication.BearerTokenAuthentication",
        "security.api.authentication.StaffSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["security.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.json_bodies.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.problems.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Pharos API",
    "DESCRIPTION": "Tickets, messages and raw mail intake of the Pharos support desk.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TicketStatus": "tickets.models.ticket.Status",
        "Channel": "tickets.models.channel.Channel",
        "NewTicketChannel": "tickets.api.serializers.NEW_TICKET_CHANNELS",
        "DeliveryState": "tickets.api.serializers.DELIVERY_STATES",
        "RawMailState": "tickets.api.serializers.INTAKE_STATES",
    },
}
METRICS_TOKEN = environment.optional("PHAROS_METRICS_TOKEN")
# What one network address may ask of the page "Is it us?" in a minute, and report.
VERIFY_CALLS_PER_MIN = {"ask": 30, "report": 3}
# The public web form, in a minute: messages of one network address that has done the work its page asks for, or not,
# pieces (of 256 kB) of files from one address, and messages of everybody. That work, in zero bits of a hash: each
# doubles it. A captcha: the path of a class.
CONTACT_PER_MIN = {
    "worked": 6,
    "plain": 2,
    "pieces": 300,
    "all": environment.number("PHAROS_CONTACT_PER_MIN", 120),
}
CONTACT_WORK_BITS = environment.number("PHAROS_CONTACT_WORK_BITS", 14)
CONTACT_CAPTCHA = environment.optional("PHAROS_CONTACT_CAPTCHA")
# Events of the exchange: what one network address may send in a minute, and how long one may be.
EXCHANGE_EVENTS_PER_MIN = environment.number("PHAROS_EXCHANGE_EVENTS_PER_MIN", 1_200)
MAX_EVENT_BYTES = 64 * 1024

# Social channels: where Telegram's Bot API is; a server of one's own may stand in for it.
TELEGRAM_API_URL = environment.optional("PHAROS_TELEGRAM_API_URL") or "https://api.telegram.org"
# Messenger and WhatsApp: Meta's Graph API, with its version.
META_GRAPH_URL = environment.optional("PHAROS_META_GRAPH_URL") or "https://graph.facebook.com/v23.0"
# X, and what stands in for the hosts where it keeps files; empty: they themselves.
X_API_URL = environment.optional("PHAROS_X_API_URL") or "https://api.x.com"
X_MEDIA_URL = environment.optional("PHAROS_X_MEDIA_URL") or ""
# Discord's REST API with its version, what stands in for the hosts where it keeps files, and whether its gateway,
# whose address the API tells, is listened to.
DISCORD_API_URL = environment.optional("PHAROS_DISCORD_API_URL") or "https://discord.com/api/v10"
DISCORD_CDN_URL = environment.optional("PHAROS_DISCORD_CDN_URL") or ""
DISCORD_GATEWAY = environment.flag("PHAROS_DISCORD_GATEWAY", default=True)
# The phone: where the API of the provider is, which is Twilio or one in its shape.
PHONE_API_URL = environment.optional("PHAROS_PHONE_API_URL") or "https://api.twilio.com"
# SMS: where the API of the provider is, in the same shape; it may be another one than the phone's.
SMS_API_URL = environment.optional("PHAROS_SMS_API_URL") or "https://api.twilio.com"
# Calls in the browser: where on our own origin the provider's script lies, and which hosts it talks to; empty: none.
# Writes down what was said on the phone (`module:class`), unless none is named: docs/channels/phone.md.
PHONE_TRANSCRIPTION = environment.optional("PHAROS_PHONE_TRANSCRIPTION") or ""
PHONE_SDK_PATH = environment.optional("PHAROS_PHONE_SDK_PATH") or ""
PHONE_SDK_HOSTS = environment.words("PHAROS_PHONE_SDK_HOSTS")

# Chat, in a minute: visitors that one network address starts, visits from there for which the exchange names somebody,
# messages, files and bookkeeping calls of one visitor, messages and files of one address, and pieces (of 256 kB) of
# files from one address.
CHAT_CALLS_PER_MIN = {
    "start": 30,
    "identify": 600,
    "beside": 100,
    "say": 100,
    "file": 60,
    "address": 1_000,
    "part": 600,
}

# For how many days after their last visit a visitor who never said anything is kept.
CHAT_SILENT_VISITORS_DAYS = environment.number("PHAROS_CHAT_SILENT_VISITORS_DAYS", 30)

# Bots of others beside our own, by short name: the name people read, and `module:class` (livechat.bots.interface). In
# PHAROS_CHAT_BOTS as `short-name=Name=module:class`, separated by commas. One runs in a process of its own, which sees
# of the environment PHAROS_BOT_… alone, and is ended after so many seconds.
CHAT_BOTS = {
    slug: {"name": name, "path": path}
    for slug, name, path in (one.split("=", 2) for one in environment.words("PHAROS_CHAT_BOTS"))
}
CHAT_BOT_TIMEOUT_S = environment.number("PHAROS_CHAT_BOT_TIMEOUT_S", 10)

# For how many seconds an answer may reach a page of its customer before the exchange is asked to notify them.
CHAT_PUSH_AFTER_S = environment.number("PHAROS_CHAT_PUSH_AFTER_S", 30)

# Hosts that webhooks of escalation may reach although they are not on the public internet, at any port.
ESCALATION_INSIDE_HOSTS = environment.words("PHAROS_ESCALATION_INSIDE_HOSTS")

# The same for webhooks of other systems.
WEBHOOK_INSIDE_HOSTS = environment.words("PHAROS_WEBHOOK_INSIDE_HOSTS")

# The same for push services of browsers, whose addresses the browsers name.
PUSH_INSIDE_HOSTS = environment.words("PHAROS_PUSH_INSIDE_HOSTS")

# Dotted path of a livechat.services.suggestions.Provider: what may answer a visitor before a person does.
CHAT_SUGGESTIONS = "livechat.services.article_suggestions.find"

# Help centre: hosts whose videos articles may show; what one network address may do there in a minute; a machine that
# translates drafts, as `module:class` (kb.machine), empty for none.
KB_VIDEO_HOSTS = environment.words("PHAROS_KB_VIDEO_HOSTS")
KB_CALLS_PER_MIN = {"search": 120, "say": 20, "suggest": 60, "subscribe": 5}
# For how many seconds each process keeps what stands above the pages of customers.
KB_BULLETINS_KEPT_S = 5
KB_MACHINE_TRANSLATION = environment.optional("PHAROS_KB_MACHINE_TRANSLATION")

# Only from these peers does X-Forwarded-For name the client.
TRUSTED_PROXY_NETWORKS = environment.words("PHAROS_TRUSTED_PROXY_NETWORKS")

# Headers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# Nothing is cached between requests: Django's caches keep pickles.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# Celery: ids only, JSON only, late acknowledgement; the broker is a doorbell and never the only copy.
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_BACKEND = None
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

LOGGING = logging_config(json=environment.flag("PHAROS_LOG_JSON", default=True))
