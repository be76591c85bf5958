"""URLs of the content origin: user content under signed, short-lived links, and nothing else."""

from django.urls import include, path

urlpatterns = [path("", include("tickets.content_urls"))]
