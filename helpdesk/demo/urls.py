"""URLs of the demo's own pages; outside development settings there are none."""

from django.conf import settings
from django.urls import path

from helpdesk.demo import views

app_name = "demo"
urlpatterns = (
    [
        path("postbox/", views.postbox, name="postbox"),
        path("postbox/<slug:name>/", views.postbox_mail, name="postbox_mail"),
    ]
    if settings.DEMO
    else []
)
