"""Occurrences as they are found, file by file, in the order of the bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from casemate.contracts.sensitive import Members, Problem
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.results import Detection, FileResult, Occurrences

MOST_LEARNED = 1000
"""Counting of names and of addresses stops here in each file (Macie user guide)."""


@dataclass(slots=True)
class FileSink:
    """Everything found in one file so far."""

    plan: Plan
    members: Members
    mime_type: str = "application/octet-stream"
    samples: int = 0
    found: dict[str, Occurrences] = field(default_factory=dict)
    problem: Problem | None = None
    """The first of the gravest."""

    def of(self, key: str) -> Occurrences:
        """The occurrences of an identifier, for one more to be added; a custom one is `custom:` and its place."""
        occurrences = self.found.get(key)
        if occurrences is None:
            occurrences = self.found[key] = Occurrences()
        return occurrences

    def takes(self, key: str) -> bool:
        """Whether a name or an address more would be counted."""
        occurrences = self.found.get(key)
        return occurrences is None or occurrences.count < MOST_LEARNED

    def sampled(self, occurrences: Occurrences, text: str) -> Occurrences:
        """Keep the text if few have been kept."""
        if len(occurrences.samples) < self.samples:
            occurrences.samples.append(text)
        return occurrences

    def report(self, problem: Problem) -> None:
        if self.problem is None or (self.problem.status == "PARTIAL" and problem.status == "SKIPPED"):
            self.problem = problem

    def result(self) -> FileResult:
        """What was found, by identifier in the order of categories and ids; custom identifiers come last."""
        managed: list[Detection] = []
        custom: list[Detection] = []
        for key, occurrences in sorted(self.found.items()):
            if not key.startswith("custom:"):
                severity = self.plan.severity(key, occurrences.count)
                managed.append(Detection(key, self.plan.category(key), severity, occurrences))
                continue
            identifier = self.plan.custom[int(key.removeprefix("custom:"))].identifier
            level = identifier.severity(occurrences.count)
            if level is not None:
                custom.append(Detection(identifier.name, "CUSTOM_IDENTIFIER", level, occurrences, identifier.arn or ""))
        managed.sort(key=lambda each: (each.category, each.type))
        status = "COMPLETE" if self.problem is None else self.problem.status
        return FileResult(
            members=self.members,
            mime_type=self.mime_type,
            status=status,
            reason=self.problem.reason if self.problem else None,
            detail=self.problem.detail if self.problem else None,
            detections=(*managed, *custom),
        )
