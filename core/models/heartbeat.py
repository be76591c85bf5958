"""Heartbeats of processes and pollers."""

from django.db import models


class Heartbeat(models.Model):
    """The last sign of life of one named process or loop."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()
    detail = models.CharField(max_length=300, blank=True)
    is_ok = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name
