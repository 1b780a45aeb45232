"""Key pairs: KMS against the bare library, and what Encrypt on the same worker feels of it.

Each operation runs over HTTP, signed, on one worker, and in turns with it the same call of `cryptography` in one thread
of this process. `x raw` is requests a second over calls a second; `x CPU` is the same of CPU-seconds. Meanwhile another
connection asks for Encrypt a hundred times a second, and its p99 is what others feel. DeriveSharedSecret agrees with
one peer again and again, on both sides: one that comes for the first time costs some 50 us more, for reading its key.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import uvloop
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from load import cpu_of, drive, paced, percentile, sign
from node import REGION, Process, casemate

GOAL = 0.8
SLOW, WORTH_TELLING = 400e-6, 200e-6
MOST_WAIT = 0.020
_MESSAGE = b"m" * 200
_CONNECTIONS = 8
_PAUSE = 0.01
_PSS = padding.PSS(padding.MGF1(SHA256()), 32)
_OAEP = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
_CURVES: dict[str, tuple[ec.EllipticCurve, Any, str]] = {
    "ECC_NIST_P256": (ec.SECP256R1(), SHA256(), "ECDSA_SHA_256"),
    "ECC_NIST_P384": (ec.SECP384R1(), SHA384(), "ECDSA_SHA_384"),
    "ECC_NIST_P521": (ec.SECP521R1(), SHA512(), "ECDSA_SHA_512"),
    "ECC_SECG_P256K1": (ec.SECP256K1(), SHA256(), "ECDSA_SHA_256"),
}
_ML_DSA: dict[str, Any] = {
    "ML_DSA_44": mldsa.MLDSA44PrivateKey,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey,
}


class Case(NamedTuple):
    """One operation of one key spec: what KMS is asked, and the same of the library."""

    operation: str
    spec: str
    usage: str
    members: dict[str, Any]
    """Of the request, but for the key and what it must have made."""
    raw: Callable[[], object]


def cases() -> Iterator[Case]:
    for size in (2048, 3072, 4096):
        private: Any = rsa.generate_private_key(65537, size)
        algorithm = "RSASSA_PSS_SHA_256"
        yield from _of_signing(
            f"RSA_{size}",
            algorithm,
            lambda private=private: private.sign(_MESSAGE, _PSS, SHA256()),
            lambda made, private=private: private.public_key().verify(made, _MESSAGE, _PSS, SHA256()),
        )
        blob = private.public_key().encrypt(b"x" * 32, _OAEP)
        members = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        raw = lambda private=private, blob=blob: private.decrypt(blob, _OAEP)  # noqa: E731 - one of a table
        yield Case("Decrypt", f"RSA_{size}", "ENCRYPT_DECRYPT", members, raw)
    for spec, (curve, digest, algorithm) in _CURVES.items():
        private = ec.generate_private_key(curve)
        yield from _of_signing(
            spec,
            algorithm,
            lambda private=private, digest=digest: private.sign(_MESSAGE, ec.ECDSA(digest)),
            lambda made, private=private, digest=digest: private.public_key().verify(made, _MESSAGE, ec.ECDSA(digest)),
        )
        if "NIST" in spec:
            public = ec.generate_private_key(curve).public_key()
            raw = lambda private=private, public=public: private.exchange(ec.ECDH(), public)  # noqa: E731
            yield Case("DeriveSharedSecret", spec, "KEY_AGREEMENT", {"KeyAgreementAlgorithm": "ECDH"}, raw)
    signers = {"ECC_NIST_EDWARDS25519": ("ED25519_SHA_512", ed25519.Ed25519PrivateKey.generate())}
    signers |= {spec: ("ML_DSA_SHAKE_256", kind.generate()) for spec, kind in _ML_DSA.items()}
    for spec, (algorithm, private) in signers.items():
        yield from _of_signing(
            spec,
            algorithm,
            lambda private=private: private.sign(_MESSAGE),
            lambda made, private=private: private.public_key().verify(made, _MESSAGE),
        )


def _of_signing(spec: str, algorithm: str, signs: Callable[[], bytes], verifies: Callable[[bytes], None]) -> list[Case]:
    members = {"SigningAlgorithm": algorithm, "Message": base64.b64encode(_MESSAGE).decode()}
    made = signs()
    return [
        Case("Sign", spec, "SIGN_VERIFY", members, signs),
        Case("Verify", spec, "SIGN_VERIFY", members, lambda: verifies(made)),
    ]


class Bare(NamedTuple):
    """Calls of the library."""

    per_second: float
    per_cpu_second: float

    def mean(self, other: Bare) -> Bare:
        return Bare((self.per_second + other.per_second) / 2, (self.per_cpu_second + other.per_cpu_second) / 2)


def bare(raw: Callable[[], object], seconds: float) -> Bare:
    raw()
    count, began, cost = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        raw()
        count += 1
    return Bare(count / (time.perf_counter() - began), count / (time.process_time() - cost))


class Bench:
    """One server of one worker."""

    def __init__(self, node: Process, seconds: float) -> None:
        self._node, self._seconds = node, seconds
        self._kms = node.client("kms")
        self._host = "{}:{}".format(*node.address)
        self._plain = self._kms.create_key()["KeyMetadata"]["KeyId"]

    def body(self, case: Case) -> bytes:
        """The request for a new key of the case's kind."""
        key = self._kms.create_key(KeySpec=case.spec, KeyUsage=case.usage)["KeyMetadata"]["KeyId"]
        asked = {"KeyId": key, **case.members}
        if case.operation == "Verify":
            made = self._kms.sign(KeyId=key, SigningAlgorithm=case.members["SigningAlgorithm"], Message=_MESSAGE)
            asked["Signature"] = base64.b64encode(made["Signature"]).decode()
        elif case.operation == "Decrypt":
            algorithm = case.members["EncryptionAlgorithm"]
            made = self._kms.encrypt(KeyId=key, Plaintext=b"x" * 32, EncryptionAlgorithm=algorithm)
            asked["CiphertextBlob"] = base64.b64encode(made["CiphertextBlob"]).decode()
        elif case.operation == "DeriveSharedSecret":
            asked["PublicKey"] = base64.b64encode(self._kms.get_public_key(KeyId=key)["PublicKey"]).decode()
        return json.dumps(asked).encode()

    def run(self, case: Case, body: bytes, rate: float) -> tuple[float, float, list[float]]:
        """Requests a second, requests a CPU-second, and the latencies of Encrypt meanwhile."""
        asked = [self._signed(case.operation, body)] * int(4 * rate * self._seconds + 100)
        plain = json.dumps({"KeyId": self._plain, "Plaintext": base64.b64encode(b"x" * 32).decode()}).encode()
        pids = self._node.tree()
        before, began = sum(map(cpu_of, pids)), time.perf_counter()
        done, felt = uvloop.run(self._both(asked, self._signed("Encrypt", plain)))
        seconds, cost = time.perf_counter() - began, sum(map(cpu_of, pids)) - before
        return done / seconds, done / max(cost, 0.01), felt

    async def _both(self, asked: list[bytes], plain: bytes) -> tuple[int, list[float]]:
        load = asyncio.ensure_future(drive(*self._node.address, iter(asked), self._seconds, _CONNECTIONS, keep=False))
        felt = await paced(*self._node.address, itertools.repeat(plain), _PAUSE, load.done)
        run = await load
        if run.errors:
            raise SystemExit(f"{run.errors} requests failed, the last with {run.failure[:300]!r}")
        return len(run.latencies), felt

    def _signed(self, operation: str, body: bytes) -> bytes:
        target = f"TrentService.{operation}"
        return sign(self._node.admin(), "kms", REGION, self._host, target, body, moment=time.time())


def asymmetric(*, seconds: float, runs: int) -> bool:
    """Print the table; whether everything that takes long enough to count met its goals."""
    met, felt = True, []
    with tempfile.TemporaryDirectory(prefix="casemate-bench-") as folder, casemate(Path(folder) / "data", 1) as node:
        bench = Bench(node, seconds)
        print(
            f"one worker, {_CONNECTIONS} connections; load average {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores"
        )
        for case in cases():
            body = bench.body(case)
            outcomes = []
            for _ in range(runs):
                before = bare(case.raw, min(seconds, 1.0))
                outcome = bench.run(case, body, before.per_second)
                after = bare(case.raw, min(seconds, 1.0))  # both, since other work on the machine comes and goes
                outcomes.append((before.mean(after), outcome))
            met &= _line(case, outcomes)
            felt += [each for _, (_, _, waits) in outcomes for each in waits]
    waited = percentile(felt, 0.99)
    print(f"Encrypt on the same worker: p99 {waited * 1e3:.1f} ms of {len(felt)} (goal {MOST_WAIT * 1e3:.0f} ms)")
    return met and waited <= MOST_WAIT


def _line(case: Case, outcomes: list[tuple[Bare, tuple[float, float, list[float]]]]) -> bool:
    takes = 1 / statistics.median(raw.per_second for raw, _ in outcomes)
    times = statistics.median(rate / raw.per_second for raw, (rate, _, _) in outcomes)
    cpu = statistics.median(rate / raw.per_cpu_second for raw, (_, rate, _) in outcomes)
    waits = percentile([each for _, (_, _, waits) in outcomes for each in waits], 0.99)
    goal = f"goal {GOAL}" if takes > SLOW else "reported" if takes > WORTH_TELLING else "no goal"
    print(
        f"{case.operation:<19}{case.spec:<22} raw {takes * 1e6:>7,.0f} us   {times:5.2f} x raw ({goal})   "
        f"{cpu:4.2f} x CPU   Encrypt meanwhile p99 {waits * 1e3:5.1f} ms"
    )
    return takes <= SLOW or times >= GOAL
