from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from training.corpora import Mark
from training.people import Names
from training.sources import People

from training import corpora

BTC = "Hi\tO\n,\tO\nAnn\tB-PER\nLee\tI-PER\n's\tO\ncat\tO\n@ann\tB-PER\nat\tO\nAcme\tB-ORG\n(\tO\nUK\tB-LOC\n)\tO\n.\tO\n\n"
GUM = "the\tperson\nbiologist\tperson\nNick\tperson\nBos\tperson\nand\tO\nhe\tperson\n\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ner").mkdir()
    for source, text in (("btc", BTC), ("gum", GUM)):
        (tmp_path / "ner" / corpora.SOURCES[source]).write_bytes(gzip.compress(text.encode()))
    monkeypatch.setenv("CASEMATE_TEST_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_tokens_become_text_as_it_is_written_with_its_marks() -> None:
    (sentence,) = corpora.load("btc")
    assert sentence.text == "Hi, Ann Lee's cat @ann at Acme (UK)."
    assert sentence.marks == (Mark(4, 11, "PER"), Mark(26, 30, "ORG"), Mark(32, 34, "LOC"))


@pytest.mark.usefixtures("folder")
def test_of_marked_phrases_only_proper_names_are_kept() -> None:
    (sentence,) = corpora.load("gum")
    assert [sentence.text[mark.start : mark.end] for mark in sentence.marks] == ["Nick Bos"]


def test_missing_corpora_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEMATE_TEST_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="CASEMATE_TEST_DATA"):
        corpora.load("btc")


def test_same_seed_makes_the_same_full_names() -> None:
    people = [People("en_US", ("Ann", "Bo"), ("Lee", "Roe")), People("es_ES", ("Ana",), ("Gil", "Paz"))]
    made = [Names(people, random.Random(7)).full() for _ in range(2)]
    assert made[0] == made[1]
    names = Names(people, random.Random(7))
    assert all(len(names.full().replace(",", " ").split()) >= 2 for _ in range(500))
