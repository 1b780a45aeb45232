"""Postal addresses as they are written in Australia, Canada, France, Germany, Italy, Spain, the UK and the US."""

# ruff: noqa: E501  lists of words and patterns read best whole

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from training.people import Names
from training.sources import City

US_STATES = [
    "AL",
    "AK",
    "AZ",
    "AR",
    "CA",
    "CO",
    "CT",
    "DE",
    "FL",
    "GA",
    "HI",
    "ID",
    "IL",
    "IN",
    "IA",
    "KS",
    "KY",
    "LA",
    "ME",
    "MD",
    "MA",
    "MI",
    "MN",
    "MS",
    "MO",
    "MT",
    "NE",
    "NV",
    "NH",
    "NJ",
    "NM",
    "NY",
    "NC",
    "ND",
    "OH",
    "OK",
    "OR",
    "PA",
    "RI",
    "SC",
    "SD",
    "TN",
    "TX",
    "UT",
    "VT",
    "VA",
    "WA",
    "WV",
    "WI",
    "WY",
]
CA_PROVINCES = ["AB", "BC", "MB", "NB", "NL", "NS", "ON", "PE", "QC", "SK"]
AU_STATES = ["NSW", "VIC", "QLD", "WA", "SA", "TAS", "ACT", "NT"]
US_STREETS = [
    "Street",
    "St",
    "St.",
    "Avenue",
    "Ave",
    "Ave.",
    "Road",
    "Rd",
    "Rd.",
    "Drive",
    "Dr",
    "Lane",
    "Ln",
    "Boulevard",
    "Blvd",
    "Court",
    "Ct",
    "Place",
    "Pl",
    "Way",
    "Circle",
]
UK_STREETS = [
    "Street",
    "Road",
    "Lane",
    "Avenue",
    "Close",
    "Drive",
    "Way",
    "Gardens",
    "Terrace",
    "Crescent",
    "Grove",
    "Hill",
    "Park",
    "Row",
    "Square",
    "Place",
    "Mews",
]
FR_STREETS = (
    "rue",
    "avenue",
    "boulevard",
    "place",
    "chemin",
    "allée",
    "impasse",
    "quai",
    "Rue",
    "Avenue",
    "bd",
    "route",
)
IT_STREETS = ("Via", "Viale", "Piazza", "Corso", "Largo", "Vicolo", "via", "Strada")
ES_STREETS = ("Calle", "C/", "Avenida", "Avda.", "Plaza", "Paseo", "Camino", "calle", "Carrer", "Ronda")
DE_STREETS = ("straße", "strasse", "str.", "weg", "gasse", "platz", "allee", "ring", "ufer", "damm")


class Addresses:
    """Makes addresses from real places and made-up streets."""

    def __init__(self, cities: Sequence[City], names: Names, chooser: random.Random) -> None:
        self._names = names
        self._random = chooser
        self._cities: dict[str, list[City]] = defaultdict(list)
        for city in cities:
            self._cities[city.country].append(city)

    def one(self, country: str | None = None) -> str:
        """An address of a country (AU CA FR DE IT ES GB US), on one line or several."""
        choose = self._random
        country = (
            country or choose.choices(("US", "GB", "DE", "FR", "IT", "ES", "CA", "AU"), (4, 2, 2, 2, 2, 2, 1.5, 1.5))[0]
        )
        street, place = getattr(self, f"_{country.lower()}")()
        separator = choose.choices((", ", "\n", " ", "; ", ",\n"), (6, 3, 1, 0.2, 0.5))[0]
        return f"{street}{separator}{place}"

    def city(self, country: str) -> str:
        pool = self._cities[country]
        return (
            self._random.choices(pool, [min(one.population, 400_000) + 3_000 for one in pool])[0].name
            if (self._random.random() < 0.5)
            else self._random.choice(pool).name
        )

    def _digits(self, count: int) -> str:
        return "".join(self._random.choice("0123456789") for _ in range(count))

    def _number(self, most: int = 4) -> str:
        return str(self._random.randint(1, 10 ** self._random.randint(1, most) + 8))

    def _us(self) -> tuple[str, str]:
        choose = self._random
        street = f"{self._number()} {choose.choice(('', '', '', 'N ', 'W. ', 'East '))}{self._street_name()}"
        street += f" {choose.choice(US_STREETS)}"
        if choose.random() < 0.25:
            street += f"{choose.choice((',', ''))} {choose.choice(('Apt', 'Suite', 'Apt.', 'Unit', '#', 'Ste'))} {self._number(3)}"
        if choose.random() < 0.08:
            street = f"{choose.choice(('P.O. Box', 'PO Box'))} {self._number()}"
        zip_code = self._digits(5) + (f"-{self._digits(4)}" if choose.random() < 0.15 else "")
        return street, f"{self.city('US')}{choose.choice((', ', ', ', ' '))}{choose.choice(US_STATES)} {zip_code}"

    def _ca(self) -> tuple[str, str]:
        choose = self._random
        code = f"{choose.choice('ABCEGHJKLMNPRSTVXY')}{self._digits(1)}{choose.choice('ABCEGHJKLMNPRSTVWXYZ')}"
        code += (
            f"{choose.choice((' ', ' ', ''))}{self._digits(1)}{choose.choice('ABCEGHJKLMNPRSTVWXYZ')}{self._digits(1)}"
        )
        street = f"{self._number()} {self._street_name()} {choose.choice(US_STREETS)}"
        if choose.random() < 0.2:
            street = f"{self._number(4)}, {choose.choice(FR_STREETS)} {self._street_name()}"
        return (
            street,
            f"{self.city('CA')}{choose.choice((', ', ' '))}{choose.choice(CA_PROVINCES)}{choose.choice(('  ', ' '))}{code}",
        )

    def _au(self) -> tuple[str, str]:
        choose = self._random
        unit = choose.choice(("", "", "", f"{self._number(2)}/", f"Unit {self._number(2)}, "))
        street = f"{unit}{self._number(3)} {self._street_name()} {choose.choice(UK_STREETS)}"
        code = f"{choose.choice('234567')}{self._digits(3)}"
        return street, f"{self.city('AU')}{choose.choice((' ', ', '))}{choose.choice(AU_STATES)} {code}"

    def _gb(self) -> tuple[str, str]:
        choose = self._random
        area = choose.choice(
            [
                "AB",
                "AL",
                "B",
                "BA",
                "BB",
                "BD",
                "BH",
                "BL",
                "BN",
                "BR",
                "BS",
                "CB",
                "CF",
                "CH",
                "CM",
                "CO",
                "CR",
                "CT",
                "CV",
                "DE",
                "DH",
                "E",
                "EC1",
                "EH",
                "G",
                "GL",
                "GU",
                "HA",
                "HU",
                "IP",
                "KT",
                "L",
                "LE",
                "LS",
                "M",
                "MK",
                "N",
                "NE",
                "NG",
                "NN",
                "NR",
                "NW",
                "OX",
                "PE",
                "PL",
                "PO",
                "PR",
                "RG",
                "RH",
                "S",
                "SE",
                "SN",
                "SO",
                "SW",
                "TN",
                "TS",
                "UB",
                "W",
                "WC2",
                "WD",
                "YO",
            ]
        )
        code = f"{area}{'' if area[-1].isdigit() else choose.randint(1, 29)} {choose.randint(1, 9)}"
        code += choose.choice("ABDEFGHJLNPQRSTUWXYZ") + choose.choice("ABDEFGHJLNPQRSTUWXYZ")
        street = f"{self._number(3)} {self._street_name()} {choose.choice(UK_STREETS)}"
        if choose.random() < 0.2:
            street = f"Flat {self._number(2)}, {street}"
        return street, f"{self.city('GB')}{choose.choice((' ', ', ', chr(10)))}{code}"

    def _fr(self) -> tuple[str, str]:
        choose = self._random
        of = choose.choice(("", "de ", "du ", "de la ", "des "))
        street = f"{self._number(3)}{choose.choice((' ', ', ', ' bis '))}{choose.choice(FR_STREETS)} {of}{self._street_name()}"
        code = f"{choose.randint(1, 95):02d}{self._digits(3)}"
        return (
            street,
            f"{choose.choice(('', '', '', 'F-'))}{code} {self.city('FR')}{choose.choice(('', '', ' Cedex', ' CEDEX 9'))}",
        )

    def _de(self) -> tuple[str, str]:
        choose = self._random
        ending = choose.choice(DE_STREETS)
        stem = self._names.family()
        street = choose.choice((f"{stem}{ending}", f"{stem}-{ending.title()}", f"{stem}er {ending.title()}"))
        street = f"{street} {self._number(3)}{choose.choice(('', '', '', 'a', ' b'))}"
        return (
            street,
            f"{choose.choice(('', '', '', 'D-'))}{choose.randint(1, 99):02d}{self._digits(3)} {self.city('DE')}",
        )

    def _it(self) -> tuple[str, str]:
        choose = self._random
        street = f"{choose.choice(IT_STREETS)} {choose.choice(('', '', 'dei ', 'della ', 'San '))}{self._street_name()}"
        street += f"{choose.choice((', ', ' ', ' n. '))}{self._number(3)}"
        province = f" {choose.choice(('(', ''))}{choose.choice(['MI', 'RM', 'TO', 'NA', 'BO', 'FI', 'VE', 'GE', 'PA', 'BA', 'VR', 'PD', 'BS'])}"
        province += ")" if "(" in province else ""
        return street, f"{choose.randint(0, 98):02d}{self._digits(3)} {self.city('IT')}{choose.choice(('', province))}"

    def _es(self) -> tuple[str, str]:
        choose = self._random
        street = f"{choose.choice(ES_STREETS)} {choose.choice(('', '', 'de ', 'de la ', 'del '))}{self._street_name()}"
        street += f"{choose.choice((', ', ' ', ' nº '))}{self._number(3)}"
        if choose.random() < 0.35:
            street += choose.choice((", 2º B", ", 3º izq.", ", piso 4", " 1ºA", ", bajo"))
        return street, f"{choose.randint(1, 52):02d}{self._digits(3)} {self.city('ES')}"

    def _street_name(self) -> str:
        choose = self._random
        if choose.random() < 0.35:
            return choose.choice(
                [
                    "Main",
                    "Church",
                    "Mill",
                    "Park",
                    "Oak",
                    "Maple",
                    "Station",
                    "High",
                    "Elm",
                    "Washington",
                    "Lake",
                    "Hill",
                    "Victoria",
                    "Green",
                    "King",
                    "Queen",
                    "First",
                    "2nd",
                    "5th",
                    "42nd",
                    "Market",
                    "Cedar",
                    "Bridge",
                    "North",
                    "République",
                    "Roma",
                    "Mayor",
                    "Garibaldi",
                    "Mozart",
                    "Sol",
                ]
            )
        return self._names.family() if choose.random() < 0.8 else f"{self._names.given()} {self._names.family()}"
