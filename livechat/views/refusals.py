"""What bodies and services refuse, as problem documents with words for people."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from core.problems import CONTENT_TYPE, document, plain_problem
from livechat.services.prechat import AnswersRefused
from livechat.views import bodies
from tickets.services import errors

BAD_REQUEST, CONFLICT, TOO_LARGE, WRONG_TYPE, UNPROCESSABLE, TOO_MANY = 400, 409, 413, 415, 422, 429
Answering = Callable[..., HttpResponseBase]
# The first that fits counts.
STATUSES: tuple[tuple[type[errors.Refused], int], ...] = (
    (errors.TooManyRequests, TOO_MANY),
    (errors.TooManyFiles, TOO_LARGE),
    (errors.FilesVanished, CONFLICT),
    (errors.Refused, UNPROCESSABLE),
)


def as_problems(view: Answering) -> Answering:
    """Answer what the body or a service refuses as problem documents."""

    @wraps(view)
    def answering(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        try:
            return view(request, **kwargs)
        except bodies.TooLarge:
            return plain_problem(TOO_LARGE, "body_too_large", _("That is more than one message takes."))
        except bodies.WrongType:
            return plain_problem(WRONG_TYPE, "wrong_type", _("This is not sent in a form that we read."))
        except bodies.Invalid:
            return plain_problem(BAD_REQUEST, "invalid", "The body is not of the shape that this door reads.")
        except AnswersRefused as refused:
            told = document(UNPROCESSABLE, refused.code, str(refused.message))
            return JsonResponse({**told, "problems": refused.problems}, status=UNPROCESSABLE, content_type=CONTENT_TYPE)
        except errors.Refused as refused:
            status = next(status for kind, status in STATUSES if isinstance(refused, kind))
            return plain_problem(status, refused.code, str(refused.message))

    return answering
