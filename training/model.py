"""The tagger: hashed embeddings of each token, summed; three layers that look at neighbours; a mark a token."""

# ruff: noqa: E501  lists of words and patterns read best whole

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from casemate.engines.sensitive.names.decoding import LABELS
from casemate.engines.sensitive.names.features import SIZES

EMBEDDING = 64
CHANNELS = 64
REACHES = (1, 2, 4)
"""How far each layer looks to either side, in tokens."""

OFFSETS = np.concatenate([[0], np.cumsum(SIZES)[:-1]]).astype(np.int32)


class Tagger(nn.Module):
    """Features (batch, tokens, len(SIZES)) to marks (batch, tokens, LABELS)."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("offsets", torch.from_numpy(OFFSETS.astype(np.int64)))
        self.table = nn.EmbeddingBag(sum(SIZES), EMBEDDING, mode="sum")
        nn.init.normal_(self.table.weight, std=0.05)
        self.entry = nn.Linear(EMBEDDING, CHANNELS)
        self.layers = nn.ModuleList([nn.Linear(3 * CHANNELS, CHANNELS) for _ in REACHES])
        self.exit = nn.Linear(CHANNELS, LABELS)
        self.drop = nn.Dropout(0.25)

    def forward(self, features: Tensor) -> Tensor:
        rows = (features + self.offsets).flatten(0, 1)
        x = self.table(rows).view(*features.shape[:2], EMBEDDING)
        x = torch.relu(self.entry(self.drop(x)))
        for reach, layer in zip(REACHES, self.layers, strict=True):
            padded = functional.pad(x, (0, 0, reach, reach))
            near = torch.cat([padded[:, : -2 * reach], x, padded[:, 2 * reach :]], dim=2)
            x = x + self.drop(torch.relu(layer(near)))
        return self.exit(x)


def exported(model: Tagger, properties: dict[str, str]) -> onnx.ModelProto:
    """The model as ONNX: `features` int32 (tokens, len(SIZES)) to `chances` (tokens, LABELS). Tables are half floats."""
    weights = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    graph = _Graph()
    graph.constant("offsets", OFFSETS)
    graph.constant("table", weights["table.weight"].astype(np.float16))
    graph.constant("one", np.array([1], dtype=np.int64))
    rows = graph.node("Add", "features", "offsets")
    gathered = graph.node("Gather", "table", rows, axis=0)
    x = graph.node("ReduceSum", graph.node("Cast", gathered, to=TensorProto.FLOAT), "one", keepdims=0)
    x = graph.node("Relu", graph.linear(x, weights, "entry"))
    for i, reach in enumerate(REACHES):
        x = _layer(graph, x, reach, weights, f"layers.{i}")
    graph.node("Softmax", graph.linear(x, weights, "exit"), axis=1, output="chances")
    features = helper.make_tensor_value_info("features", TensorProto.INT32, ["tokens", len(SIZES)])
    chances = helper.make_tensor_value_info("chances", TensorProto.FLOAT, ["tokens", LABELS])
    built = helper.make_graph(graph.nodes, "names", [features], [chances], graph.constants)
    proto = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(proto, properties)
    onnx.checker.check_model(proto)
    return proto


def _layer(graph: _Graph, x: str, reach: int, weights: dict[str, Any], name: str) -> str:
    graph.constant(f"{name}.pads", np.array([reach, 0, reach, 0], dtype=np.int64))
    graph.constant(f"{name}.zero", np.array([0], dtype=np.int64))
    graph.constant(f"{name}.most", np.array([2**31 - 1], dtype=np.int64))
    graph.constant(f"{name}.left", np.array([-2 * reach], dtype=np.int64))
    graph.constant(f"{name}.right", np.array([2 * reach], dtype=np.int64))
    padded = graph.node("Pad", x, f"{name}.pads")
    before = graph.node("Slice", padded, f"{name}.zero", f"{name}.left", f"{name}.zero")
    after = graph.node("Slice", padded, f"{name}.right", f"{name}.most", f"{name}.zero")
    near = graph.node("Concat", before, x, after, axis=1)
    return graph.node("Add", x, graph.node("Relu", graph.linear(near, weights, name)))


class _Graph:
    """Nodes and constants of a graph that is being built."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        output = output or f"{kind}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def linear(self, x: str, weights: dict[str, Any], name: str) -> str:
        self.constant(f"{name}.weight", weights[f"{name}.weight"].T)
        self.constant(f"{name}.bias", weights[f"{name}.bias"])
        return self.node("Gemm", x, f"{name}.weight", f"{name}.bias")
