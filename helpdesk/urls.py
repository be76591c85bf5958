"""URLs of the site origin."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from helpdesk import health
from tickets.views import contact, form_files, hooks, phone_hooks, verify

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="desk:home"), name="root"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("security.urls")),
    path("verify/", verify.page, name="verify"),
    path("contact/", contact.home, name="contact"),
    path("contact/files/", form_files.announce, name="contact_files"),
    path("contact/files/part/", form_files.part, name="contact_file_part"),
    path("contact/files/remove/", form_files.remove, name="contact_file_remove"),
    path("contact/<slug:slug>/", contact.page, name="contact_form"),
    path("hooks/phone/<slug:public_id>/<slug:step>/", phone_hooks.receive, name="phone"),
    path("hooks/cti/<slug:public_id>/", phone_hooks.pbx, name="cti"),
    path("hooks/<slug:kind>/<slug:public_id>/", hooks.receive, name="hook"),
    path("help/", include("kb.urls")),
    path("", include("livechat.urls")),
    path("desk/articles/", include("kb.desk_urls")),
    path("desk/", include("tickets.urls")),
    path("portal/", include("tickets.portal.urls")),
    path("api/v1/", include("tickets.api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("helpdesk.demo.urls")))
handler400 = "helpdesk.error_pages.bad_request"
handler403 = "helpdesk.error_pages.forbidden"
handler404 = "helpdesk.error_pages.not_found"
handler500 = "helpdesk.error_pages.failed"
