"""Django admin behind our own sign-in: both factors, a role that opens it, and no login form of its own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from security import access
from security.views.signing import sign_out

# Words of the stock admin that Django's own Chinese catalogue lacks; ours answers for them.
DJANGO_WORDS = (_("Model name"), _("Add link"), _("Change or view list link"), _("Error:"))


class PharosAdminSite(admin.AdminSite):
    """The stock admin with our theme; sign-in happens on our pages."""

    site_header = _("Pharos administration")
    site_title = _("Pharos administration")
    index_title = _("Set-up")
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to our sign-in; those signed in without the right get 403, recorded."""
        if request.user.is_authenticated:
            access.require(request, Permission.ADMIN_SITE)
            return redirect("admin:index")
        return redirect(access.sign_in_url(request.GET.get("next", reverse("admin:index"))))

    def logout(  # type: ignore[override]  # a redirect, where the stubs know only Django's own page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign out as everywhere else: the session row ends too."""
        return sign_out(request)

    def password_change(  # type: ignore[override]  # as above
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Passwords are changed on the account page, where other sessions end with it."""
        return redirect("security:account")
