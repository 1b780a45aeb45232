"""What a process has done, counted (shown by /_casemate/metrics)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from casemate.foundation.errors import ServiceError

if TYPE_CHECKING:
    from casemate.gateway.way import Way


class Counters:
    """Answers by operation, refusals by operation and code."""

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()

    def done(self, way: Way) -> None:
        self.answered[way.name] += 1

    def refused(self, way: Way, refusal: ServiceError) -> None:
        self.refusals[way.name, refusal.code] += 1

    def snapshot(self) -> dict[str, Any]:
        """The counts as they travel to the supervisor."""
        return {
            "answered": dict(self.answered),
            "refused": [[name, code, count] for (name, code), count in self.refusals.items()],
        }


def prometheus(gathered: Mapping[str, Any]) -> bytes:
    """The counts of all processes in the Prometheus text format."""
    answered: Counter[str] = Counter()
    refusals: Counter[tuple[str, str]] = Counter()
    lines = ["# TYPE casemate_requests_answered_total counter"]
    for process in gathered["processes"]:
        answered.update(process.get("answered", {}))
        for name, code, count in process.get("refused", ()):
            refusals[name, code] += count
    lines += [f'casemate_requests_answered_total{{operation="{name}"}} {n}' for name, n in sorted(answered.items())]
    lines.append("# TYPE casemate_requests_refused_total counter")
    lines += [
        f'casemate_requests_refused_total{{operation="{name}",code="{_escaped(code)}"}} {n}'
        for (name, code), n in sorted(refusals.items())
    ]
    for process in gathered["processes"]:
        for group in ("http", "later", "audit"):
            for name, value in process.get(group, {}).items():
                lines.append(f'casemate_{group}_{name}{{process="{process["process"]}"}} {value}')
    return ("\n".join(lines) + "\n").encode()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
