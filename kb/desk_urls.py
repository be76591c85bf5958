"""URLs of the editors' pages at the desk."""

from django.urls import path

from kb.views import acts, bulletin_desk, desk

app_name = "articles"
urlpatterns = [
    path("", desk.home, name="home"),
    path("new/", desk.new, name="new"),
    path("report/", desk.report, name="report"),
    path("pictures/", desk.picture, name="pictures"),
    path("bulletins/", bulletin_desk.home, name="bulletins"),
    path("bulletins/new/", bulletin_desk.new, name="bulletin_new"),
    path("bulletins/<slug:public_id>/", bulletin_desk.one, name="bulletin"),
    path("bulletins/<slug:public_id>/publish/", bulletin_desk.publish, name="bulletin_publish"),
    path("bulletins/<slug:public_id>/withdraw/", bulletin_desk.withdraw, name="bulletin_withdraw"),
    path("bulletins/<slug:public_id>/in/<slug:language>/", bulletin_desk.edit, name="bulletin_edit"),
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
    path("<slug:public_id>/look-again/", acts.look_again, name="look_again"),
    path("<slug:public_id>/feedback/<slug:feedback_id>/handled/", acts.handled, name="handled"),
]
