"""The key specs of AWS KMS and what each can do (KMS Developer Guide, "Key spec reference"; API model 2014-11-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from casemate.engines.keys.errors import AlgorithmError


class KeyUsage(StrEnum):
    """What a KMS key is for: one usage a key, for life."""

    ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
    SIGN_VERIFY = "SIGN_VERIFY"
    GENERATE_VERIFY_MAC = "GENERATE_VERIFY_MAC"
    KEY_AGREEMENT = "KEY_AGREEMENT"
    ENCAPSULATE_DECAPSULATE = "ENCAPSULATE_DECAPSULATE"


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One key spec.

    - `family`: symmetric, hmac, rsa, ecc, edwards, sm2, ml-dsa or ml-kem.
    - `by_usage`: the algorithms of each usage, in the order in which AWS lists them.
    - `bits`: the size its name speaks of: key, modulus or field bits; the parameter set of ML-DSA and ML-KEM.
    - `material_bytes`: the length of generated symmetric material; 0 for key pairs.
    - `import_bytes`: least and greatest length of imported symmetric material; None where material is a key pair.
    - `importable`: whether ImportKeyMaterial takes it.
    - `max_plaintext`: by encryption algorithm, in bytes; of RSAES-OAEP it is k - 2 hLen - 2 (RFC 8017 7.1.1).
    """

    name: str
    family: str
    bits: int
    by_usage: Mapping[KeyUsage, tuple[str, ...]]
    material_bytes: int = 0
    import_bytes: tuple[int, int] | None = None
    importable: bool = False
    max_plaintext: Mapping[str, int] = field(default_factory=dict)

    @property
    def usages(self) -> tuple[KeyUsage, ...]:
        return tuple(self.by_usage)

    def algorithms(self, usage: str) -> tuple[str, ...]:
        """What a key of this spec and usage can do; nothing for a usage that the spec does not have."""
        return next((algorithms for known, algorithms in self.by_usage.items() if known == usage), ())


_RSA_SIGNING = (
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
)
_RSA_ENCRYPTION = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
_AGREEMENT = {KeyUsage.KEY_AGREEMENT: ("ECDH",)}


def _rsa(bits: int) -> KeySpec:
    octets = bits // 8
    return KeySpec(
        f"RSA_{bits}",
        "rsa",
        bits,
        {KeyUsage.ENCRYPT_DECRYPT: _RSA_ENCRYPTION, KeyUsage.SIGN_VERIFY: _RSA_SIGNING},
        importable=True,
        max_plaintext={"RSAES_OAEP_SHA_1": octets - 2 * 20 - 2, "RSAES_OAEP_SHA_256": octets - 2 * 32 - 2},
    )


def _ecc(name: str, bits: int, signing: str, *, agreement: bool) -> KeySpec:
    algorithms = {KeyUsage.SIGN_VERIFY: (signing,)} | (_AGREEMENT if agreement else {})
    return KeySpec(name, "ecc", bits, algorithms, importable=True)


def _hmac(bits: int, least: int, greatest: int) -> KeySpec:
    return KeySpec(
        f"HMAC_{bits}",
        "hmac",
        bits,
        {KeyUsage.GENERATE_VERIFY_MAC: (f"HMAC_SHA_{bits}",)},
        material_bytes=bits // 8,
        import_bytes=(least, greatest),
        importable=True,
    )


_ALL = (
    KeySpec(
        "SYMMETRIC_DEFAULT",
        "symmetric",
        256,
        {KeyUsage.ENCRYPT_DECRYPT: ("SYMMETRIC_DEFAULT",)},
        material_bytes=32,
        import_bytes=(32, 32),
        importable=True,
        max_plaintext={"SYMMETRIC_DEFAULT": 4096},
    ),
    _rsa(2048),
    _rsa(3072),
    _rsa(4096),
    _ecc("ECC_NIST_P256", 256, "ECDSA_SHA_256", agreement=True),
    _ecc("ECC_NIST_P384", 384, "ECDSA_SHA_384", agreement=True),
    _ecc("ECC_NIST_P521", 521, "ECDSA_SHA_512", agreement=True),
    _ecc("ECC_SECG_P256K1", 256, "ECDSA_SHA_256", agreement=False),
    KeySpec(
        "ECC_NIST_EDWARDS25519",
        "edwards",
        255,
        {KeyUsage.SIGN_VERIFY: ("ED25519_SHA_512", "ED25519_PH_SHA_512")},
        importable=True,
    ),
    _hmac(224, 28, 64),
    _hmac(256, 32, 64),
    _hmac(384, 48, 128),
    _hmac(512, 64, 128),
    KeySpec(
        "SM2",
        "sm2",
        256,
        {KeyUsage.ENCRYPT_DECRYPT: ("SM2PKE",), KeyUsage.SIGN_VERIFY: ("SM2DSA",)} | _AGREEMENT,
        importable=True,
        max_plaintext={"SM2PKE": 1024},
    ),
    *(KeySpec(f"ML_DSA_{n}", "ml-dsa", n, {KeyUsage.SIGN_VERIFY: ("ML_DSA_SHAKE_256",)}) for n in (44, 65, 87)),
    *(KeySpec(f"ML_KEM_{n}", "ml-kem", n, {KeyUsage.ENCAPSULATE_DECAPSULATE: ("ML_KEM",)}) for n in (512, 768, 1024)),
)

SPECS: Mapping[str, KeySpec] = MappingProxyType({spec.name: spec for spec in _ALL})

# KMS API, GenerateDataKey: KeySpec.
DATA_KEY_BYTES: Mapping[str, int] = MappingProxyType({"AES_256": 32, "AES_128": 16})

# KMS API, GenerateDataKeyPair: all key pairs but ML-DSA.
DATA_KEY_PAIR_SPECS = tuple(spec.name for spec in _ALL if spec.family in {"rsa", "ecc", "edwards", "sm2", "ml-kem"})


def spec_named(name: str) -> KeySpec:
    """Raises AlgorithmError for a name that is none of the specs."""
    spec = SPECS.get(name)
    if spec is None:
        raise AlgorithmError(f"{name} is not a key spec")
    return spec
