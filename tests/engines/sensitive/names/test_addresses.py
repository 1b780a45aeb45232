from __future__ import annotations

import pytest

from casemate.engines.sensitive.names.addresses import candidates
from casemate.engines.sensitive.names.lexicons import Lexicons


@pytest.fixture(scope="module")
def lexicons() -> Lexicons:
    return Lexicons.shipped()


def sure(text: str, lexicons: Lexicons) -> list[str]:
    return [text[one.start : one.end] for one in candidates(text, lexicons) if one.sure]


@pytest.mark.parametrize(
    "address",
    [
        "742 Evergreen Terrace, Springfield, IL 62704",
        "PO Box 99, Austin TX 73301-0001",
        "24 Sussex Drive, Ottawa, ON K1M 1M4",
        "1 Macquarie Street, Sydney NSW 2000",
        "10 Downing Street, London SW1A 2AA",
        "5 rue de Rivoli, 75001 Paris",
        "Hauptstraße 12, 10115 Berlin",
        "Via Roma 15, 00184 Roma (RM)",
        "Calle Mayor 5, 28013 Madrid",
    ],
)
def test_address_of_each_country_is_found_whole(address: str, lexicons: Lexicons) -> None:
    assert sure(f"He lives at {address}.", lexicons) == [address]
    assert sure(f"Ship to:\n{address}\nThanks", lexicons) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "742 Evergreen Terrace, Springfield",  # no code
        "IL 62704",  # no place
        "took 12345 ms in Berlin",
        "75001",
        "id=75001 Paris",
        "10/75001 Paris",
        "Sydney 2000",
        "London, 2024",
        "A1 1AA",
        "status 2000 NSW",
    ],
)
def test_without_place_and_matching_code_there_is_no_address(text: str, lexicons: Lexicons) -> None:
    assert sure(text, lexicons) == []


def test_code_and_known_place_without_a_street_are_left_to_the_model(lexicons: Lexicons) -> None:
    (one,) = candidates("We are in 10115 Berlin today", lexicons)
    assert not one.sure


def test_address_far_into_a_text_of_many_codes_is_found_as_alone(lexicons: Lexicons) -> None:
    address = "742 Evergreen Terrace, Springfield, IL 62704"
    text = "stored 12345 Items\n" * 300 + f"\n\nHe lives at {address}.\n"
    assert sure(text, lexicons) == [address]


NEIGHBOURS = [
    ["350 Fifth Avenue, New York, NY 10118", "890 W Elm Street, Phoenix, AZ 85007"],
    ["Hauptstraße 12, 10115 Berlin", "Lindenweg 3, 80331 München", "Am Markt 5, 50667 Köln"],
    ["Flat 3, 12 High Street, Leeds LS1 4AP", "5 Mill Lane, York YO1 7HH"],
    ["5 rue de Rivoli, 75001 Paris", "12 avenue Foch, 69006 Lyon"],
    ["1 Macquarie Street, Sydney NSW 2000", "3 George St, Brisbane QLD 4000"],
    ["24 Sussex Drive, Ottawa, ON K1M 1M4", "111 Wellington Street, Ottawa, ON K1A 0A4"],
]


@pytest.mark.parametrize("addresses", NEIGHBOURS)
@pytest.mark.parametrize("between", ["\n", " or ", "; "])
def test_neighbouring_addresses_are_found_one_by_one(addresses: list[str], between: str, lexicons: Lexicons) -> None:
    assert sure(f"Send to {between.join(addresses)}.", lexicons) == addresses


@pytest.mark.parametrize("addresses", NEIGHBOURS)
def test_neighbouring_addresses_are_found_in_a_long_list(addresses: list[str], lexicons: Lexicons) -> None:
    assert sure("\n".join(addresses * 50), lexicons) == addresses * 50


def test_street_of_another_sentence_is_no_part_of_an_address(lexicons: Lexicons) -> None:
    text = "We met at 12 Park Street by chance. He lives at 5 Court Street, Boston, MA 02108"
    assert sure(text, lexicons) == ["5 Court Street, Boston, MA 02108"]


def test_box_and_street_of_one_address_stay_together(lexicons: Lexicons) -> None:
    address = "742 Evergreen Terrace, PO Box 99, Springfield, IL 62704"
    assert sure(address, lexicons) == [address]
