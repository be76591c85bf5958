"""Django admin behind our own sign-in: both factors, a role that opens it, and no login form of its own."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _


class PharosAdminSite(admin.AdminSite):
    """The stock admin with our theme; sign-in happens on our pages."""

    site_header = _("Pharos administration")
    site_title = _("Pharos administration")
    index_title = _("Set-up")
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to our sign-in; those signed in without the right get 403."""
        if request.user.is_authenticated:
            return HttpResponse(status=403)
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('security:sign_in')}?{query}")


class PharosAdminConfig(AdminConfig):
    """Makes PharosAdminSite the default site."""

    default_site = "helpdesk.admin_site.PharosAdminSite"
