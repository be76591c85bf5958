"""ASGI entry: sockets only. Pages and the API are served by WSGI."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

from helpdesk import starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.dev")
starting.settings_or_exit()
starting.keys_or_exit()
starting.fund_rule_or_exit()
# Django must be set up before consumers import models.
django_application = get_asgi_application()

from helpdesk.liveness import Beating, LivenessApplication  # noqa: E402 -- Django first
from helpdesk.proxy import ClientAddressScope  # noqa: E402 -- Django first
from livechat.consumers import VisitorConsumer  # noqa: E402 -- Django first
from security.socket_session import StaffSessionMiddleware  # noqa: E402 -- Django first
from tickets.consumers import DeskConsumer  # noqa: E402 -- Django first

# Django's stubs know views only.
visitors: Any = ClientAddressScope(VisitorConsumer.as_asgi())
staff: Any = StaffSessionMiddleware(URLRouter([path("ws/desk/", DeskConsumer.as_asgi())]))
routes = ProtocolTypeRouter(
    {
        "http": LivenessApplication(),
        "websocket": OriginValidator(
            # The frame of the chat is a page of this site, whoever embeds it: one origin for both sockets.
            URLRouter([path("ws/chat/", visitors), re_path("", staff)]),
            [settings.SITE_URL],
        ),
    }
)
application = Beating(routes)
