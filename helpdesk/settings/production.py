"""Production: every secret comes from the environment, nothing has a default that could be guessed."""

from urllib.parse import urlsplit

from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured

from helpdesk.settings import environment
from helpdesk.settings.base import *  # noqa: F403 -- Django settings are layered by star import
from helpdesk.settings.base import CONTENT_SECURITY_POLICY, DATABASE_OPTIONS, DATABASE_POOL
from helpdesk.settings.connections import broker_url, channel_layers, databases

DEMO = False
DEBUG = False
SECRET_KEY = environment.text("SECRET_KEY")
if len(SECRET_KEY) < 50:
    too_short = "SECRET_KEY must be at least 50 random characters."
    raise ImproperlyConfigured(too_short)
# Of the words that both sides of a conversation see; they change every ten minutes, and with SECRET_KEY.
CONVERSATION_KEY = environment.derived(SECRET_KEY, "conversation words")
FIELD_KEYS = environment.secrets("PHAROS_FIELD_KEYS")
MAIL_KEYS = environment.secrets("PHAROS_MAIL_KEYS")
SEAL_PUBLIC_KEY = environment.text("PHAROS_SEAL_PUBLIC_KEY")
# Only the worker and the mail process are given the private half.
SEAL_PRIVATE_KEY = environment.optional("PHAROS_SEAL_PRIVATE_KEY")
VERIFIER_SOCKET = environment.optional("VERIFIER_SOCKET") or "/var/lib/pharos/verifier/verifier.sock"
GATEWAY_KEY = environment.text("PHAROS_GATEWAY_KEY")
# Without it nobody can be reached by web push; changed, everybody has to turn it on anew.
PUSH_KEY = environment.optional("PHAROS_PUSH_KEY")

DATABASE_URL = environment.text("DATABASE_URL")
DATABASES = databases(DATABASE_URL, DATABASE_OPTIONS, pool=DATABASE_POOL)
REDIS_URL = environment.text("REDIS_URL")
CHANNEL_LAYERS = channel_layers(REDIS_URL)
CELERY_BROKER_URL = broker_url(REDIS_URL)

SITE_URL = environment.text("PHAROS_SITE_URL").rstrip("/")
CONTENT_URL = environment.text("PHAROS_CONTENT_URL").rstrip("/")
SOCKET_URL = environment.optional("PHAROS_SOCKET_URL") or SITE_URL.replace("http", "ws", 1)
if urlsplit(SITE_URL).hostname == urlsplit(CONTENT_URL).hostname:
    same_origin = "PHAROS_CONTENT_URL must be another host than PHAROS_SITE_URL: user content needs its own origin."
    raise ImproperlyConfigured(same_origin)
ALLOWED_HOSTS = [str(urlsplit(SITE_URL).hostname), str(urlsplit(CONTENT_URL).hostname)]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# Without an exchange nothing that concerns funds can be done; `check --deploy` says what is missing.
EXCHANGE_URL = environment.optional("EXCHANGE_URL").rstrip("/")
EXCHANGE_SITE_URL = environment.optional("EXCHANGE_SITE_URL").rstrip("/")
EXCHANGE_ISSUER = environment.optional("EXCHANGE_ISSUER") or EXCHANGE_URL
EXCHANGE_JWKS_URL = environment.optional("EXCHANGE_JWKS_URL") or (
    EXCHANGE_URL and f"{EXCHANGE_URL}/.well-known/jwks.json"
)

MAIL_DOMAIN = environment.text("PHAROS_MAIL_DOMAIN")
SYSTEM_MAIL_FROM = environment.text("PHAROS_SYSTEM_MAIL_FROM")

SESSION_COOKIE_NAME = "__Host-pharos_session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-pharos_csrf"
CSRF_COOKIE_SECURE = True
PORTAL_COOKIE_NAME = "__Host-pharos_portal"
HAND_OFF_COOKIE_NAME = "__Host-pharos_hand_off"
LANGUAGE_COOKIE_NAME = "__Host-pharos_language"
LANGUAGE_COOKIE_SECURE = True
THEME_COOKIE_NAME = "__Host-pharos_theme"
READER_COOKIE_NAME = "__Host-pharos_reader"
MESSAGES_COOKIE_NAME = "__Host-pharos_messages"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# Programs are refused in the clear (core.unfit_requests), not led on: what they sent has been read by then.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^api/", r"^hooks/"]
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = [SELF, SOCKET_URL]
CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"] = [SELF, "data:", CONTENT_URL]
CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-src"] = [SELF, CONTENT_URL]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "helpdesk.static_files.Storage"},
}
