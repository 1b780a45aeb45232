"""The trained model, run by onnxruntime on one core."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from casemate.engines.sensitive.names.decoding import LABELS
from casemate.engines.sensitive.names.features import SIZES, Features
from casemate.engines.sensitive.names.lexicons import Lexicons
from casemate.engines.sensitive.names.tokens import Tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRETCH: Final = 1_024
"""Tokens that are tagged at once: what fits the processor's cache is fastest."""

OVERLAP: Final = 8
"""Tokens that a stretch shows of its neighbours: as far as the model sees."""


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
        import numpy as np  # noqa: PLC0415

        features = self._features.of(tokens.words, tokens.gaps())
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
