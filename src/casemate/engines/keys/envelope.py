"""CMS EnvelopedData for one recipient (RFC 5652; RSAES-OAEP by RFC 8017 and RFC 4055, AES-256-CBC by RFC 3565).

In BER with indefinite lengths, as AWS KMS writes CiphertextForRecipient. The recipient is named by the SHA-256 of its
SubjectPublicKeyInfo.
"""

from __future__ import annotations

import hashlib
import os
from typing import Final

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7

_SEQUENCE, _SET, _OCTETS, _INTEGER, _OID, _NULL = 0x30, 0x31, 0x04, 0x02, 0x06, 0x05
_EXPLICIT_0, _IMPLICIT_0, _EXPLICIT_1 = 0xA0, 0x80, 0xA1
_ENVELOPED: Final = bytes.fromhex("2a864886f70d010703")
_DATA: Final = bytes.fromhex("2a864886f70d010701")
_OAEP: Final = bytes.fromhex("2a864886f70d010107")
_MGF1: Final = bytes.fromhex("2a864886f70d010108")
_SHA256: Final = bytes.fromhex("608648016503040201")
_AES256_CBC: Final = bytes.fromhex("60864801650304012a")
_VERSION: Final = 2
_AES_BYTES: Final = 32
_BLOCK_BYTES: Final = 16


def envelope(plaintext: bytes, recipient: rsa.RSAPublicKey, spki: bytes) -> bytes:
    """The plaintext under a fresh key, and that key under the recipient's."""
    key, iv = os.urandom(_AES_BYTES), os.urandom(_BLOCK_BYTES)
    padder = PKCS7(8 * _BLOCK_BYTES).padder()
    encryptor = Cipher(AES256(key), CBC(iv)).encryptor()
    content = encryptor.update(padder.update(plaintext) + padder.finalize()) + encryptor.finalize()
    wrapped = recipient.encrypt(key, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
    who = _der(
        _SEQUENCE,
        _der(_INTEGER, bytes((_VERSION,)))
        + _der(_IMPLICIT_0, hashlib.sha256(spki).digest())
        + _oaep()
        + _der(_OCTETS, wrapped),
    )
    encrypted = _open(
        _SEQUENCE,
        _der(_OID, _DATA)
        + _der(_SEQUENCE, _der(_OID, _AES256_CBC) + _der(_OCTETS, iv))
        + _open(_EXPLICIT_0, _der(_OCTETS, content)),
    )
    enveloped = _open(_SEQUENCE, _der(_INTEGER, bytes((_VERSION,))) + _der(_SET, who) + encrypted)
    return _open(_SEQUENCE, _der(_OID, _ENVELOPED) + _open(_EXPLICIT_0, enveloped))


def _oaep() -> bytes:
    """AlgorithmIdentifier of RSAES-OAEP with SHA-256 and MGF1 by SHA-256 (RFC 4055, section 4.1)."""
    sha256 = _der(_SEQUENCE, _der(_OID, _SHA256) + _der(_NULL, b""))
    mask = _der(_SEQUENCE, _der(_OID, _MGF1) + sha256)
    parameters = _der(_SEQUENCE, _der(_EXPLICIT_0, sha256) + _der(_EXPLICIT_1, mask))
    return _der(_SEQUENCE, _der(_OID, _OAEP) + parameters)


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _open(tag: int, content: bytes) -> bytes:
    """Of indefinite length."""
    return bytes((tag, 0x80)) + content + b"\0\0"
