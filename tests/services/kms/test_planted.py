"""Planted secrets are found nowhere: no file of the data directory, no log, no temporary file, no error, no core dump.

Everything that a client can plant is: seeded and imported key material, plaintexts, data keys, shared secrets, the
secrets of custom key stores. What the server makes for itself is opened with its own seal, and searched for too.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
)
from tests.conftest import Process, eventually
from tests.services.kms.planting import HERE, STAYS, THERE, Planted, pieces, pkcs8

Start = Callable[..., Process]
PASSWORD = "pin7of0the4token9K3x8Q1z"
PROXY_SECRET = "Zx8Yw7Vu6Ts5Rq4Po3Nm2Lk1Ji0Hg9Fe8Dc7Ba6Q9W8"


@pytest.fixture
def planted(tmp_path: Path, start: Start, request: pytest.FixtureRequest) -> Planted:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    module, label = "/usr/lib/absent.so", "absent"
    if shutil.which("softhsm2-util"):
        module, label, _ = request.getfixturevalue("softhsm")()
    server = start("--workers", "1", "--test", environment={"TMPDIR": str(temporary), "CASEMATE_LOG_LEVEL": "debug"})
    server.ready()
    toml = f'[hsm.cluster-plantedaaaa]\nmodule = "{module}"\ntoken = "{label}"\n'
    (server.data / "key_stores.toml").write_text(toml, "utf-8")
    return Planted(server, temporary)


def seed(planted: Planted) -> None:
    """Keys with material of the test's, each used, so that it has been opened."""
    account = json.loads((planted.server.data / "credentials.json").read_text())["account"]
    pair = rsa.generate_private_key(65537, 2048)
    prime = pair.private_numbers().p
    planted.plant("prime of the seeded RSA key", prime.to_bytes(128, "big"))
    materials = {
        "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT", planted.plant("seeded material", os.urandom(32))),
        "HMAC_256": ("GENERATE_VERIFY_MAC", planted.plant("seeded HMAC material", os.urandom(32))),
        "RSA_2048": ("SIGN_VERIFY", planted.plant("seeded RSA key", pkcs8(pair))),
    }
    asked, common = [], {"account": account, "region": HERE}
    for number, (spec, (usage, material)) in enumerate(materials.items()):
        id_ = f"00000000-0000-4000-8000-{number:012x}"
        encoded = base64.b64encode(material).decode()
        asked.append({**common, "id": id_, "spec": spec, "usage": usage, "material": encoded})
    assert planted.server.post("/_casemate/seed", {"keys": asked})[0] == 200
    symmetric, hmac, signer = (each["id"] for each in asked)
    blob = planted.kms.encrypt(KeyId=symmetric, Plaintext=planted.plant("plaintext", os.urandom(64)))["CiphertextBlob"]
    planted.kms.decrypt(CiphertextBlob=blob)
    planted.kms.generate_mac(KeyId=hmac, MacAlgorithm="HMAC_SHA_256", Message=planted.plant("message", os.urandom(48)))
    planted.kms.sign(KeyId=signer, SigningAlgorithm="RSASSA_PSS_SHA_256", Message=planted.secrets["message"])


def generate(planted: Planted) -> None:
    """What KMS makes and gives away."""
    kms = planted.kms
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    planted.plant("data key", kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"])
    for spec in ("ECC_NIST_P256", "RSA_2048"):
        pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
        private = planted.plant(f"{spec} data key pair", pair["PrivateKeyPlaintext"])
        kms.re_encrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], DestinationKeyId=key)
        assert load_der_private_key(private, None)
    planted.plant("random bytes", kms.generate_random(NumberOfBytes=32)["Plaintext"])
    agreeing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    public = kms.get_public_key(KeyId=agreeing)["PublicKey"]
    derived = kms.derive_shared_secret(KeyId=agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=public)
    planted.plant("shared secret", derived["SharedSecret"])
    capsule = kms.create_key(KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")["KeyMetadata"]["KeyId"]
    planted.plant(
        "encapsulated secret", kms.encapsulate(KeyId=capsule, EncapsulationAlgorithm="ML_KEM")["SharedSecret"]
    )


def import_and_rotate(planted: Planted) -> str:
    """A key with two imported materials, the second current; a third comes wrong; a pair; one that expires."""
    kms = planted.kms
    key = str(kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"])
    planted.bring(key, planted.plant("imported material", os.urandom(32)))
    kms.encrypt(KeyId=key, Plaintext=b"x")
    planted.bring(
        key, planted.plant("second imported material", os.urandom(32)), ImportType="NEW_KEY_MATERIAL", **STAYS
    )
    kms.rotate_key_on_demand(KeyId=key)
    kms.encrypt(KeyId=key, Plaintext=b"x")
    with pytest.raises(ClientError) as caught:
        planted.bring(key, planted.plant("material that is refused", os.urandom(24)))
    planted.told.append(json.dumps(caught.value.response, default=str))
    private = ec.generate_private_key(ec.SECP256R1())
    scalar = private.private_numbers().private_value
    planted.plant("scalar of the imported pair", scalar.to_bytes(32, "big"))
    pair = kms.create_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    planted.bring(pair, pkcs8(private))
    kms.sign(KeyId=pair, SigningAlgorithm="ECDSA_SHA_256", Message=b"x")
    return key


def make_stores(planted: Planted) -> None:
    """Custom key stores with a PIN that is wrong and a proxy that is not there: both secrets are used, and fail."""
    kms = planted.kms
    planted.plant("PIN", PASSWORD.encode())
    planted.plant("secret of the proxy", PROXY_SECRET.encode())
    hsm = {
        "CustomKeyStoreName": "token",
        "CloudHsmClusterId": "cluster-plantedaaaa",
        "TrustAnchorCertificate": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "KeyStorePassword": PASSWORD,
    }
    planted.refused(kms.create_custom_key_store, **{**hsm, "CloudHsmClusterId": "cluster-absentaaaaa"})
    store = kms.create_custom_key_store(**hsm)["CustomKeyStoreId"]
    xks = {
        "CustomKeyStoreName": "proxy",
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyUriEndpoint": "https://proxy.example.com",
        "XksProxyUriPath": "/kms/xks/v1",
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000001",
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
            "RawSecretAccessKey": PROXY_SECRET,
        },
    }
    planted.refused(kms.create_custom_key_store, **{**xks, "XksProxyConnectivity": "PUBLIC_ENDPOINT"})
    other = kms.create_custom_key_store(**xks)["CustomKeyStoreId"]
    for each in (store, other):
        kms.connect_custom_key_store(CustomKeyStoreId=each)
        eventually(partial(_is_failed, kms, each))
    planted.told.append(json.dumps(kms.describe_custom_key_stores(), default=str))


def _is_failed(kms: Any, store: str) -> bool:
    found = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"][0]
    return bool(found["ConnectionState"] == "FAILED")


def _is_rotated(kms: Any, key: str) -> bool:
    return len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1


def fail(planted: Planted) -> None:
    """Requests with secrets in them that go wrong, at the model, at the key, at the ciphertext, before any of it."""
    kms, secret = planted.kms, planted.plant("plaintext of what fails", os.urandom(48))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    planted.refused(kms.encrypt, KeyId="alias/absent", Plaintext=secret)
    planted.refused(kms.encrypt, KeyId=key, Plaintext=secret * 100)
    planted.refused(kms.encrypt, KeyId=key, Plaintext=secret, EncryptionAlgorithm="RSAES_OAEP_SHA_1")
    planted.refused(kms.decrypt, CiphertextBlob=secret)
    text = base64.b64encode(secret).decode()
    for body in ({"KeyId": key, "Plaintext": [text]}, {"KeyId": {"a": text}, "Plaintext": text}, text):
        headers = {"x-amz-target": "TrentService.Encrypt", "content-type": "application/x-amz-json-1.1"}
        planted.told.append(str(planted.server.post("/", body, headers)))
    planted.told.append(str(planted.server.post("/_casemate/seed", {"keys": [{"id": "wrong", "material": text}]})))


def test_planted_secrets_are_nowhere_before_and_after_rotation_import_and_erasure(planted: Planted) -> None:
    kms = planted.kms
    seed(planted)
    generate(planted)
    assert planted.where() == set()
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    shared = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=shared, ReplicaRegion=THERE)
    there = planted.server.client("kms", THERE)
    eventually(lambda: there.describe_key(KeyId=shared)["KeyMetadata"]["KeyState"] == "Enabled")
    planted.secrets |= planted.own_materials(own) | planted.own_materials(shared)
    imported = import_and_rotate(planted)
    make_stores(planted)
    fail(planted)
    for key in (own, shared):
        kms.rotate_key_on_demand(KeyId=key)
        eventually(partial(_is_rotated, kms, key))
        planted.secrets |= planted.own_materials(key)
    assert planted.where() == set()
    expiring = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    now = kms.describe_key(KeyId=expiring)["KeyMetadata"]["CreationDate"]
    planted.bring(expiring, planted.plant("material that expires", os.urandom(32)), ValidTo=now.timestamp() + 3600)
    kms.delete_imported_key_material(KeyId=imported)
    kms.schedule_key_deletion(KeyId=own, PendingWindowInDays=7)
    assert planted.server.command("clock", "advance", "8d").returncode == 0
    assert kms.describe_key(KeyId=expiring)["KeyMetadata"]["KeyState"] == "PendingImport"
    planted.refused(kms.describe_key, KeyId=own)
    assert planted.where() == set()
    assert planted.server.command("backup", str(planted.temporary / "backup.tar")).returncode == 0
    planted.server.stop()
    assert planted.where() == set()
    told = "\n".join(planted.told).encode()
    assert [name for part, name in pieces(planted.secrets).items() if part in told] == []
    assert len(planted.secrets) >= 20


def test_the_search_finds_what_is_there(planted: Planted) -> None:
    """Else the test above would prove nothing: descriptions and contexts are kept and logged as they are."""
    words = planted.plant("description", base64.b64encode(os.urandom(24)))
    plain = {"description": words, "bytes": os.urandom(32)}
    planted.kms.create_key(Description=words.decode())
    (planted.temporary / "left.tmp").write_bytes(b"..." + base64.b64encode(b"a" + plain["bytes"]))
    eventually(lambda: {name for _, name in planted.where(plain)} == {"description", "bytes"})
    (planted.temporary / "left.tmp").write_bytes(b"..." + plain["bytes"].hex().encode())
    assert ("left.tmp", "bytes") in planted.where(plain)


GUARDED = """
import ctypes, os
from casemate.app import _guard_memory
_guard_memory()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
os.abort()
"""


def test_processes_dump_no_core(tmp_path: Path) -> None:
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    wanted = unlimited if hard == resource.RLIM_INFINITY else (hard, hard)
    process = subprocess.Popen(
        [sys.executable, "-c", GUARDED],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, wanted),  # noqa: PLW1509 - no threads run yet
    )
    said, _ = process.communicate(timeout=30)
    assert said.strip() == b"0", "PR_GET_DUMPABLE"
    assert process.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []


def _is_succeeded(server: Process, role: str, crashed: int) -> bool:
    return server.pids(role) not in ([], [crashed])


def test_workers_and_keeper_that_crash_leave_no_core_behind(planted: Planted) -> None:
    for role in ("worker", "keeper"):
        (crashed,) = planted.server.pids(role)
        limits = Path(f"/proc/{crashed}/limits").read_text("utf-8")
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]
        before = set(Path.cwd().iterdir())
        os.kill(crashed, signal.SIGSEGV)
        eventually(partial(_is_succeeded, planted.server, role, crashed))
        assert not [each for each in set(Path.cwd().iterdir()) - before if each.name.startswith("core")]
        assert not list(planted.server.data.rglob("core*"))
