"""WSGI entry: pages, API and user content."""

import os

from django.core.wsgi import get_wsgi_application

from helpdesk import starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.dev")
starting.settings_or_exit()
starting.keys_or_exit()
starting.fund_rule_or_exit()

application = get_wsgi_application()
