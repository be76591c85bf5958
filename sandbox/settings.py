"""Django's settings of the sandbox exchange: pages and an API, no database of Django's, nothing of Pharos'."""

import os
import secrets
from urllib.parse import urlsplit

from sandbox import configuration

_where = configuration.current()


def _secret_key() -> str:
    """Return the key kept beside the database; made at the first start."""
    path = _where.folder / "secret.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        made = secrets.token_urlsafe(64)
        file.write(made)
    return made


DEBUG = False
SECRET_KEY = _secret_key()
ROOT_URLCONF = "sandbox.urls"
ALLOWED_HOSTS = sorted({
    "localhost", "127.0.0.1", str(urlsplit(_where.site_url).hostname), str(urlsplit(_where.issuer).hostname),
})  # fmt: skip
INSTALLED_APPS = ["sandbox"]
DATABASES: dict[str, object] = {}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "sandbox.middleware.Guarding",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
            ]
        },
    }
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [configuration.ROOT / "locale"]
LANGUAGE_COOKIE_NAME = f"sandbox_language_{_where.cookie_suffix}"
CSRF_COOKIE_NAME = f"sandbox_csrf_{_where.cookie_suffix}"
CSRF_COOKIE_SECURE = _where.is_secure
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
SECURE_REFERRER_POLICY = "same-origin"
