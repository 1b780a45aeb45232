"""Which lists of words know a word: given names, family names, places, common words and a few short lists.

The long lists ship as sorted hashes (`data/lexicons.npz`, made by `training/lexicons.py`): a list says yes or no, the
words themselves are not there. One in 20,000 other words is taken for a known one.
"""

# ruff: noqa: E501  lists of words and patterns read best whole

from __future__ import annotations

import zlib
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

GIVEN, FAMILY, PLACE, COMMON, STREET, COMPANY, TITLE, CALENDAR, PARTICLE = (1 << bit for bit in range(9))

HASHED: Final = {"given": GIVEN, "family": FAMILY, "place": PLACE, "common": COMMON}
"""The lists that ship as hashes, and the flag of each."""

STREETS: Final = (
    "street st road rd avenue ave av lane ln drive dr boulevard blvd bd court ct place pl square sq terrace close way "
    "crescent highway hwy parkway pkwy row hill circle trail loop rue chemin allée allee impasse quai cours route via "
    "viale piazza corso vicolo largo strada calle avenida avda paseo plaza camino carretera ronda travesía straße "
    "strasse str weg platz gasse ring ufer damm allee apt apartment suite unit flat floor po box postfach"
)
COMPANIES: Final = (
    "inc ltd llc llp plc corp corporation company co gmbh ag kg sa sas sarl srl spa bv nv ab oy limited incorporated group "
    "holdings holding partners associates bank university college school institute foundation society association "
    "committee council ministry department agency hospital church party union league club team fc museum library "
    "press times news post journal magazine radio tv records studios pictures entertainment technologies systems "
    "software solutions services international airlines hotel restaurant store shop center centre park stadium arena "
    "airport station bridge river lake mount mountain island islands beach county city state award prize cup act "
    "project api server service"
)
TITLES: Final = (
    "mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend father sister brother president senator "
    "governor mayor minister chancellor king queen prince princess duke captain capt colonel col general gen major "
    "sergeant sgt lieutenant lt judge justice detective officer coach ceo cto cfo director manager chairman herr frau "
    "monsieur madame mme mlle señor señora sr sra signor signora dott ing aunt uncle by author maintainer "
    "developer editor"
)
CALENDARS: Final = (
    "january february march april june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun "
    "christmas easter thanksgiving halloween"
)
PARTICLES: Final = (
    "de del della di da das dos do du la le van von der den ter ten zu zur bin ibn al el abu ben bint y e af st mac mc o d "
    "jr sr ii iii iv"
)


MOST_KNOWN: Final = 50_000
"""Words whose lists are remembered."""


class Lexicons:
    """The lists together. `hashes` are sorted arrays of CRC-32, by the names in `HASHED`."""

    def __init__(self, hashes: Mapping[str, NDArray[Any]]) -> None:
        self._hashed = [(hashes[name], flag) for name, flag in HASHED.items()]
        self._known: dict[str, int] = {}
        self._short: dict[str, int] = {}
        short = {STREETS: STREET, COMPANIES: COMPANY, TITLES: TITLE, CALENDARS: CALENDAR, PARTICLES: PARTICLE}
        for words, flag in short.items():
            for word in words.split():
                self._short[word] = self._short.get(word, 0) | flag

    @classmethod
    def shipped(cls) -> Lexicons:
        """Those that come with the program."""
        import numpy as np  # noqa: PLC0415  loaded with the model, not with the program

        with (files("casemate.engines.sensitive.names") / "data" / "lexicons.npz").open("rb") as file:
            return cls(dict(np.load(file)))

    def flags(self, word: str) -> int:
        """The lists that know a word in lower case, as bits."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[word] = self._looked_up(word)
        return known

    def _looked_up(self, word: str) -> int:
        found = self._short.get(word, 0)
        value = hash_of(word)
        for array, flag in self._hashed:
            at = array.searchsorted(array.dtype.type(value))  # of the array's type, or all of it would be converted
            if at < len(array) and array[at] == value:
                found |= flag
        return found


def hash_of(word: str) -> int:
    """What stands for a word in a hashed list."""
    return zlib.crc32(word.encode())
