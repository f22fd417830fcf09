"""A time-stamp authority for tests: `openssl ts` answers, so that tokens are not made by our own code."""

import itertools
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from tests.signatures.ooxml import pki

OPENSSL = shutil.which("openssl")
_CONFIG = """
[tsa]
default_tsa = test
[test]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/chain.pem
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.1
digests = sha256, sha384, sha512
signer_digest = {digest}
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
"""


class Authority:
    """Answers like an authority; its clock is the machine's."""

    def __init__(
        self, folder: Path, holder: pki.Holder | None = None, *, ess: str = "sha256", digest: str = "sha256"
    ) -> None:
        self.folder = folder
        self.holder = holder or pki.time_authority()
        (folder / "tsa.pem").write_bytes(self.holder.pem())
        (folder / "chain.pem").write_bytes(self.holder.pem() + pki.root().pem())
        (folder / "root.pem").write_bytes(pki.root().pem())
        (folder / "tsa.key").write_bytes(self.holder.key_pem())
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder, ess=ess, digest=digest))
        self._numbers = itertools.count()

    def stamp(self, digest: bytes) -> bytes:
        """A token on this SHA-256, as TimeStamper wants it."""
        query, token = (self.folder / f"{next(self._numbers)}.{end}" for end in ("tsq", "tst"))
        run("ts", "-query", "-digest", digest.hex(), "-sha256", "-cert", "-out", str(query))
        run(
            *("ts", "-reply", "-config", str(self.folder / "tsa.cnf"), "-section", "test"),
            *("-queryfile", str(query), "-token_out", "-out", str(token)),
        )
        return token.read_bytes()

    def answer(self, request: bytes) -> bytes:
        """TimeStampResp to a TimeStampReq; a refusal where openssl does not understand it."""
        query, response = (self.folder / f"{next(self._numbers)}.{end}" for end in ("tsq", "tsr"))
        query.write_bytes(request)
        subprocess.run(
            [
                *(OPENSSL or "openssl", "ts", "-reply", "-config", str(self.folder / "tsa.cnf")),
                *("-section", "test", "-queryfile", str(query), "-out", str(response)),
            ],
            capture_output=True,
            check=False,
        )
        return response.read_bytes()

    def openssl_accepts(self, token: bytes, data: bytes) -> bool:
        """What `openssl ts -verify` says of the token on this data."""
        (self.folder / "token.tst").write_bytes(token)
        (self.folder / "stamped").write_bytes(data)
        said = subprocess.run(
            [
                *(OPENSSL or "openssl", "ts", "-verify", "-data", str(self.folder / "stamped")),
                *("-token_in", "-in", str(self.folder / "token.tst")),
                *("-CAfile", str(self.folder / "root.pem")),
            ],
            capture_output=True,
            check=False,
        )
        return said.returncode == 0 and b"Verification: OK" in said.stdout


def run(*arguments: str) -> None:
    subprocess.run([OPENSSL or "openssl", *arguments], capture_output=True, check=True)


def today() -> datetime:
    """Tokens of openssl carry the machine's time; tests with them count in it too."""
    return datetime.now(UTC)


def without_purpose() -> pki.Holder:
    """By the right root, but not for time stamps alone."""
    return pki.issue("Không phải TSA", pki.key("rsa2048", -3), pki.root())


def stranger() -> pki.Holder:
    """A right time-stamp authority that we do not know."""
    return pki.issue(
        "TSA lạ", pki.key("rsa2048", -4), pki.root("Lạ"), uses=("digital_signature",), only_stamps=True
    )


def certificates_of(holders: list[pki.Holder]) -> tuple[x509.Certificate, ...]:
    return tuple(holder.certificate for holder in holders)
