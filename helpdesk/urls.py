"""URLs of the site origin."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from helpdesk import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
]
for prefix, module in (
    ("", "security.urls"),
    ("desk/", "tickets.urls"),
    ("api/v1/", "tickets.api.urls"),
    ("demo/", "helpdesk.demo.urls"),
):
    if find_spec(module):
        urlpatterns.append(path(prefix, include(module)))
handler400 = "helpdesk.error_pages.bad_request"
handler403 = "helpdesk.error_pages.forbidden"
handler404 = "helpdesk.error_pages.not_found"
handler500 = "helpdesk.error_pages.failed"
