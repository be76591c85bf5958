"""URLs of the demo's own pages; outside development settings there are none."""

from django.conf import settings
from django.urls import path, re_path

from helpdesk.demo import channel_views, discord_views, meta_views, phone_views, sms_views, views, x_views

app_name = "demo"
urlpatterns = (
    [
        path("postbox/", views.postbox, name="postbox"),
        path("postbox/<slug:name>/", views.postbox_mail, name="postbox_mail"),
        path("channels/", channel_views.simulator, name="channels"),
        path("channels/x/", x_views.simulator, name="x"),
        path("channels/x/say/", x_views.say, name="x_say"),
        path("channels/x/api/<path:method>", x_views.api, name="x_api"),
        path("channels/discord/", discord_views.simulator, name="discord"),
        path("channels/discord/say/", discord_views.say, name="discord_say"),
        path("channels/discord/command/", discord_views.command, name="discord_command"),
        path("channels/discord/api/<path:method>", discord_views.api, name="discord_api"),
        path("channels/phone/", phone_views.simulator, name="phone"),
        path("channels/phone/call/", phone_views.begin, name="phone_call"),
        path("channels/phone/do/", phone_views.do, name="phone_do"),
        re_path(
            r"^channels/phone/api/2010-04-01/Accounts/(?P<account>[A-Za-z0-9]+)(?P<path>[/.].+)$",
            phone_views.api,
            name="phone_api",
        ),
        path("channels/sms/api/2010-04-01/Accounts/<slug:account>/<path:path>", sms_views.api, name="sms_api"),
        path("channels/say/", channel_views.say, name="channel_say"),
        path("channels/correct/", channel_views.correct, name="channel_correct"),
        path("channels/read/", channel_views.read, name="channel_read"),
        path("channels/meta/files/<slug:public_id>/<slug:name>", meta_views.file, name="channel_meta_file"),
        path("channels/meta/<path:path>", meta_views.graph, name="channel_graph"),
        path("channels/telegram/bot<str:token>/<slug:method>", channel_views.api, name="channel_api"),
        path("channels/telegram/file/bot<str:token>/<slug:name>", channel_views.file, name="channel_file"),
    ]
    if settings.DEMO
    else []
)
