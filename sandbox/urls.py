"""Addresses of the sandbox exchange; sandbox/openapi.yaml describes those of the contract."""

from django.urls import path

from sandbox import back_channel, site

urlpatterns = [
    path("", site.front),
    path("sign-in", site.enter),
    path("sign-out", site.leave),
    path("exchange.css", site.style),
    path("healthz", site.health),
    path("support/hand-off", site.to_support),
    path("support/chat-identity", site.chat_identity),
    path("support/token", back_channel.token),
    path(".well-known/jwks.json", back_channel.jwks),
    path("accounts/<str:account_id>", back_channel.account),
    path("accounts/<str:account_id>/transactions", back_channel.transactions),
    path("accounts/<str:account_id>/freeze", back_channel.freeze),
    path("accounts/<str:account_id>/notifications", back_channel.notify),
    path("accounts/<str:account_id>/factors/options", back_channel.factor_options),
    path("accounts/<str:account_id>/factors", back_channel.enrol),
    path("accounts/<str:account_id>/factors/<str:factor_id>", back_channel.remove_factor),
    path("actions/<str:action_id>", back_channel.action),
]
