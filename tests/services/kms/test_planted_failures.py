"""Bugs of ours, provoked where key material is at hand, tell nobody of it: neither the answer nor the log nor a file.

A function that has a secret in its hands raises an error with that secret in it, in the server's own processes. The
answer has to be the InternalFailure of every bug, and the log its places in the code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from tests.conftest import Process, eventually
from tests.services.kms.planting import HERE, Planted, pieces, pkcs8

SITE = """
import base64, ctypes, os, sys
from pathlib import Path

BROKEN = Path(os.environ["CASEMATE_TEST_BROKEN"])


def breaks(module, name, secret_of):
    function = getattr(module, name)

    def broken(*given, **named):
        made = function(*given, **named)
        if not BROKEN.exists() or BROKEN.read_text() != name:
            return made
        secret = secret_of(given, made)
        dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
        BROKEN.with_suffix(".seen").write_text(str(dumpable))
        try:
            raise ValueError(secret)
        except ValueError as error:
            text = base64.b64encode(secret).decode()
            raise RuntimeError(secret, secret.hex(), text, repr(given)) from error

    setattr(module, name, broken)


if "--child" in sys.orig_argv:
    import casemate.app
    from casemate.engines import keys
    from casemate.engines.keys import asymmetric, pairs
    from casemate.services.kms import cryptography, imported, mac, material
    from casemate.services.kms import pairs as opened

    breaks(cryptography, "seal_message", lambda given, made: given[1])
    breaks(cryptography, "open_message", lambda given, made: made)
    breaks(keys, "mac", lambda given, made: given[2])
    breaks(asymmetric, "sign", lambda given, made: pairs.encode_private(given[0].private))
    breaks(asymmetric, "derive_secret", lambda given, made: made)
    breaks(asymmetric, "unwrap", lambda given, made: made)
    breaks(asymmetric, "load_pair", lambda given, made: given[1])
    breaks(material, "open_backing", lambda given, made: made)
    breaks(imported, "seal_for", lambda given, made: given[-1])
    breaks(material, "seal_for", lambda given, made: given[-1])
"""


class Broken:
    """A server that breaks when told to, with secrets planted in it."""

    def __init__(self, planted: Planted, switch: Path) -> None:
        self.planted = planted
        self._switch = switch

    def call(self, function: str, operation: Callable[..., Any], **members: Any) -> None:
        """The operation breaks in the function, and is answered as a bug is."""
        self.on(function)
        with pytest.raises(ClientError) as caught:
            operation(**members)
        assert self.off() == "0", "the process can be dumped"
        told = caught.value.response
        status = told["ResponseMetadata"]["HTTPStatusCode"]
        assert (told["Error"]["Code"], status) == ("InternalFailure", 500), function
        self.planted.told.append(json.dumps(told, default=str))
        reference = told["ResponseMetadata"]["RequestId"]
        assert reference in told["Error"]["Message"]
        (line,) = [each for each in self.failures() if each.get("reference") == reference]
        assert line["error"] == "RuntimeError"
        assert line["places"][-1].endswith(" broken")

    def on(self, function: str) -> None:
        self._switch.write_text(function)

    def off(self) -> str:
        """What the process that broke found of itself: whether it can be dumped."""
        seen = self._switch.with_suffix(".seen")
        found = seen.read_text() if seen.exists() else ""
        self._switch.unlink()
        seen.unlink(missing_ok=True)
        return found

    def failures(self) -> list[dict[str, Any]]:
        lines = self.planted.server.log.read_text("utf-8").splitlines()
        return [line for each in lines if each.startswith("{") and "places" in (line := json.loads(each))]


@pytest.fixture
def broken(tmp_path: Path, start: Callable[..., Process]) -> Broken:
    site, temporary, switch = (tmp_path / name for name in ("site", "temporary", "switch"))
    site.mkdir()
    temporary.mkdir()
    (site / "sitecustomize.py").write_text(SITE, "utf-8")
    environment = {
        "TMPDIR": str(temporary),
        "CASEMATE_LOG_LEVEL": "debug",
        "CASEMATE_TEST_BROKEN": str(switch),
        "PYTHONPATH": str(site),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    server = start("--workers", "1", "--test", environment=environment)
    server.ready()
    return Broken(Planted(server, temporary), switch)


def test_failures_with_key_material_at_hand_tell_nothing_of_it(broken: Broken) -> None:
    planted, kms = broken.planted, broken.planted.kms
    material = planted.plant("imported material", os.urandom(32))
    scalar = ec.generate_private_key(ec.SECP256R1())
    planted.plant("scalar", scalar.private_numbers().private_value.to_bytes(32, "big"))
    plaintext = planted.plant("plaintext", os.urandom(64))
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    broken.call("unwrap", planted.bring, key=key, material=material)
    broken.call("seal_for", planted.bring, key=key, material=material)
    planted.bring(key, material)
    broken.call("open_backing", kms.encrypt, KeyId=key, Plaintext=plaintext)
    broken.call("seal_message", kms.encrypt, KeyId=key, Plaintext=plaintext)
    blob = kms.encrypt(KeyId=key, Plaintext=plaintext)["CiphertextBlob"]
    broken.call("open_message", kms.decrypt, CiphertextBlob=blob)
    broken.call("seal_message", kms.generate_data_key, KeyId=key, KeySpec="AES_256")
    signer = kms.create_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    planted.bring(signer, pkcs8(scalar))
    signed = {"KeyId": signer, "SigningAlgorithm": "ECDSA_SHA_256", "Message": b"m"}
    broken.call("load_pair", kms.sign, **signed)
    broken.call("sign", kms.sign, **signed)
    hmac = kms.create_key(Origin="EXTERNAL", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    planted.bring(hmac, planted.plant("HMAC material", os.urandom(64)))
    broken.call("mac", kms.generate_mac, KeyId=hmac, MacAlgorithm="HMAC_SHA_256", Message=b"m")
    agreeing = kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    agreed = {"KeyAgreementAlgorithm": "ECDH", "PublicKey": kms.get_public_key(KeyId=agreeing)["PublicKey"]}
    planted.plant("shared secret", kms.derive_shared_secret(KeyId=agreeing, **agreed)["SharedSecret"])
    broken.call("derive_secret", kms.derive_shared_secret, KeyId=agreeing, **agreed)
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    broken.call("seal_for", kms.rotate_key_on_demand, KeyId=own)
    planted.secrets |= planted.own_materials(own)
    assert planted.where() == set()
    told = "\n".join(planted.told).encode()
    assert [name for part, name in pieces(planted.secrets).items() if part in told] == []
    planted.server.stop()
    assert planted.where() == set()


def test_failure_of_the_keeper_at_a_rotation_tells_nothing_of_the_material(broken: Broken) -> None:
    planted, kms = broken.planted, broken.planted.kms
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    broken.on("seal_for")
    planted.server.command("clock", "advance", "91d")
    eventually(lambda: [each for each in broken.failures() if each["process"].startswith("keeper")])
    assert broken.off() == "0", "the process can be dumped"
    eventually(lambda: len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1)
    assert (planted.where(planted.own_materials(key, HERE)), len(planted.own_materials(key))) == (set(), 2)
