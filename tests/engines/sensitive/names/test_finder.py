from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.engines.sensitive.names.quality import address_texts, credits_texts, quality

from casemate.engines.sensitive.names import ModelRefused, NameFinder


@pytest.fixture(scope="module")
def finder() -> NameFinder:
    return NameFinder(gated=False)


@pytest.fixture(scope="module")
def gated() -> NameFinder:
    return NameFinder()


def found(finder: NameFinder, text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in finder.find(text)]


@pytest.mark.parametrize("which", ["finder", "gated"])
def test_names_in_real_text_found_at_the_promised_quality(which: str, request: pytest.FixtureRequest) -> None:
    measured = quality(request.getfixturevalue(which), credits_texts(), "NAME")
    assert measured.f1 >= 0.9
    assert measured.precision >= 0.9


@pytest.mark.parametrize("which", ["finder", "gated"])
def test_addresses_in_sentences_found_at_the_promised_quality(which: str, request: pytest.FixtureRequest) -> None:
    measured = quality(request.getfixturevalue(which), address_texts(), "ADDRESS")
    assert measured.f1 >= 0.9
    assert measured.precision >= 0.9


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Please call John Smith tomorrow.", "John Smith"),
        ("Contact: Jean-Claude Van Damme, Brussels", "Jean-Claude Van Damme"),
        ("The report was written by María García López in 2019.", "María García López"),
        ("Sincerely,\nSarah O'Connor\nDirector", "Sarah O'Connor"),
        ("Dear Mr. Robert Brown,", "Robert Brown"),
        ('"customer": "Anna Kowalska",', "Anna Kowalska"),
        ("Customer: MICHAEL JOHNSON, account 12", "MICHAEL JOHNSON"),
        ("Herr Klaus Müller wohnt in Köln.", "Klaus Müller"),
    ],
)
def test_full_name_is_found(finder: NameFinder, text: str, name: str) -> None:
    names = [text for kind, text in found(finder, text) if kind == "NAME"]
    assert any(name in one or one in name for one in names), names


@pytest.mark.parametrize(
    "text",
    [
        "Amazon Simple Storage Service stores objects in buckets.",
        "The Free Software Foundation publishes the General Public License.",
        "January February March",
        "def find_string(self, text: str) -> None:",
        "2024-01-01 10:00:00 INFO Worker Thread started, Queue Size 10",
        "John said hello.",
        "New York, Los Angeles and San Francisco",
    ],
)
def test_what_is_no_full_name_is_not_reported(finder: NameFinder, text: str) -> None:
    assert [one for one in found(finder, text) if one[0] == "NAME"] == []


def test_name_in_small_letters_is_found_only_without_the_gate(finder: NameFinder, gated: NameFinder) -> None:
    text = "name: john smith"
    assert found(gated, text) == []
    assert found(finder, text) in ([], [("NAME", "john smith")])


def test_possessive_and_title_are_no_part_of_a_name(finder: NameFinder) -> None:
    text = "We read Dr. Maria Schneider's letter."
    assert found(finder, text) == [("NAME", "Maria Schneider")]


def test_what_is_found_is_in_order_without_overlap_and_the_same_again(finder: NameFinder) -> None:
    text = "\n".join(one.text for one in [*credits_texts(), *address_texts()])
    first = finder.find(text)
    assert first == finder.find(text) == NameFinder(gated=False).find(text)
    for kind in ("NAME", "ADDRESS"):
        spans = [(one.start, one.end) for one in first if one.kind == kind]
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("text", ["", "\n", " ", "\0", "A", "\uff21nn \uff2cee", "🙂 🙂", "A B " * 3000, "x" * 65_536])
def test_any_text_is_read(finder: NameFinder, gated: NameFinder, text: str) -> None:
    for one in (finder, gated):
        assert all(0 <= span.start < span.end <= len(text) for span in one.find(text))


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("customer_name", ["John Smith", "Maria Garcia", "Peter Brown", "Ann Lee"], "NAME"),
        ("c1", ["John Smith", "Maria Garcia", "Peter Brown", "Susan Miller", "David Jones"], "NAME"),
        ("shipping_address", ["12 Main St, Boston, MA 02110", "5 Oak Ave, Austin, TX 73301"], "ADDRESS"),
        ("c2", ["Hauptstraße 5, 10115 Berlin", "Marienplatz 8, 80331 München"], "ADDRESS"),
        ("city", ["New York", "Los Angeles", "San Jose", "Salt Lake City"], None),
        ("company", ["Red Hat", "Johnson Controls", "General Electric", "Wells Fargo"], None),
        ("id", ["1", "2", "3"], None),
        ("first_name", ["John", "Maria", "Peter"], None),
        ("status", ["In Progress", "Not Started", "Done", "On Hold"], None),
        ("name", [], None),
        ("name", [" "], None),
    ],
)
def test_column_is_classified_by_its_values_and_its_name(
    finder: NameFinder, header: str, values: list[str], kind: str | None
) -> None:
    assert finder.classify_column(header, values) == kind


def test_larger_model_is_asked_about_what_is_unsure_and_nothing_else() -> None:
    shipped = Path(__file__).parents[4] / "src/casemate/engines/sensitive/names/data/names.onnx"
    text = "\n".join(one.text for one in credits_texts())
    alone, asked = NameFinder(gated=False).find(text), NameFinder(gated=False, larger=shipped)
    places = [(one.start, one.end) for one in asked.find(text)]
    assert places == sorted(set(places))
    sure = {(one.start, one.end) for one in alone if one.score >= 0.95}
    assert sure <= set(places)


def test_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelRefused, match="not a model"):
        NameFinder(larger=tmp_path / "model.onnx")


@pytest.mark.parametrize(
    "text", ["1 " * 30_000, "A1 1AA " * 9_000, "12345 Aa " * 7_000, "Via " * 15_000 + "12345 Roma"]
)
def test_text_made_to_be_slow_is_read_in_time(gated: NameFinder, text: str) -> None:
    started = time.monotonic()
    gated.find(text)
    assert time.monotonic() - started < 5
