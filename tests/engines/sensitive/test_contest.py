"""A choice of identifiers says what is reported, not what a text is."""

from __future__ import annotations

import io
import random

import pytest

from casemate.engines.sensitive import compile_plan, scan, select
from casemate.engines.sensitive.catalogue import managed_identifiers
from casemate.engines.sensitive.plans import LEARNED
from casemate.runtime import limited_parsers

EVERYTHING = tuple(each for each in select("ALL") if each not in LEARNED)
LICENCE = "permis de conduire: 123456789012 France"


def found(ids: tuple[str, ...], data: str, name: str) -> set[tuple[str, object]]:
    result = scan(io.BytesIO(data.encode()), name, compile_plan(ids, engine="hyperscan"), parsers=limited_parsers())
    return {
        (detection.type, place)
        for file in result
        for detection in file.detections
        for places in (detection.occurrences.lines, detection.occurrences.cells)
        for place in places
    }


def examples() -> list[str]:
    """Texts of all identifiers: what one asks for, others may claim."""
    texts = [
        example.replace("«", "").replace("»", "").replace("\n", " ").replace(",", " ").replace('"', " ")
        for identifier in managed_identifiers().values()
        for example in identifier.examples.found
        if len(example) < 120
    ]
    random.Random(4).shuffle(texts)
    return texts


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_recommended_reports_what_all_would_report(name: str) -> None:
    chosen = select("RECOMMENDED")
    unchecked = {
        rule.identifier.id
        for rule in compile_plan(chosen, engine="hyperscan").matcher.rules
        if any(not form.check for form in (*rule.forms, *rule.free))
    }
    assert len(unchecked) >= 10
    gap = "\n" + "\n".join(["x"] * 3) + "\n" if name == "a.csv" else "\n" + "." * 200 + "\n"
    data = ("note\n" if name == "a.csv" else "") + gap.join(examples()[:500])
    everything = {each for each in found(EVERYTHING, data, name) if each[0] in unchecked}
    assert {each for each in found(chosen, data, name) if each[0] in unchecked} == everything
    assert len(everything) > 10


def test_a_text_that_belongs_to_an_identifier_left_out_is_reported_as_no_other() -> None:
    assert found(EVERYTHING, LICENCE, "a.txt") == {("FRANCE_DRIVERS_LICENSE", (1, 1, 21))}
    assert not found(("CANADA_DRIVERS_LICENSE",), LICENCE, "a.txt")
