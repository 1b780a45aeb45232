"""Every managed data identifier, tried with the examples of its own file."""

import pytest

from casemate.engines.sensitive.catalogue import Identifier, managed_identifiers
from casemate.engines.sensitive.plans import LEARNED, Plan, compile_plan, select
from casemate.engines.sensitive.texts import TextScanner

PATTERNED = [each for each in managed_identifiers().values() if each.id not in LEARNED]


@pytest.fixture(scope="module")
def everything() -> Plan:
    return compile_plan(select("ALL"), engine="hyperscan")


def found_in(plan: Plan, text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    scanner = TextScanner(plan, lambda key, text, _place: found.append((key, text)))
    scanner.feed(text.encode())
    scanner.close()
    return found


def marked(example: str) -> tuple[str, list[str]]:
    """An example without its marks, and what stands between them."""
    parts = example.replace("»", "«").split("«")
    return "".join(parts), parts[1::2]


@pytest.mark.parametrize("identifier", PATTERNED, ids=lambda each: each.id)
def test_identifier_finds_its_examples_and_nothing_in_its_counter_examples(identifier: Identifier) -> None:
    plan = compile_plan([identifier.id], engine="re")
    for example in identifier.examples.found:
        text, expected = marked(example)
        assert found_in(plan, text) == [(identifier.id, each) for each in expected], example
    for text in identifier.examples.clean:
        assert found_in(plan, text) == [], text


@pytest.mark.parametrize("identifier", PATTERNED, ids=lambda each: each.id)
def test_identifier_among_all_others_finds_its_examples(identifier: Identifier, everything: Plan) -> None:
    for example in identifier.examples.found:
        text, expected = marked(example)
        found = found_in(everything, text)
        assert [each for each in found if each[0] == identifier.id] == [(identifier.id, each) for each in expected], (
            found
        )


@pytest.mark.parametrize("identifier", PATTERNED, ids=lambda each: each.id)
def test_identifier_has_at_least_five_examples_of_each_kind(identifier: Identifier) -> None:
    assert len(identifier.examples.found) >= 5
    assert len(identifier.examples.clean) >= 5


def test_catalogue_has_166_identifiers_of_which_35_are_recommended() -> None:
    assert len(managed_identifiers()) == 166
    assert len(select("RECOMMENDED")) == 35
