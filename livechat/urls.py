"""URLs of live chat: what sites embed, the visitors' API, and what the desk asks."""

from django.urls import path

from livechat.views import corrections, desk, embedding, files, leaving, prechat, visitor

app_name = "chat"
urlpatterns = [
    path("chat/<slug:slug>/loader.js", embedding.loader, name="loader"),
    path("chat/<slug:slug>/frame/", embedding.frame, name="frame"),
    path("chat/<slug:slug>/start/", visitor.start, name="start"),
    path("chat/<slug:slug>/messages/", visitor.messages, name="messages"),
    path("chat/<slug:slug>/say/", visitor.say, name="say"),
    path("chat/<slug:slug>/correct/", corrections.correct, name="correct"),
    path("chat/<slug:slug>/take-back/", corrections.take_back, name="take_back"),
    path("chat/<slug:slug>/form/", prechat.check, name="form"),
    path("chat/<slug:slug>/leave/", leaving.leave, name="leave"),
    path("chat/<slug:slug>/saw/", visitor.saw, name="saw"),
    path("chat/<slug:slug>/end/", visitor.end, name="end"),
    path("chat/<slug:slug>/files/", files.announce, name="files"),
    path("chat/<slug:slug>/files/<slug:client_id>/", files.part, name="file_part"),
    path("chat/<slug:slug>/files/<slug:client_id>/remove/", files.remove, name="file_remove"),
    path("chat/<slug:slug>/attachments/<slug:file_id>/", files.link, name="attachment"),
    path("desk/chats/<slug:public_id>/", desk.state, name="desk_state"),
    path("desk/chats/<slug:public_id>/seen/", desk.seen, name="desk_seen"),
    path("desk/chats/<slug:public_id>/typing/", desk.typing, name="desk_typing"),
]
