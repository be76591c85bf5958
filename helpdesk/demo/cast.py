"""The demo's cast: staff, teams, contact reasons and mailboxes of a fictional exchange."""

from helpdesk.demo.world import DemoMailbox, DemoStaff, DemoTeam, DemoTopic

BRAND = "Pharos Exchange"
LEGAL_NAME = "Pharos Exchange Demo Ltd."
WEBSITE = "https://pharos.test"
PASSWORD = "lighthouse"  # noqa: S105 -- published in the README, works in development settings only

# The register of official channels, beside the mailboxes; and who is known to pose as us.
CHANNELS = (
    ("domain", "pharos.test"),
    ("email", "no-reply@pharos.test"),
    ("phone", "+44 20 7946 0018"),
    ("telegram", "@pharos_exchange"),
    ("x", "@PharosExchange"),
    ("discord", "pharos"),
    ("facebook", "PharosExchange"),
)
# Customers who have come in from the sandbox exchange before, by their account there: docs/exchange-gateway.md.
AT_THE_EXCHANGE = {
    "fiona_dunmore@example.com": "acc_d63bc4b2c80683a1",
    "imogenwhitlock@example.com": "acc_fd70ce362bc3fa54",
    "w.lin@inbox.test": "acc_55b14a19a1eadc2c",
    "lucia87@mail.example.com": "acc_1723db3412e62708",
    "henrikstellmacher@example.org": "acc_2ed822739e4b2998",
    "wexley.niamh@mail.example.com": "acc_697368be30439fb5",
}
IMPOSTORS = (("telegram", "@pharos_helpdesk"), ("domain", "pharos-refund.test"))

# The chat that the sandbox exchange embeds, and who answers in it.
CHAT = "exchange"
CHAT_TEAM = "frontline"

TEAMS = (
    DemoTeam("frontline", "Frontline"),
    DemoTeam("payments", "Payments"),
    DemoTeam("security", "Security"),
    DemoTeam("compliance", "Compliance", is_restricted=True),
    DemoTeam("vip", "VIP"),
)

STAFF = (
    DemoStaff(
        "agent", "agent@pharos.test", "Mara Ellison", "agent", ("frontline", "payments"), time_zone="Europe/Lisbon"
    ),
    DemoStaff("lead", "lead@pharos.test", "Jonas Brandt", "lead", ("frontline", "security"), time_zone="Europe/Berlin"),
    DemoStaff("auditor", "auditor@pharos.test", "Ingrid Solheim", "auditor", (), time_zone="Europe/Oslo"),
    DemoStaff("admin", "admin@pharos.test", "Amir Haddad", "admin", (), time_zone="Asia/Dubai"),
    DemoStaff("xiao", "lin.xiao@pharos.test", "林晓", "agent", ("frontline", "payments"), "zh-hans", "Asia/Singapore"),
    DemoStaff("yu", "chen.yu@pharos.test", "陈瑜", "agent", ("frontline", "security"), "zh-hans", "Asia/Shanghai"),
    DemoStaff(
        "rosa", "rosa@pharos.test", "Rosa Jiménez", "agent", ("frontline", "payments"), time_zone="Europe/Madrid"
    ),
    DemoStaff(
        "felix", "felix@pharos.test", "Felix Köhler", "agent", ("frontline", "payments"), time_zone="Europe/Vienna"
    ),
    DemoStaff("timur", "timur@pharos.test", "Timur Belov", "agent", ("frontline", "payments"), time_zone="Asia/Almaty"),
    DemoStaff("deniz", "deniz@pharos.test", "Deniz Aksoy", "agent", ("frontline",), time_zone="Europe/Istanbul"),
    DemoStaff("linh", "linh@pharos.test", "Linh Tran", "agent", ("frontline",), time_zone="Asia/Ho_Chi_Minh"),
    DemoStaff("yuki", "yuki@pharos.test", "Yuki Mori", "agent", ("frontline", "vip"), time_zone="Asia/Tokyo"),
    DemoStaff("minseo", "minseo@pharos.test", "Minseo Han", "agent", ("frontline",), time_zone="Asia/Seoul"),
    DemoStaff("layla", "layla@pharos.test", "Layla Nasser", "agent", ("frontline",), time_zone="Asia/Dubai"),
    DemoStaff("nadia", "nadia@pharos.test", "Nadia Ferreira", "agent", ("security",), time_zone="America/Sao_Paulo"),
    DemoStaff(
        "owen", "owen@pharos.test", "Owen Castellan", "agent", ("security", "frontline"), time_zone="America/Toronto"
    ),
    DemoStaff("priya", "priya@pharos.test", "Priya Raman", "agent", ("vip", "payments"), time_zone="Asia/Kolkata"),
    DemoStaff("helena", "helena@pharos.test", "Helena Vogt", "compliance", ("compliance",), time_zone="Europe/Zurich"),
    DemoStaff("stefan", "stefan@pharos.test", "Stefan Maurer", "agent", ("compliance",), time_zone="Europe/Zurich"),
)

# Who records the training of the others.
TRAINER = "admin"

# Who reads which language; English goes by team.
SPEAKERS: dict[str, tuple[str, ...]] = {
    "zh": ("xiao", "yu", "xiao"),
    "es": ("rosa",),
    "pt": ("rosa", "nadia"),
    "de": ("felix",),
    "ru": ("timur",),
    "tr": ("deniz",),
    "vi": ("linh",),
    "ja": ("yuki",),
    "ko": ("minseo",),
    "ar": ("layla",),
}
ENGLISH_DESK: dict[str, tuple[str, ...]] = {
    "frontline": ("agent", "agent", "agent", "owen", "felix", "rosa", "layla"),
    "payments": ("agent", "agent", "priya", "felix"),
    "security": ("nadia", "owen", "owen", "lead"),
    "compliance": ("stefan", "stefan"),
    "vip": ("priya", "yuki", "priya"),
}

_TOPICS: dict[str, tuple[str, dict[str, str]]] = {
    "account": (
        "Account",
        {
            "sign_in": "Sign-in trouble",
            "two_factor": "Second factor lost",
            "kyc": "Identity verification",
            "profile": "Email, phone or name change",
            "closure": "Closing an account",
        },
    ),
    "deposits": (
        "Deposits",
        {
            "missing": "Missing deposit",
            "wrong_network": "Wrong network",
            "missing_memo": "Missing memo or tag",
            "bank": "Bank transfer",
        },
    ),
    "withdrawals": (
        "Withdrawals",
        {"pending": "Pending", "failed": "Failed", "address_change": "Address change", "limits": "Limits"},
    ),
    "trading": (
        "Trading",
        {
            "order": "Order stuck",
            "fees": "Fees",
            "api": "API",
            "derivatives": "Futures and liquidation",
            "p2p": "Peer to peer",
            "howto": "How to",
        },
    ),
    "earn": ("Earn", {"staking": "Staking"}),
    "security": (
        "Security",
        {
            "phishing": "Phishing report",
            "takeover": "Account takeover",
            "scam": "Fraud and scams",
            "secrets": "Secret sent to us",
            "vulnerability": "Vulnerability report",
        },
    ),
    "compliance": ("Compliance", {"authority": "Authorities", "source": "Source of funds"}),
    "complaints": ("Complaints", {"formal": "Formal complaint", "service": "Service"}),
    "tax": ("Tax", {"report": "Tax report", "history": "Statements and exports"}),
    "feedback": ("Feedback", {"idea": "Idea", "praise": "Praise", "bug": "Something is broken"}),
    "promotions": ("Promotions", {"referral": "Referral bonus"}),
    "business": ("Business", {"listing": "Listing request", "otc": "Block trades", "other": "Other"}),
}


def topics() -> tuple[DemoTopic, ...]:
    """Return the tree of contact reasons, headings before their children."""
    found: list[DemoTopic] = []
    for key, (name, children) in _TOPICS.items():
        found.append(DemoTopic(key, "", name))
        found += [DemoTopic(f"{key}.{child}", key, label) for child, label in children.items()]
    return tuple(found)


_NEVER_ASKED = "We never ask for passwords, codes or recovery words, and we never call first."

MAILBOXES = (
    DemoMailbox(
        "support",
        "support@pharos.test",
        "Pharos Support",
        "frontline",
        "en",
        f"Pharos Exchange support\n{_NEVER_ASKED}",
    ),
    DemoMailbox(
        "security",
        "security@pharos.test",
        "Pharos Security",
        "security",
        "en",
        f"Pharos Exchange security desk\n{_NEVER_ASKED}",
    ),
    DemoMailbox(
        "complaints",
        "complaints@pharos.test",
        "Pharos Complaints",
        "compliance",
        "en",
        "Pharos Exchange complaints office",
    ),
    DemoMailbox(
        "support-zh",
        "kefu@pharos.test",
        "Pharos 客服",
        "frontline",
        "zh-hans",
        "Pharos 交易所客服\n我们绝不会索要密码、验证码或助记词，也绝不会主动致电。",
    ),
)
