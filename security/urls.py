"""URLs of signing in and of one's own account."""

from django.urls import path

from security.views import account, devices, enrolment, links, passkeys, signing, well_known

app_name = "security"
urlpatterns = [
    path(".well-known/pharos-keys.json", well_known.pharos_keys, name="pharos_keys"),
    path("sign-in/", signing.sign_in_page, name="sign_in"),
    path("sign-in/code/", signing.second_factor, name="second_factor"),
    path("sign-in/passkey/", passkeys.passkey, name="passkey"),
    path("sign-in/passkey/options/", passkeys.passkey_options, name="passkey_options"),
    path("sign-in/recovery/", signing.recovery, name="recovery"),
    path("sign-in/authenticator/", enrolment.enrol, name="enrol"),
    path("sign-out/", signing.sign_out, name="sign_out"),
    path("password/", links.forgot, name="forgot"),
    path("password/<slug:public_id>/<str:token>/", links.reset, name="reset"),
    path("invitation/<str:token>/", links.invitation, name="invitation"),
    path("account/", account.account, name="account"),
    path("account/sessions/<slug:public_id>/", account.session_revoke, name="session_revoke"),
    path("account/recovery-codes/", account.recovery_renew, name="recovery_renew"),
    path("account/devices/", devices.turn_on, name="device_on"),
    path("account/devices/here/", devices.seen, name="device_here"),
    path("account/devices/<slug:public_id>/end/", devices.turn_off, name="device_off"),
    path("account/passkeys/", passkeys.add, name="passkey_add"),
    path("account/passkeys/options/", passkeys.add_options, name="passkey_add_options"),
    path("account/passkeys/proof/", passkeys.prove, name="passkey_prove"),
    path("account/passkeys/proof/options/", passkeys.prove_options, name="passkey_prove_options"),
    path("account/passkeys/<slug:public_id>/end/", passkeys.end, name="passkey_end"),
]
