"""URLs of the editors' pages at the desk."""

from django.urls import path

from kb.views import acts, desk

app_name = "articles"
urlpatterns = [
    path("", desk.home, name="home"),
    path("new/", desk.new, name="new"),
    path("report/", desk.report, name="report"),
    path("pictures/", desk.picture, name="pictures"),
    path("<slug:public_id>/translate/<slug:language>/", desk.translate, name="translate"),
    path("<slug:public_id>/", desk.one, name="one"),
    path("<slug:public_id>/edit/", desk.edit, name="edit"),
    path("<slug:public_id>/changes/<int:number>/", desk.difference, name="difference"),
    path("<slug:public_id>/submit/", acts.submit, name="submit"),
    path("<slug:public_id>/publish/", acts.publish, name="publish"),
    path("<slug:public_id>/send-back/", acts.send_back, name="send_back"),
    path("<slug:public_id>/cancel/", acts.cancel, name="cancel"),
    path("<slug:public_id>/archive/", acts.archive, name="archive"),
    path("<slug:public_id>/restore/<int:number>/", acts.restore, name="restore"),
    path("<slug:public_id>/lock/", acts.lock, name="lock"),
    path("<slug:public_id>/comment/", acts.comment, name="comment"),
    path("<slug:public_id>/place/", acts.place, name="place"),
    path("<slug:public_id>/feedback/<slug:feedback_id>/handled/", acts.handled, name="handled"),
]
