"""The key of headers: one a node, and one for all directories that are made for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from casemate.engines.keys import CiphertextError
from casemate.engines.keys.header import TAGGED_OUTSIDE, naming
from casemate.foundation.context import Host
from casemate.foundation.node import Node, NodeFacts
from casemate.foundation.seal import create_seal, open_seal
from casemate.services.kms.headers import headers_of

HEADER = naming(TAGGED_OUTSIDE, "123456789012", "a")


def host(data: Path, *, test: bool = False, anew: bool = True) -> Host:
    node = Node(data)
    if anew:
        node.make()
        node.write(NodeFacts(account="123456789012", test=test))
        create_seal(data)
    unused = cast("Any", None)
    return Host(clock=unused, seal=open_seal(data), dispatcher=unused, first_account="123456789012", data=data)


def test_another_process_of_a_node_reads_its_headers(tmp_path: Path) -> None:
    one = headers_of(host(tmp_path))
    another = headers_of(host(tmp_path, anew=False))
    assert one is not another
    assert another.read(one.tagged(HEADER) + b"x").key_id == "a"


def test_one_process_has_one_key(tmp_path: Path) -> None:
    here = host(tmp_path)
    assert headers_of(here) is headers_of(here)


def test_another_node_refuses_its_headers(tmp_path: Path) -> None:
    one, another = (headers_of(host(tmp_path / name)) for name in "ab")
    with pytest.raises(CiphertextError):
        another.read(one.tagged(HEADER) + b"x")


def test_directories_for_tests_read_each_others_headers_and_no_other_does(tmp_path: Path) -> None:
    one, another = (headers_of(host(tmp_path / name, test=True)) for name in "ab")
    assert another.read(one.tagged(HEADER) + b"x").key_id == "a"
    with pytest.raises(CiphertextError):
        headers_of(host(tmp_path / "c")).read(one.tagged(HEADER) + b"x")
