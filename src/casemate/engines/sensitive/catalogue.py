"""The managed data identifiers of Amazon Macie, one small file each in `identifiers/`.

What each looks for, near which words, and what it never reports follows the Macie user guide, "Managed data
identifiers" (mdis-reference-credentials, -financial, -phi and -pii), and the standards that the files name.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

Category = Literal["CREDENTIALS", "FINANCIAL_INFORMATION", "PERSONAL_INFORMATION", "CUSTOM_IDENTIFIER"]
Level = Literal["Low", "Medium", "High"]
Proximity = Literal["near", "none", "absent", "inside"]
"""Where a pattern's keyword stands: near the text, nowhere at all, anywhere but near, or inside the text itself."""
Edges = Literal["number", "word", "decimal", "base64", "token", "phone", "left", "none"]

_FOLDER: Final = Path(__file__).parent / "identifiers"


class Pattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One form of what an identifier looks for.

    `regex` is in the syntax that Python's `re` has for bytes. `compact` is what the text without separators must
    match in full, `validator` names the check that it must pass. `anchor` is a short pattern for the first pass over
    all text, found wherever `regex` could match; a pattern that needs a keyword has none. `strength` ranks what two
    identifiers say of the same text: 3 for a check digit or an unmistakable form, 2 for letters in fixed places, 1
    for bare digits. `nearest` reports only the text that stands closest to each keyword.
    """

    regex: str
    keyword: Proximity = "near"
    validator: str | None = None
    compact: str | None = None
    anchor: str | None = None
    edges: Edges = "number"
    ignore_case: bool = False
    nearest: bool = False
    strength: int = 1


class Examples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts that the identifier is tested with: in `found`, what must be reported stands between « and »."""

    found: tuple[str, ...] = ()
    clean: tuple[str, ...] = ()


class Identifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A managed data identifier. `severity` is that of 1, of 2 to 99, and of 100 and more occurrences."""

    id: str
    about: str
    category: Category
    severity: tuple[Level, Level, Level]
    recommended: bool = False
    never: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    """Words that speak for this identifier where others claim the same text."""
    region: str | None = None
    """For telephone numbers: whose numbering plan speaks for this identifier where others claim the same text."""
    pattern: tuple[Pattern, ...] = ()
    keywords: dict[str, tuple[str, ...]] = {}
    examples: Examples = Examples()

    @property
    def every_keyword(self) -> tuple[str, ...]:
        """Keywords of all languages, each once."""
        return tuple(dict.fromkeys(word for words in self.keywords.values() for word in words))


@functools.cache
def managed_identifiers() -> dict[str, Identifier]:
    """Every managed data identifier, by id, in the order of ids."""
    found = [msgspec.convert(_read(path), Identifier, strict=False) for path in sorted(_FOLDER.glob("*.toml"))]
    return {identifier.id: identifier for identifier in sorted(found, key=lambda identifier: identifier.id)}


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
