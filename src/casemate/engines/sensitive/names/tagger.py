"""The trained model, run by onnxruntime on one core."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from casemate.engines.sensitive.names.decoding import LABELS, OUTSIDE
from casemate.engines.sensitive.names.features import MIXED_SHAPE, SIZES, TITLE_SHAPE, Features
from casemate.engines.sensitive.names.lexicons import COMMON, FAMILY, GIVEN, Lexicons
from casemate.engines.sensitive.names.tokens import Tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRETCH: Final = 1_024
"""Tokens that are tagged at once: what fits the processor's cache is fastest."""

OVERLAP: Final = 8
"""Tokens that a stretch shows of its neighbours: as far as the model sees."""


NEIGHBOURS: Final = 3
"""How far two words of a name may stand apart: particles and marks between them."""

WITHIN_NAME: Final = 2
"""Tokens around such words that may belong to the name."""


class ModelRefused(ValueError):
    """A file that is no model of names; the text says why."""


class Tagger:
    """Chances of each mark for each token. Not to be shared by threads."""

    def __init__(self, model: bytes, lexicons: Lexicons) -> None:
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415  loaded with the model

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no common base but this
            raise ModelRefused(f"not a model that can be loaded: {error}"[:300]) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if [one.name for one in inputs] != ["features"] or [one.name for one in outputs] != ["chances"]:
            raise ModelRefused("a model of names has one input, features, and one output, chances")
        if inputs[0].shape[1:] != [len(SIZES)] or outputs[0].shape[1:] != [LABELS]:
            raise ModelRefused(f"a model of names turns (tokens, {len(SIZES)}) into (tokens, {LABELS})")
        self._features = Features(lexicons)

    @classmethod
    def shipped(cls, lexicons: Lexicons) -> Tagger:
        """The model that comes with the program."""
        model = files("casemate.engines.sensitive.names") / "data" / "names.onnx"
        return cls(model.read_bytes(), lexicons)

    @classmethod
    def from_file(cls, path: Path, lexicons: Lexicons) -> Tagger:
        """A model that somebody supplies. Raises ModelRefused, OSError."""
        return cls(path.read_bytes(), lexicons)

    def chances(self, tokens: Tokens) -> NDArray[Any]:
        """For each token the chance of each mark: (tokens, LABELS), rows of sum 1."""
        return self._tagged(self._features.of(tokens.words, tokens.gaps()))

    def chances_of_names(self, tokens: Tokens) -> NDArray[Any]:
        """The same where a name may be; elsewhere each token is outside for sure.

        Only neighbourhoods of two words that could be of a name are shown to the model, each with as much around it as
        the model sees: what it says of them is what it says of them in the whole text.
        """
        import numpy as np  # noqa: PLC0415

        features = self._features.of(tokens.words, tokens.gaps())
        likely = _widened(_likely(features), WITHIN_NAME)
        chosen = np.flatnonzero(_widened(likely, OVERLAP))
        found = np.zeros((len(features), LABELS), dtype=np.float32)
        found[:, OUTSIDE] = 1.0
        if len(chosen):
            found[chosen] = self._tagged(features[chosen])
            found[~likely] = found.dtype.type(0)
            found[~likely, OUTSIDE] = 1.0
        return found

    def _tagged(self, features: NDArray[Any]) -> NDArray[Any]:
        import numpy as np  # noqa: PLC0415

        if len(features) <= STRETCH + 2 * OVERLAP:
            return self._run(features)
        pieces = []
        for start in range(0, len(features), STRETCH):
            first = max(0, start - OVERLAP)
            piece = self._run(features[first : start + STRETCH + OVERLAP])
            pieces.append(piece[start - first : start - first + STRETCH])
        return np.concatenate(pieces)

    def _run(self, features: NDArray[Any]) -> NDArray[Any]:
        found: NDArray[Any] = self._session.run(["chances"], {"features": features})[0]
        return found


def _likely(features: NDArray[Any]) -> NDArray[Any]:
    """Tokens that have another beside them, both words that a name may hold.

    Those are words with a capital letter that are not only common words, and words in small letters that lists know as
    names and not as common words.
    """
    shape, flags = features[:, 4], features[:, 5]
    named = (flags & (GIVEN | FAMILY)) > 0
    common = (flags & COMMON) > 0
    capital = (shape >= TITLE_SHAPE) & (shape <= MIXED_SHAPE)
    alone = (capital & (named | ~common)) | ((shape == 0) & named & ~common)
    beside: NDArray[Any] = alone.copy()
    beside[:] = False
    for distance in range(1, NEIGHBOURS + 1):
        pair = alone[:-distance] & alone[distance:]
        beside[:-distance] |= pair
        beside[distance:] |= pair
    return beside


def _widened(mask: NDArray[Any], reach: int) -> NDArray[Any]:
    """A mask with `reach` more tokens to either side of each."""
    wide: NDArray[Any] = mask.copy()
    for distance in range(1, min(reach, len(mask) - 1) + 1):
        wide[:-distance] |= mask[distance:]
        wide[distance:] |= mask[:-distance]
    return wide
