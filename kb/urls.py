"""URLs of the help centre's public pages."""

from django.urls import path

from kb.views import bulletins, learning, reading, saying, subscribing

app_name = "help"
urlpatterns = [
    path("", reading.root, name="root"),
    path("sitemap.xml", reading.site_map, name="site_map"),
    path("media/<slug:public_id>/", reading.media, name="media"),
    path("suggest/", saying.suggest, name="suggest"),
    path("solved/", saying.solved, name="solved"),
    path("confirm/<str:token>/", subscribing.confirm, name="confirm"),
    path("unsubscribe/<str:token>/", subscribing.unsubscribe, name="unsubscribe"),
    path("<slug:language>/", reading.home, name="home"),
    path("<slug:language>/search/", reading.search, name="search"),
    path("<slug:language>/faq/", reading.faq, name="faq"),
    path("<slug:language>/glossary/", reading.glossary, name="glossary"),
    path("<slug:language>/contact/", reading.contact, name="contact"),
    path("<slug:language>/bulletins/", bulletins.home, name="bulletins"),
    path("<slug:language>/bulletins/feed.atom", bulletins.feed, name="bulletin_feed"),
    path("<slug:language>/bulletins/<slug:public_id>/", bulletins.one, name="bulletin"),
    path("<slug:language>/subscribe/", subscribing.ask, name="subscribe"),
    path("<slug:language>/quiz/", learning.quiz, name="quiz"),
    path("<slug:language>/talks/", learning.talks, name="talks"),
    path("<slug:language>/talks/<slug:slug>/", learning.talk, name="talk"),
    path("<slug:language>/c/<slug:slug>/", reading.category, name="category"),
    path("<slug:language>/c/<slug:slug>/<slug:section>/", reading.category, name="section"),
    path("<slug:language>/a/<str:slug>/", reading.article, name="article"),
    path("<slug:language>/vote/<slug:public_id>/", saying.vote, name="vote"),
    path("<slug:language>/feedback/<slug:public_id>/", saying.feedback, name="feedback"),
    path("<slug:language>/chosen/<slug:public_id>/", saying.chosen, name="chosen"),
]
