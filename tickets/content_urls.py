"""URLs of the content origin."""

from django.urls import path

from tickets.views import content

urlpatterns = [path("c/<str:token>", content.content, name="content")]
