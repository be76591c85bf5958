"""URLs of the customer portal."""

from django.urls import path

from tickets.portal import approvals, factors, freezing, guided, requests, reviews, safety, signing, surveys

app_name = "portal"
urlpatterns = [
    path("", requests.home, name="home"),
    path("sign-in/", signing.sign_in, name="sign_in"),
    path("sign-in/exchange/", signing.to_exchange, name="to_exchange"),
    path("hand-off/", signing.hand_off_page, name="hand_off"),
    path("sign-out/", signing.sign_out, name="sign_out"),
    path("requests/new/", requests.new, name="new"),
    path("requests/new/<slug:slug>/", guided.page, name="guided"),
    path("requests/<slug:public_id>/", requests.one, name="request"),
    path("requests/<slug:public_id>/answer/", requests.answer, name="answer"),
    path("requests/<slug:public_id>/escalate/", requests.escalate, name="escalate"),
    path("requests/<slug:public_id>/files/<slug:file_id>/", requests.file, name="file"),
    path("requests/<slug:public_id>/record/", requests.request_record, name="request_record"),
    path("record/", requests.record, name="record"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<slug:public_id>/", approvals.approval, name="approval"),
    path("approvals/<slug:public_id>/options/", approvals.approval_options, name="approval_options"),
    path("approvals/<slug:public_id>/answer/", approvals.approval_answer, name="approval_answer"),
    path("approvals/<slug:public_id>/code/", approvals.approval_code, name="approval_code"),
    path("approvals/<slug:public_id>/not-me/", approvals.approval_deny, name="approval_deny"),
    path("security/", safety.security, name="security"),
    path("security/passkey/", factors.passkey, name="passkey"),
    path("security/passkey/options/", factors.passkey_options, name="passkey_options"),
    path("security/authenticator/", factors.authenticator, name="authenticator"),
    path("security/authenticator/code/", factors.authenticator_code, name="authenticator_code"),
    path("security/phrase/", safety.phrase, name="phrase"),
    path("security/lock/", safety.lock, name="lock"),
    path("security/sessions/", safety.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("security/sessions/<slug:public_id>/", safety.end_session, name="end_session"),
    path("security/freeze/", freezing.freeze, name="freeze"),
    path("reviews/", reviews.own, name="review"),
    path("reviews/<str:token>/", reviews.by_link, name="review_by_link"),
    path("survey/<str:token>/", surveys.by_link, name="survey_by_link"),
    path("freeze/<str:token>/", freezing.freeze_by_link, name="freeze_by_link"),
]
