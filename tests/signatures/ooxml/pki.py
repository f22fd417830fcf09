"""A small house of certificates: an authority, signers with RSA and EC keys, an authority of time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workflow_app.signatures.ooxml import SignHash, Trust, with_key

FROM = datetime(2018, 1, 1, tzinfo=UTC)
UNTIL = datetime(2040, 1, 1, tzinfo=UTC)
_USES = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Holder:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def sign_hash(self) -> SignHash:
        return with_key(self.key)

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@cache
def key(kind: str, number: int = 0) -> Key:
    """Made once in a run: an RSA key takes a while."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or 2048))
    return ec.generate_private_key(
        {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}[kind]
    )


def issue(
    name: str,
    holder_key: Key,
    issuer: Holder | None,
    *,
    ca: bool = False,
    uses: tuple[str, ...] = ("digital_signature", "content_commitment"),
    since: datetime = FROM,
    until: datetime = UNTIL,
    only_stamps: bool = False,
) -> Holder:
    """issuer None: signed by itself."""
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = issuer or Holder(None, holder_key)  # type: ignore[arg-type]  # only its key is used below
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer.certificate.subject if issuer else own)
        .public_key(holder_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in uses for use in _USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(holder_key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False
        )
    )
    if only_stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return Holder(builder.sign(by.key, hashes.SHA256()), holder_key)


@cache
def root(name: str = "Giao Ước Root") -> Holder:
    return issue(name, key("p384", hash(name)), None, ca=True, uses=("key_cert_sign", "crl_sign"))


@cache
def authority() -> Holder:
    """Between the root and the signers."""
    return issue("Giao Ước CA", key("p256", -1), root(), ca=True, uses=("key_cert_sign", "crl_sign"))


def signer(number: int, kind: str = "p256") -> Holder:
    return _signer(number, kind)


@cache
def _signer(number: int, kind: str) -> Holder:
    return issue(f"Chủ tịch {number}", key(kind, number), authority())


@cache
def time_authority() -> Holder:
    return issue("Giao Ước TSA", key("rsa2048", -2), root(), uses=("digital_signature",), only_stamps=True)


def trust(*, crls: tuple[x509.CertificateRevocationList, ...] = ()) -> Trust:
    return Trust((root().certificate,), (authority().certificate,), crls, (root().certificate,))


def crl(
    by: Holder,
    *revoked: tuple[Holder, datetime],
    at: datetime,
    until: datetime | None = None,
    point: x509.IssuingDistributionPoint | None = None,
) -> x509.CertificateRevocationList:
    """A whole list, valid for a month."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(at)
        .next_update(until or at + timedelta(days=30))
    )
    if point is not None:
        builder = builder.add_extension(point, critical=True)
    for holder, when in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(holder.certificate.serial_number)
            .revocation_date(when)
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(by.key, hashes.SHA256())
