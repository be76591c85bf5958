"""Pages of the embedding site that a visitor has been on."""

from django.db import models

from core.clock import DatabaseNow
from livechat.models.visitor import Visitor

MAX_PATH = 200
# So many of each visitor.
KEPT = 20


class PageVisit(models.Model):
    """One page a visitor was on: its path, without query and fragment, secrets masked; the last 20, for 30 days."""

    # Found by `livechat_pagevisit_latest`.
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="pages", db_index=False)
    path = models.CharField(max_length=MAX_PATH)
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        indexes = [
            # the desk: a visitor's last pages
            models.Index(fields=["visitor", "-at"], name="livechat_pagevisit_latest"),
            # the tidying: what is past its life
            models.Index(fields=["at"], name="livechat_pagevisit_age"),
        ]

    def __str__(self) -> str:
        return f"page of {self.visitor_id}"
