"""What no bot is asked about: whoever wants a person, and whoever's account or money may be in danger."""

import re

from security.redaction.folding import fold

_PERSON = re.compile(
    r"\b(?:humans?|real (?:person|people)|a person|agents?|operator|representative"
    r"|(?:talk|speak|chat) (?:to|with) (?:a |an )?(?:person|people|someone|somebody|staff|support))\b"
    r"|人工|真人|客服人员|转接"
)
_TRUST = re.compile(
    r"\b(?:stolen|steal\w*|hack\w*|scam\w*|fraud\w*|phish\w*|compromis\w*|unauthori[sz]ed|freez\w*|froze|frozen"
    r"|unfreeze|locked out|lock my|somebody else|someone else|not me|wasn['’]?t me|lost my phone|drained"
    r"|didn['’]?t (?:do|make|authori[sz]e|request|withdraw)|did not (?:do|make|authori[sz]e|request|withdraw)"
    r"|sim.?swap\w*|ransom\w*|police|extort\w*|blackmail\w*|threat\w*|2fa|authenticator"
    r"|seed phrase|recovery phrase|private key)\b"
    r"|被盗|盗号|盗走|黑客|诈骗|骗|钓鱼|冻结|解冻|不是我|非本人|报警|勒索|助记词|私钥|验证器|异常登录"
)


def reason(text: str) -> str:
    """Return why people answer at once: trust, person, or '' when a bot may."""
    said = fold(text).text.lower()
    if _TRUST.search(said):
        return "trust"
    return "person" if _PERSON.search(said) else ""
