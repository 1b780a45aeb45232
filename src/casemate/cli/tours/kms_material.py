"""The scenarios of KMS about key material: asymmetric keys, imported keys, rotation by itself and by hand."""

from __future__ import annotations

import os
from typing import Any

from casemate.cli.tours.scenario import scenario
from casemate.cli.tours.world import World, expect, refused

_IMPORT = ("kms:CreateKey", "kms:GetParametersForImport", "kms:ImportKeyMaterial", "kms:DeleteImportedKeyMaterial")
_USE = ("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey")
_STAYS = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
_DAY = 86400


@scenario("KMS-03")
def private_keys_never_leave(world: World) -> None:
    actions = ("kms:Sign", "kms:Verify", "kms:GetPublicKey", "kms:DeriveSharedSecret", "kms:*capsulate")
    kms = world.user("signer", *_IMPORT, *_USE, *actions).client("kms")
    _rsa_and_curves(kms)
    _lattices(kms)
    for spec, usage in (("SM2", "SIGN_VERIFY"), ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE")):
        refused("UnsupportedOperationException", kms.create_key, KeySpec=spec, KeyUsage=usage)
    _search(world, kms)


def _rsa_and_curves(kms: Any) -> None:
    from Cryptodome.Cipher import PKCS1_OAEP  # noqa: PLC0415 - an implementation that the server does not use for these
    from Cryptodome.Hash import SHA256, SHA384  # noqa: PLC0415
    from Cryptodome.PublicKey import ECC, RSA  # noqa: PLC0415
    from Cryptodome.Signature import DSS, eddsa, pss  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256 as PLAIN_SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    def signed(spec: str, algorithm: str) -> tuple[bytes, bytes]:
        key = _made(kms, spec, "SIGN_VERIFY")
        asked = {"KeyId": key, "Message": b"m", "SigningAlgorithm": algorithm}
        signature = kms.sign(**asked)["Signature"]
        refused("KMSInvalidSignatureException", kms.verify, **{**asked, "Message": b"n"}, Signature=signature)
        return kms.get_public_key(KeyId=key)["PublicKey"], signature

    public, signature = signed("RSA_2048", "RSASSA_PSS_SHA_256")
    pss.new(RSA.import_key(public)).verify(SHA256.new(b"m"), signature)
    public, signature = signed("ECC_NIST_P384", "ECDSA_SHA_384")
    DSS.new(ECC.import_key(public), "fips-186-3", encoding="der").verify(SHA384.new(b"m"), signature)
    public, signature = signed("ECC_NIST_EDWARDS25519", "ED25519_SHA_512")
    eddsa.new(ECC.import_key(public), "rfc8032").verify(b"m", signature)
    public, signature = signed("ECC_SECG_P256K1", "ECDSA_SHA_256")
    load_der_public_key(public).verify(signature, b"m", ec.ECDSA(PLAIN_SHA256()))  # type: ignore[union-attr, call-arg, arg-type] # an ECC key
    key = _made(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    outside = PKCS1_OAEP.new(RSA.import_key(kms.get_public_key(KeyId=key)["PublicKey"]), hashAlgo=SHA256)
    asked = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    expect(kms.decrypt(**asked, CiphertextBlob=outside.encrypt(b"x"))["Plaintext"] == b"x", "RSA does not decrypt")


def _lattices(kms: Any) -> None:
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415 - few tours need it

    key = _made(kms, "ML_DSA_65", "SIGN_VERIFY")
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    public.verify(kms.sign(KeyId=key, Message=b"m", SigningAlgorithm="ML_DSA_SHAKE_256")["Signature"], b"m")
    key = _made(kms, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    agreed, blob = public.encapsulate()
    asked = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": blob}
    expect(kms.decapsulate(**asked)["SharedSecret"] == agreed, "the two sides have different secrets")


def _search(world: World, kms: Any) -> None:
    """A private key that is known here, imported and used: in no file of the server, as far as those can be seen."""
    from Cryptodome.PublicKey import RSA  # noqa: PLC0415 - see _rsa_and_curves

    private = RSA.generate(2048)
    key = kms.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    _bring(kms, key, private.export_key("DER", pkcs=8), algorithm="RSA_AES_KEY_WRAP_SHA_256")
    kms.sign(KeyId=key, Message=b"m", SigningAlgorithm="RSASSA_PSS_SHA_256")
    if world.data is None:
        return
    parts = [number.to_bytes(128) for number in (private.p, private.q)]
    for path in world.data.rglob("*"):
        if path.is_file() and path.stat().st_size < 256 << 20:
            content = path.read_bytes()
            expect(not any(part in content for part in parts), f"a private key stands in clear in {path}")


@scenario("KMS-06")
def keys_are_imported(world: World) -> None:
    kms = world.user("importer", *_IMPORT, *_USE, "kms:GetPublicKey", "kms:Sign", "kms:GenerateMac").client("kms")
    key, material = _external(kms), os.urandom(32)
    state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    expect(state == "PendingImport", f"a key without material is {state}")
    soon = kms.describe_key(KeyId=key)["KeyMetadata"]["CreationDate"].timestamp() + 3 * _DAY  # by the test clock
    _bring(kms, key, material, ValidTo=soon)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key)
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    refused("IncorrectKeyMaterialException", lambda: _bring(kms, key, os.urandom(32)))
    _bring(kms, key, material, ValidTo=soon)
    expect(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "imported again, and yet it does not decrypt")
    _every_algorithm(kms)
    world.advance("4d")
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    _bring(kms, key, material)
    expect(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "expired and imported again: it does not decrypt")


def _every_algorithm(kms: Any) -> None:
    from Cryptodome.PublicKey import ECC, RSA  # noqa: PLC0415 - see _rsa_and_curves

    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        mac = _external(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        _bring(kms, mac, os.urandom(32), algorithm=algorithm)
        kms.generate_mac(KeyId=mac, Message=b"m", MacAlgorithm="HMAC_SHA_256")
    curve = ECC.generate(curve="P-256").export_key(format="DER", use_pkcs8=True)
    pair = RSA.generate(2048).export_key("DER", pkcs=8)
    for algorithm in ("RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"):
        for spec, material, signs in (
            ("ECC_NIST_P256", curve, "ECDSA_SHA_256"),
            ("RSA_2048", pair, "RSASSA_PSS_SHA_256"),
        ):
            key = _external(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
            _bring(kms, key, material, algorithm=algorithm)
            kms.sign(KeyId=key, Message=b"m", SigningAlgorithm=signs)


@scenario("KMS-07")
def aws_managed_keys_rotate_by_themselves(world: World) -> None:
    """As far as no service is needed that uses such a key."""
    kms = world.user("reader", "kms:DescribeKey", "kms:*Rotat*").client("kms")
    before = kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
    expect(before["KeyManager"] == "AWS", f"alias/aws/rds is managed by {before['KeyManager']}")
    refused("AccessDeniedException", kms.disable_key_rotation, KeyId=before["KeyId"])
    world.advance("366d")
    after = kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
    expect(after["KeyId"] == before["KeyId"], "it is another key now")
    expect(after["CurrentKeyMaterialId"] != before["CurrentKeyMaterialId"], "no new material after a year")
    rotations = kms.list_key_rotations(KeyId=before["KeyId"])["Rotations"]
    expect([each["RotationType"] for each in rotations] == ["AUTOMATIC"], f"ListKeyRotations shows {rotations}")


@scenario("KMS-09")
def imported_keys_rotate_by_hand(world: World) -> None:
    actions = ("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", "kms:*Rotat*")
    kms = world.user("byhand", *_IMPORT, *_USE, *actions).client("kms")
    old, new, alias = _external(kms), _external(kms), f"alias/tour-09-{os.urandom(4).hex()}"
    first = os.urandom(32)
    _bring(kms, old, first)
    _bring(kms, new, os.urandom(32))
    kms.create_alias(AliasName=alias, TargetKeyId=old)
    blob = kms.encrypt(KeyId=alias, Plaintext=b"x")["CiphertextBlob"]
    refused("UnsupportedOperationException", kms.enable_key_rotation, KeyId=old)
    world.advance("400d")
    kms.update_alias(AliasName=alias, TargetKeyId=new)
    used = kms.encrypt(KeyId=alias, Plaintext=b"y")["KeyId"]
    expect(used.endswith(new), f"the alias encrypts with {used}")
    expect(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "what the old key encrypted is lost")
    refused("KMSInvalidStateException", kms.rotate_key_on_demand, KeyId=old)
    _bring(kms, old, os.urandom(32), ImportType="NEW_KEY_MATERIAL", **_STAYS)
    kms.rotate_key_on_demand(KeyId=old)
    expect(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "what the first material encrypted is lost")
    kms.delete_alias(AliasName=alias)


def _made(kms: Any, spec: str, usage: str) -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"])


def _external(kms: Any, **members: Any) -> str:
    return str(kms.create_key(Origin="EXTERNAL", **members)["KeyMetadata"]["KeyId"])


def _bring(kms: Any, key: str, material: bytes, *, algorithm: str = "RSAES_OAEP_SHA_256", **members: Any) -> None:
    """Import material, wrapped as a client wraps it."""
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - few tours need it
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    asked = {"KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": "RSA_2048"}
    got = kms.get_parameters_for_import(**asked)
    hashed = SHA1() if algorithm.endswith("SHA_1") else SHA256()  # noqa: S303 - one of AWS's algorithms
    oaep = padding.OAEP(padding.MGF1(hashed), hashed, None)
    public: Any = load_der_public_key(got["PublicKey"])
    if algorithm.startswith("RSAES"):
        wrapped = public.encrypt(material, oaep)
    else:
        aes = os.urandom(32)
        wrapped = public.encrypt(aes, oaep) + aes_key_wrap_with_padding(aes, material)
    told = members or _STAYS
    kms.import_key_material(KeyId=key, ImportToken=got["ImportToken"], EncryptedKeyMaterial=wrapped, **told)
