"""URLs of live chat: what sites embed, the visitors' API, and what the desk asks."""

from django.urls import path

from livechat.views import console, corrections, desk, embedding, files, handling, trail, visitor

app_name = "chat"
urlpatterns = [
    path("chat/<slug:slug>/loader.js", embedding.loader, name="loader"),
    path("chat/<slug:slug>/frame/", embedding.frame, name="frame"),
    path("chat/<slug:slug>/start/", visitor.start, name="start"),
    path("chat/<slug:slug>/messages/", visitor.messages, name="messages"),
    path("chat/<slug:slug>/say/", visitor.say, name="say"),
    path("chat/<slug:slug>/correct/", corrections.correct, name="correct"),
    path("chat/<slug:slug>/take-back/", corrections.take_back, name="take_back"),
    path("chat/<slug:slug>/saw/", visitor.saw, name="saw"),
    path("chat/<slug:slug>/end/", visitor.end, name="end"),
    path("chat/<slug:slug>/files/", files.announce, name="files"),
    path("chat/<slug:slug>/files/<slug:client_id>/", files.part, name="file_part"),
    path("chat/<slug:slug>/files/<slug:client_id>/remove/", files.remove, name="file_remove"),
    path("chat/<slug:slug>/attachments/<slug:file_id>/", files.link, name="attachment"),
    path("chat/<slug:slug>/pages/", trail.pages, name="pages"),
    path("desk/chats/", console.console, name="console"),
    path("desk/chats/presence/", console.say_presence, name="presence"),
    path("desk/chats/active/", console.active, name="active"),
    path("desk/chats/team/", console.team, name="team"),
    path("desk/chats/team/<slug:staff_id>/", console.force_presence, name="force_presence"),
    path("desk/chats/offers/<slug:offer_id>/accept/", console.accept, name="accept"),
    path("desk/chats/offers/<slug:offer_id>/decline/", console.decline, name="decline"),
    path("desk/chats/<slug:public_id>/panel/", handling.panel, name="panel"),
    path("desk/chats/<slug:public_id>/transfer/", handling.transfer, name="transfer"),
    path("desk/chats/<slug:public_id>/take-over/", handling.take_over, name="take_over"),
    path("desk/chats/<slug:public_id>/wrap-up/", handling.wrap_up, name="wrap_up"),
    path("desk/chats/<slug:public_id>/", desk.state, name="desk_state"),
    path("desk/chats/<slug:public_id>/seen/", desk.seen, name="desk_seen"),
    path("desk/chats/<slug:public_id>/typing/", desk.typing, name="desk_typing"),
]
