"""URLs of live chat: what sites embed, the visitors' API, and what the desk asks."""

from django.urls import path

from livechat.views import desk, embedding, visitor

app_name = "chat"
urlpatterns = [
    path("chat/<slug:slug>/loader.js", embedding.loader, name="loader"),
    path("chat/<slug:slug>/frame/", embedding.frame, name="frame"),
    path("chat/<slug:slug>/start/", visitor.start, name="start"),
    path("chat/<slug:slug>/messages/", visitor.messages, name="messages"),
    path("chat/<slug:slug>/say/", visitor.say, name="say"),
    path("chat/<slug:slug>/saw/", visitor.saw, name="saw"),
    path("chat/<slug:slug>/end/", visitor.end, name="end"),
    path("desk/chats/<slug:public_id>/", desk.state, name="desk_state"),
    path("desk/chats/<slug:public_id>/seen/", desk.seen, name="desk_seen"),
    path("desk/chats/<slug:public_id>/typing/", desk.typing, name="desk_typing"),
]
