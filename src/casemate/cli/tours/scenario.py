"""Scenarios by the promise that they prove."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from casemate.foundation.errors import CasemateError

if TYPE_CHECKING:
    from casemate.cli.tours.world import World


class Missing(CasemateError):
    """Something that this machine lacks; the text names it and says how to install it."""


Scenario = Callable[["World"], None]
SCENARIOS: Final[dict[str, Scenario]] = {}


def scenario(promise: str) -> Callable[[Scenario], Scenario]:
    """Declare the scenario of a promise."""

    def declare(run: Scenario) -> Scenario:
        SCENARIOS[promise] = run
        return run

    return declare
