"""URLs of signing in and of one's own account."""

from django.urls import path

from security.views import account, enrolment, links, signing, well_known

app_name = "security"
urlpatterns = [
    path(".well-known/pharos-keys.json", well_known.pharos_keys, name="pharos_keys"),
    path("sign-in/", signing.sign_in_page, name="sign_in"),
    path("sign-in/code/", signing.second_factor, name="second_factor"),
    path("sign-in/recovery/", signing.recovery, name="recovery"),
    path("sign-in/authenticator/", enrolment.enrol, name="enrol"),
    path("sign-out/", signing.sign_out, name="sign_out"),
    path("password/", links.forgot, name="forgot"),
    path("password/<slug:public_id>/<str:token>/", links.reset, name="reset"),
    path("invitation/<str:token>/", links.invitation, name="invitation"),
    path("account/", account.account, name="account"),
    path("account/sessions/<slug:public_id>/", account.session_revoke, name="session_revoke"),
    path("account/recovery-codes/", account.recovery_renew, name="recovery_renew"),
]
