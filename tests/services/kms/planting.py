"""Secrets planted in a server of a test's own, and the search for them in all that it leaves behind."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key
from tests.conftest import Process

from casemate.foundation.node import Node
from casemate.foundation.records import Store
from casemate.foundation.seal_of_node import open_or_make_seal
from casemate.foundation.settings import load
from casemate.services.kms.material import open_backing
from casemate.services.kms.records import KEYS

HERE, THERE = "us-east-1", "eu-west-1"
PIECE = 16
"""Bytes that are searched for: a part is enough to give a secret away, and lies on one page more often."""
PARTS = 8
"""Parts of one secret that are searched for, evenly spread."""
STAYS = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}


def pieces(secrets: dict[str, bytes]) -> dict[bytes, str]:
    """Parts of secrets as they are, in base64 at each of its three shifts, and in hexadecimal digits."""
    found: dict[bytes, str] = {}
    for name, secret in secrets.items():
        starts = range(0, len(secret) - PIECE + 1, PIECE)
        for at in starts[:: max(1, len(starts) // PARTS)]:
            part = secret[at : at + PIECE]
            found[part] = name
            found[part.hex().encode()] = found[part.hex().upper().encode()] = name
            for shift in range(3):
                encoded = base64.b64encode(part[shift:])[:-4]
                found[encoded] = found[encoded.translate(bytes.maketrans(b"+/", b"-_"))] = name
    return found


def pkcs8(private: Any) -> bytes:
    return bytes(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


class Planted:
    """A server with a directory of its own for temporary files, and what was planted in it."""

    def __init__(self, server: Process, temporary: Path) -> None:
        self.server = server
        self.temporary = temporary
        self.kms = server.client("kms")
        self.secrets: dict[str, bytes] = {}
        self.told: list[str] = []
        """What clients were told of refusals."""

    def plant(self, name: str, secret: bytes) -> bytes:
        assert len(secret) >= PIECE
        self.secrets[name] = secret
        return secret

    def refused(self, operation: Callable[..., Any], **members: Any) -> None:
        with pytest.raises(ClientError) as caught:
            operation(**members)
        self.told.append(json.dumps(caught.value.response, default=str))

    def where(self, secrets: dict[str, bytes] | None = None) -> set[tuple[str, str]]:
        """Which secrets lie in which file."""
        wanted = pieces(self.secrets if secrets is None else secrets)
        files = [self.server.log]
        for folder in (self.server.data, self.temporary):
            files += [path for path in folder.rglob("*") if path.is_file() and not path.is_socket()]
        found = set()
        for path in files:
            with suppress(FileNotFoundError):  # an old generation, a journal: gone is gone
                content = path.read_bytes().rstrip(b"\0")  # what is set aside on the disk is zeros
                found |= {(path.name, name) for part, name in wanted.items() if part in content}
        return found

    def bring(self, key: str, material: bytes, **members: Any) -> None:
        parameters = self.kms.get_parameters_for_import(KeyId=key, **WRAPPING)
        public: Any = load_der_public_key(parameters["PublicKey"])
        wrapped = public.encrypt(material, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
        token = parameters["ImportToken"]
        self.kms.import_key_material(KeyId=key, ImportToken=token, EncryptedKeyMaterial=wrapped, **(members or STAYS))

    def own_materials(self, key: str, region: str = HERE) -> dict[str, bytes]:
        """The key material that the server made, opened with its own seal."""
        node = Node(self.server.data)
        settings = load({"data": str(self.server.data)}, {}).settings
        seal = open_or_make_seal(node, settings, make=False)
        account = json.loads((self.server.data / "credentials.json").read_text())["account"]
        folder = node.generation(node.facts().generation) / "regions" / region
        store = Store.open(folder / "store.db", name=region, create=False)
        try:
            found = store.reader.get(KEYS, account, key)
            assert found is not None
            return {f"own {each.material_id}": open_backing(seal, found, each) for each in found.backing}
        finally:
            store.close()
