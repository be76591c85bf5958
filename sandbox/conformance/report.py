"""Runs the cases one after the other and prints the table."""

import http.client
import sys
from collections import Counter
from dataclasses import dataclass

from sandbox.conformance import (
    account_cases,
    action_cases,
    attestation_cases,
    bearer_cases,
    hand_off_cases,
)
from sandbox.conformance.case import CASES, Case, Failed, NotTried, Scene
from sandbox.conformance.target import Target

PASSED, FAILED, NOT_TRIED = "passed", "FAILED", "not tried"
# Importing them fills the table.
PARTS = (bearer_cases, account_cases, action_cases, attestation_cases, hand_off_cases)


@dataclass(frozen=True)
class Result:
    """How one case ended."""

    group: str
    name: str
    outcome: str
    detail: str = ""


def run(target: Target) -> list[Result]:
    """Return the result of every case; an implementation that cannot enrol a passkey fails them all."""
    try:
        scene = Scene(target)
    except (Failed, OSError, http.client.HTTPException, KeyError) as error:
        return [Result("enrolment", "passkeys for the two accounts", FAILED, _words(error))]
    return [Result("enrolment", "passkeys for the two accounts", PASSED), *(_one(case, scene) for case in CASES)]


def status(results: list[Result]) -> int:
    """Return 0 when all passed, 1 when one failed, 2 when none failed but not all were tried."""
    outcomes = {result.outcome for result in results}
    return 1 if FAILED in outcomes else 2 if NOT_TRIED in outcomes else 0


def show(results: list[Result]) -> None:
    """Print the table and a line that sums it up."""
    width = max(len(result.group) for result in results)
    for result in results:
        detail = f"  ({result.detail})" if result.detail else ""
        print(f"{result.outcome:<9}  {result.group:<{width}}  {result.name}{detail}", file=sys.stdout)
    counted = Counter(result.outcome for result in results)
    print(f"\n{counted[PASSED]} passed, {counted[FAILED]} failed, {counted[NOT_TRIED]} not tried")


def _one(case: Case, scene: Scene) -> Result:
    try:
        case.run(scene)
    except NotTried as why:
        return Result(case.group, case.name, NOT_TRIED, str(why))
    except (Failed, OSError, http.client.HTTPException, KeyError, TypeError, ValueError) as error:
        return Result(case.group, case.name, FAILED, _words(error))
    return Result(case.group, case.name, PASSED)


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
