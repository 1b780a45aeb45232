from __future__ import annotations

import numpy as np
import pytest
from tests.engines.sensitive.names.quality import credits_texts

from casemate.engines.sensitive.names.decoding import OUTSIDE
from casemate.engines.sensitive.names.features import SIZES, features_of
from casemate.engines.sensitive.names.gate import stretches
from casemate.engines.sensitive.names.lexicons import COMMON, FAMILY, GIVEN, PLACE, TITLE, Lexicons, hash_of
from casemate.engines.sensitive.names.tagger import Tagger
from casemate.engines.sensitive.names.tokens import tokens_of


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.shipped(Lexicons.shipped())


def test_model_shown_only_neighbourhoods_says_of_names_what_it_says_of_the_whole(tagger: Tagger) -> None:
    tokens = tokens_of("\n".join(one.text for one in credits_texts()))
    whole, part = tagger.chances(tokens), tagger.chances_of_names(tokens)
    shown = part[:, OUTSIDE] < 1
    assert 0.05 < shown.mean() < 0.95
    assert np.allclose(whole[shown], part[shown], atol=1e-3)


def test_long_text_is_tagged_in_stretches_with_the_same_result(tagger: Tagger) -> None:
    tokens = tokens_of("Ann Lee met Bo Roe in Rome.\n" * 400)
    chances = tagger.chances(tokens)
    assert chances.shape[0] == len(tokens.words)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)
    period = len(tokens.words) // 400
    assert np.allclose(chances[period * 100 : period * 101], chances[period * 250 : period * 251], atol=1e-4)


@pytest.mark.parametrize("word", ["Ann", "O'Hara", "42", "$", "É", "名", "x" * 500, "\n", "ǅ"])
def test_features_of_any_word_fit_their_tables(word: str) -> None:
    assert all(0 <= value < size for value, size in zip(features_of(word, Lexicons.shipped()), SIZES, strict=True))


def test_lexicons_know_their_words() -> None:
    lexicons = Lexicons.shipped()
    for word, flag in {"maria": GIVEN, "smith": FAMILY, "berlin": PLACE, "the": COMMON, "dr": TITLE}.items():
        assert lexicons.flags(word) & flag, word
    assert not lexicons.flags("qqxzzy")
    assert hash_of("maria") == hash_of("maria")


def test_gate_passes_what_stands_around_two_capitalised_words() -> None:
    text = "one two three four five\n" * 20 + "with Ann Lee here\n" + "six seven eight nine\n" * 20
    ((start, end),) = stretches(text)
    assert "with Ann Lee here" in text[start:end]
    assert 128 < end - start < 240
    assert text[start - 1].isspace()
    assert text[end].isspace()
    assert len(stretches((text + "\n") * 3)) == 3
    assert stretches("no Names here\nnor Here\n" * 10) == []
    assert stretches("Ann\nLee") == []
    for name in ("Ludwig van Beethoven", "SMITH, John", "J. Smith", "Åsa Öberg", "Ann Lee"):
        assert stretches(f"x {name} y"), name
