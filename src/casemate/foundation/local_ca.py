"""The built-in local CA for the server's own address: made once, its key sealed; a fresh certificate at each start.

What clients trust is `tls/ca.pem` in the data directory (`casemate env` names it).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from casemate.foundation.files import replace_file
from casemate.foundation.seal import Place, Seal

_CA_DAYS: Final = 3650
_LEAF_DAYS: Final = 397
_PLACE: Final = Place("tls.local_ca", "", "", "ca", "key")
_PEM: Final = serialization.Encoding.PEM
_PKCS8: Final = serialization.PrivateFormat.PKCS8
_CLEAR: Final = serialization.NoEncryption()


class _Authority(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_local_certificate(folder: Path, seal: Seal, host: str, now: float) -> None:
    """Write `server.pem` and `server.key` for a host and for loopback, and the CA if there is none."""
    folder.mkdir(mode=0o700, exist_ok=True)
    start = datetime.fromtimestamp(now, UTC) - timedelta(hours=1)
    authority = _authority(folder, seal, start)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder(issuer_name=authority.certificate.subject)
        .subject_name(_name("casemate"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=_LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signing=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    chain = leaf.public_bytes(_PEM) + authority.certificate.public_bytes(_PEM)
    replace_file(folder / "server.pem", chain, mode=0o644)
    replace_file(folder / "server.key", key.private_bytes(_PEM, _PKCS8, _CLEAR))


def _authority(folder: Path, seal: Seal, start: datetime) -> _Authority:
    certificate_file, key_file = folder / "ca.pem", folder / "ca.key.sealed"
    if certificate_file.exists():
        key = serialization.load_der_private_key(seal.open(key_file.read_bytes(), _PLACE), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return _Authority(x509.load_pem_x509_certificate(certificate_file.read_bytes()), key)
    authority = _new_authority(start)
    plain = authority.key.private_bytes(serialization.Encoding.DER, _PKCS8, _CLEAR)
    replace_file(key_file, seal.wrap(plain, _PLACE))
    replace_file(certificate_file, authority.certificate.public_bytes(_PEM), mode=0o644)
    return authority


def _new_authority(start: datetime) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Casemate local CA")
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=_CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signing=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Authority(certificate, key)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signing,
        crl_sign=signing,
        encipher_only=False,
        decipher_only=False,
    )


def _names(host: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName("*.localhost")]
    addresses = {"127.0.0.1", "::1"}
    try:
        addresses.add(str(ip_address(host)))
    except ValueError:
        names.append(x509.DNSName(host))
    return names + [x509.IPAddress(ip_address(address)) for address in sorted(addresses)]
