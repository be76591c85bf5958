"""URLs of the desk."""

from django.urls import path

from tickets.views import case, changes, compose, intake, queue, reviews, system

app_name = "desk"
urlpatterns = [
    path("", queue.home, name="home"),
    path("views/<slug:slug>/", queue.view, name="view"),
    path("rows/", queue.rows, name="rows"),
    path("counts/", queue.counts, name="counts"),
    path("spam/release/", changes.spam_release, name="spam_release"),
    path("new/", intake.new, name="new"),
    path("review/", intake.quarantine_list, name="quarantine"),
    path("review/<slug:public_id>/", intake.quarantine_item, name="quarantine_item"),
    path("review/<slug:public_id>/retry/", intake.quarantine_retry, name="quarantine_retry"),
    path("review/<slug:public_id>/ignore/", intake.quarantine_ignore, name="quarantine_ignore"),
    path("reviews/", reviews.home, name="reviews"),
    path("reviews/new/", reviews.new, name="review_new"),
    path("reviews/<slug:public_id>/", reviews.one, name="review"),
    path("reviews/<slug:public_id>/draw/", reviews.draw, name="review_draw"),
    path("reviews/<slug:public_id>/documents/<slug:document_id>/", reviews.document, name="review_document"),
    path("system/", system.state, name="system"),
    path("system/alarms/<slug:public_id>/acknowledge/", system.acknowledge, name="alarm_acknowledge"),
    path("tickets/<slug:public_id>/", case.ticket, name="ticket"),
    path("tickets/<slug:public_id>/timeline/", case.messages, name="timeline"),
    path("tickets/<slug:public_id>/frame/<int:seq>/", case.frame, name="frame"),
    path("tickets/<slug:public_id>/files/<slug:file_id>/", case.attachment, name="attachment"),
    path("tickets/<slug:public_id>/reply/", compose.reply, name="reply"),
    path("tickets/<slug:public_id>/note/", compose.note, name="note"),
    path("tickets/<slug:public_id>/draft/", compose.draft, name="draft"),
    path("tickets/<slug:public_id>/uploads/", compose.upload, name="upload"),
    path("tickets/<slug:public_id>/uploads/<slug:file_id>/remove/", compose.upload_remove, name="upload_remove"),
    path("tickets/<slug:public_id>/messages/<int:seq>/undo/", compose.undo, name="undo"),
    path("tickets/<slug:public_id>/messages/<int:seq>/retry/", compose.retry, name="retry"),
    path("tickets/<slug:public_id>/messages/<int:seq>/language/", changes.message_language, name="message_language"),
    path("tickets/<slug:public_id>/assign/", changes.assign, name="assign"),
    path("tickets/<slug:public_id>/status/", changes.status, name="status"),
    path("tickets/<slug:public_id>/priority/", changes.priority, name="priority"),
    path("tickets/<slug:public_id>/tags/", changes.tags, name="tags"),
    path("tickets/<slug:public_id>/topic/", changes.topic, name="topic"),
    path("tickets/<slug:public_id>/team/", changes.team, name="team"),
    path("tickets/<slug:public_id>/language/", changes.language, name="language"),
    path("tickets/<slug:public_id>/spam/", changes.spam, name="spam"),
]
