"""F27: a secret is missing, broken, rotated away or of another pair at boot: processes end at once and say what to do."""

import os
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from cryptography.fernet import Fernet

from core.sealing import new_key_pair
from helpdesk import fresh_secrets
from helpdesk.embedded.places import ROOT
from tests.factories.security import TotpDeviceFactory
from tests.faults import results
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result

UNGUESSABLE = "unguessable"
ADDRESSES = {
    "DJANGO_SETTINGS_MODULE": "helpdesk.settings.production",
    "DATABASE_URL": f"postgres://pharos_app:{UNGUESSABLE}@127.0.0.1:1/pharos",
    "REDIS_URL": f"redis://:{UNGUESSABLE}@127.0.0.1:1/0",
    "PHAROS_SITE_URL": "https://desk.example.com",
    "PHAROS_CONTENT_URL": "https://content.example.com",
    "EXCHANGE_URL": "https://exchange.example.com",
    "EXCHANGE_SITE_URL": "https://exchange.example.com",
    "PHAROS_MAIL_DOMAIN": "example.com",
    "PHAROS_SYSTEM_MAIL_FROM": "Pharos <no-reply@example.com>",
}
VERIFIERS_ADDRESSES = {
    "DATABASE_VERIFIER_URL": f"postgres://pharos_verifier:{UNGUESSABLE}@127.0.0.1:1/pharos",
    "VERIFIER_SOCKET": "/nowhere/verifier.sock",
}
VERIFIERS_KEYS = ("PHAROS_VERIFIER_KEYS", "PHAROS_VERIFIER_KEY")
KEYS = ("PHAROS_FIELD_KEYS", "PHAROS_MAIL_KEYS", "PHAROS_SEAL_PUBLIC_KEY", "PHAROS_GATEWAY_KEY")
SEAL = "PHAROS_SEAL_PRIVATE_KEY"
REQUIRED = ("SECRET_KEY", *KEYS, *(name for name in ADDRESSES if name != "DJANGO_SETTINGS_MODULE"))
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
START_S = 60
AT_ONCE = 3
PER_ROUND = 5


@dataclass(frozen=True)
class Case:
    """One process, and the one variable that is not as it should be."""

    process: str
    variable: str
    value: str
    # Against the real database, in which something is stored under other keys.
    knows_database: bool = False


def run(ground: Ground) -> Result:
    """Try one case for each process in a round; patient ground begins with all there are."""
    recorder = Recorder("F27")
    TotpDeviceFactory.create()
    cases = _cases(ground)
    chosen = list(cases) if ground.is_patient else []
    for _ in range(ground.rounds):
        for process in ground.system.table:
            chosen.append(ground.random.choice([case for case in cases if case.process == process]))
    said: Counter[int] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(partial(_try, ground, recorder, said), chosen))
    tally = recorder.tally(said)
    return results.judge(ground, recorder, tally, [f"{len(chosen)} starts, each ended with one sentence"])


def _cases(ground: Ground) -> list[Case]:
    found = []
    for name, program in ground.system.table.items():
        if program.is_verifier:
            found += [
                Case(name, variable, "") for variable in (*VERIFIERS_KEYS, *VERIFIERS_ADDRESSES, "PHAROS_SITE_URL")
            ]
            found += [Case(name, variable, "not-a-key") for variable in VERIFIERS_KEYS]
            continue
        found += [Case(name, variable, "") for variable in REQUIRED]
        found += [Case(name, variable, "not-a-key") for variable in KEYS]
        found.append(Case(name, "PHAROS_FIELD_KEYS", Fernet.generate_key().decode(), knows_database=True))
        if program.holds_seal:
            found += [Case(name, SEAL, ""), Case(name, SEAL, "not-a-key"), Case(name, SEAL, new_key_pair()[1])]
    return found


def _try(ground: Ground, recorder: Recorder, said: "Counter[int]", case: Case) -> None:
    number = recorder.invoke(f"{case.process} with {case.variable}={'nothing' if not case.value else 'another value'}")
    secrets = dict(line.split("=", 1) for line in fresh_secrets.lines())
    environment = {name: os.environ[name] for name in KEPT if name in os.environ} | ADDRESSES | secrets
    environment |= VERIFIERS_ADDRESSES if ground.system.table[case.process].is_verifier else {}
    environment |= {"VAR_DIR": str(ground.system.running.places.var_dir), case.variable: case.value}
    if case.knows_database:
        environment["DATABASE_URL"] = ground.system.running.values["DATABASE_URL"]
    command = ground.system.table[case.process].command
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=START_S, check=False
        )
    except subprocess.TimeoutExpired:
        ground.notes.append(f"{case.process} starts with a bad {case.variable}")
        recorder.fail(number, "it runs")
        return
    recorder.ok(number)
    complaints = _complaints(case, done, environment)
    ground.notes += complaints
    if not complaints:
        said[number] += 1


def _complaints(case: Case, done: "subprocess.CompletedProcess[str]", environment: dict[str, str]) -> list[str]:
    """Return what is wrong with how it ended: it must fail, name the variable, and give nothing away."""
    output = done.stdout + done.stderr
    secrets = [
        value for name, value in environment.items() if name.startswith(("PHAROS_", "SECRET_")) and "KEY" in name
    ]
    wrong = {
        "ended well": done.returncode == 0,
        "did not name it": case.variable not in output,
        "did not say what to do": not any(
            word in output for word in ("Set it", "make_secrets", "set both", "Put a", "put the")
        ),
        "showed a trace": "Traceback" in output,
        "said more than a sentence": len(output.strip().splitlines()) != 1,
        "gave a secret away": any(secret and secret in output for secret in [*secrets, UNGUESSABLE]),
    }
    return [
        f"{case.process} without a good {case.variable} {what}: {output[:300]}"
        for what, is_so in wrong.items()
        if is_so
    ]
