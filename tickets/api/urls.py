"""URLs of API v1."""

from django.urls import path

from tickets.api import articles, bulk, documentation, exchange, intake, saved_views, searching, verify, views

app_name = "api"
urlpatterns = [
    path("tickets/", views.TicketList.as_view(), name="tickets"),
    path("tickets/<slug:public_id>/", views.TicketDetail.as_view(), name="ticket"),
    path("tickets/<slug:public_id>/messages/", views.MessageList.as_view(), name="messages"),
    path("views/", saved_views.ViewList.as_view(), name="views"),
    path("views/<slug:view_id>/tickets/", saved_views.ViewTickets.as_view(), name="view_tickets"),
    path("bulk-changes/", bulk.BulkChangeList.as_view(), name="bulk_changes"),
    path("bulk-changes/<slug:change_id>/", bulk.BulkChangeDetail.as_view(), name="bulk_change"),
    path("search/", searching.TicketSearch.as_view(), name="search"),
    path("articles/", articles.ArticleList.as_view(), name="articles"),
    path("articles/search/", articles.ArticleSearch.as_view(), name="article_search"),
    path("articles/<slug:public_id>/", articles.ArticleDetail.as_view(), name="article"),
    path("intake/email/messages/<slug:public_id>/", intake.MailIntakeState.as_view(), name="intake_state"),
    path("intake/email/<str:mailbox>/", intake.MailIntake.as_view(), name="intake"),
    path("verify/channel/", verify.OfficialChannelLookup.as_view(), name="official_channel"),
    path("exchange/events/", exchange.ExchangeEvents.as_view(), name="exchange_events"),
    path("schema/", documentation.Schema.as_view(), name="schema"),
    path("docs/", documentation.docs, name="docs"),
]
