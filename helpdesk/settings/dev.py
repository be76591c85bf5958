"""Development: embedded stores, demo accounts, outgoing mail kept as files."""

from helpdesk.embedded import environment as running
from helpdesk.embedded import places
from helpdesk.settings import environment
from helpdesk.settings.base import *  # noqa: F403 -- Django settings are layered by star import
from helpdesk.settings.base import (
    CONTENT_PORT,
    CONTENT_SECURITY_POLICY,
    DATABASE_OPTIONS,
    DATABASE_POOL,
    PORT,
    SANDBOX_PORT,
    VAR_DIR,
    WS_PORT,
)
from helpdesk.settings.connections import broker_url, channel_layers, databases
from helpdesk.settings.logging import logging_config

# A second terminal finds the running system's connections and keys here.
running.load(VAR_DIR)

DEMO = True
DEBUG = False
SECRET_KEY = environment.text("SECRET_KEY")
# Of the words that both sides of a conversation see; they change every ten minutes, and with SECRET_KEY.
CONVERSATION_KEY = environment.derived(SECRET_KEY, "conversation words")
FIELD_KEYS = environment.secrets("PHAROS_FIELD_KEYS")
MAIL_KEYS = environment.secrets("PHAROS_MAIL_KEYS")
SEAL_PUBLIC_KEY = environment.text("PHAROS_SEAL_PUBLIC_KEY")
SEAL_PRIVATE_KEY = environment.optional("PHAROS_SEAL_PRIVATE_KEY")
METRICS_TOKEN = environment.optional("PHAROS_METRICS_TOKEN")
VERIFIER_SOCKET = environment.optional("VERIFIER_SOCKET") or str(places.of(VAR_DIR).sockets / "verifier.sock")
GATEWAY_KEY = environment.text("PHAROS_GATEWAY_KEY")
PUSH_KEY = environment.optional("PHAROS_PUSH_KEY")

DATABASE_URL = environment.text("DATABASE_URL")
DATABASES = databases(DATABASE_URL, DATABASE_OPTIONS, pool=DATABASE_POOL)
DATABASE_OWNER_URL = environment.optional("DATABASE_OWNER_URL")
DATABASE_ADMIN_URL = environment.optional("DATABASE_ADMIN_URL")
DATABASE_VERIFIER_URL = environment.optional("DATABASE_VERIFIER_URL")
DATABASE_AUDITOR_URL = environment.optional("DATABASE_AUDITOR_URL")
REDIS_URL = environment.text("REDIS_URL")
CHANNEL_LAYERS = channel_layers(REDIS_URL)
CELERY_BROKER_URL = broker_url(REDIS_URL)

ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
SITE_URL = f"http://localhost:{PORT}"
SOCKET_URL = f"ws://localhost:{WS_PORT}"
CONTENT_URL = f"http://127.0.0.1:{CONTENT_PORT}"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# Cookies ignore ports, so copies side by side need names of their own.
SESSION_COOKIE_NAME = f"pharos_session_{PORT}"
CSRF_COOKIE_NAME = f"pharos_csrf_{PORT}"
PORTAL_COOKIE_NAME = f"pharos_portal_{PORT}"
HAND_OFF_COOKIE_NAME = f"pharos_hand_off_{PORT}"
LANGUAGE_COOKIE_NAME = f"pharos_language_{PORT}"
THEME_COOKIE_NAME = f"pharos_theme_{PORT}"
READER_COOKIE_NAME = f"pharos_reader_{PORT}"
MESSAGES_COOKIE_NAME = f"pharos_messages_{PORT}"
CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = ["'self'", SOCKET_URL]
CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"] = ["'self'", "data:", CONTENT_URL]
CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-src"] = ["'self'", CONTENT_URL]

# The sandbox exchange (docs/exchange-gateway.md), unless the environment names another.
EXCHANGE_URL = environment.optional("EXCHANGE_URL") or f"http://127.0.0.1:{SANDBOX_PORT}"
EXCHANGE_SITE_URL = environment.optional("EXCHANGE_SITE_URL") or f"http://localhost:{SANDBOX_PORT}"
EXCHANGE_ISSUER = environment.optional("EXCHANGE_ISSUER") or EXCHANGE_URL
EXCHANGE_JWKS_URL = environment.optional("EXCHANGE_JWKS_URL") or f"{EXCHANGE_URL}/.well-known/jwks.json"

# The demo's own stand-in for Telegram (/demo/channels/), unless the environment names another.
TELEGRAM_API_URL = environment.optional("PHAROS_TELEGRAM_API_URL") or f"{SITE_URL}/demo/channels/telegram"
META_GRAPH_URL = environment.optional("PHAROS_META_GRAPH_URL") or f"{SITE_URL}/demo/channels/meta"
X_API_URL = environment.optional("PHAROS_X_API_URL") or f"{SITE_URL}/demo/channels/x/api"
PHONE_API_URL = environment.optional("PHAROS_PHONE_API_URL") or f"{SITE_URL}/demo/channels/phone/api"
SMS_API_URL = environment.optional("PHAROS_SMS_API_URL") or f"{SITE_URL}/demo/channels/sms/api"
# The stand-in has no gateway: the demo hands in what it would say.
DISCORD_GATEWAY = bool(environment.optional("PHAROS_DISCORD_API_URL"))
DISCORD_API_URL = environment.optional("PHAROS_DISCORD_API_URL") or f"{SITE_URL}/demo/channels/discord/api"

MAIL_DOMAIN = environment.optional("PHAROS_MAIL_DOMAIN") or "pharos.test"
SYSTEM_MAIL_FROM = environment.optional("PHAROS_SYSTEM_MAIL_FROM") or "Pharos <no-reply@pharos.test>"
POSTBOX_TRANSPORT = True
TRUSTED_MX_NETWORKS = ["127.0.0.0/8", "::1/128"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 0

LOGGING = logging_config(json=environment.flag("PHAROS_LOG_JSON", default=False))
