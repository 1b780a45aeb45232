"""TLS for the server's own address: a certificate of the built-in local CA, or the user's own."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from casemate.foundation.errors import UsageError
from casemate.foundation.node import Node, write_whole
from casemate.foundation.seal import Place, Seal
from casemate.foundation.settings import Settings

_CA_DAYS: Final = 3650
_LEAF_DAYS: Final = 397
_PLACE: Final = Place("tls.local_ca", "", "", "ca", "key")


def server_context(node: Node, settings: Settings) -> ssl.SSLContext | None:
    """The context that workers serve with; None for plain HTTP. Raises UsageError for files that can't be used."""
    if settings.tls_cert:
        chain, key = Path(settings.tls_cert), Path(settings.tls_key)
    elif settings.tls:
        chain, key = node.tls / "server.pem", node.tls / "server.key"
    else:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(chain, key)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"the certificate {chain} with the key {key} can't be used: {error}") from None
    return context


def make_local_certificate(node: Node, seal: Seal, settings: Settings, now: float) -> None:
    """The local CA, made once, and a certificate of it for this address, made anew at each start.

    The CA's private key lies sealed; what clients trust is `tls/ca.pem`.
    """
    from cryptography import x509  # noqa: PLC0415 - loaded only where TLS is asked for
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    folder = node.tls
    folder.mkdir(mode=0o700, exist_ok=True)
    start = datetime.fromtimestamp(now, UTC) - timedelta(hours=1)
    if (folder / "ca.pem").exists():
        authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        authority_key = serialization.load_der_private_key(
            seal.open((folder / "ca.key.sealed").read_bytes(), _PLACE), password=None
        )
        assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    else:
        authority_key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Casemate local CA")])
        authority = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(authority_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=_CA_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(x509, signing=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        plain = authority_key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_whole(folder / "ca.key.sealed", seal.wrap(plain, _PLACE))
        write_whole(folder / "ca.pem", authority.public_bytes(serialization.Encoding.PEM), mode=0o644)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "casemate")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=_LEAF_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(x509, signing=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(x509, settings)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    write_whole(folder / "server.pem", leaf.public_bytes(pem) + authority.public_bytes(pem), mode=0o644)
    write_whole(
        folder / "server.key",
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _usage(x509: object, *, signing: bool) -> object:
    return x509.KeyUsage(  # type: ignore[attr-defined]
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


def _names(x509: object, settings: Settings) -> list[object]:
    names: list[object] = [
        x509.DNSName("localhost"),  # type: ignore[attr-defined]
        x509.DNSName("*.localhost"),  # type: ignore[attr-defined]
    ]
    addresses = {"127.0.0.1", "::1"}
    host = settings.address[0]
    try:
        addresses.add(str(ip_address(host)))
    except ValueError:
        names.append(x509.DNSName(host))  # type: ignore[attr-defined]
    return names + [x509.IPAddress(ip_address(address)) for address in sorted(addresses)]  # type: ignore[attr-defined]
