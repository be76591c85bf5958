"""An application at Meta: where the events of its pages go."""

from tickets.channels.meta.graph import result
from tickets.channels.social.calling import json_form
from tickets.models import SocialAccount


def subscribe(account: SocialAccount, kind: str, fields: str, url: str) -> None:
    """Have events of `kind` sent to `url`; an application whose number is not given was told by hand.

    Meta asks the address for the challenge before it answers. Raises VendorAway, VendorRefused.
    """
    if not account.app_key:
        return
    form = json_form(object=kind, callback_url=url, verify_token=account.webhook_secret, fields=fields)
    result(account, f"{account.app_key}/subscriptions", form, token=f"{account.app_key}|{account.app_secret or ''}")
