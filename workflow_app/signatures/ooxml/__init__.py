"""Signatures inside a .docx: made, put in, checked. A pure library: bytes in, bytes out, no database, no network.

    prepare -> (the key signs prepared.digest, wherever it is) -> complete -> insert        signing.py, inserting.py
    verify                                                                                  verifying.py

To review it, read in this order: findings (what can be found), container, contents (the package), reading (the
form of a signature), coverage (digests), certificates, timestamps, verifying; then facts, building, signing,
inserting. names and xml are shared.
"""

from workflow_app.signatures.ooxml.algorithms import SignHash, with_key
from workflow_app.signatures.ooxml.certificates import Trust, fingerprint
from workflow_app.signatures.ooxml.errors import (
    LinesFull,
    LineUnknown,
    NotSignable,
    OtherDocument,
    SignatureRefused,
)
from workflow_app.signatures.ooxml.facts import Round, Said, SignatureLine, SignerFacts
from workflow_app.signatures.ooxml.findings import Finding
from workflow_app.signatures.ooxml.inserting import insert
from workflow_app.signatures.ooxml.lines import Line, line_run, lines_of, setup_id
from workflow_app.signatures.ooxml.signing import Prepared, TimeStamper, complete, prepare, sign
from workflow_app.signatures.ooxml.verifying import Demands, Expected, Report, SignatureReport, verify

__all__ = [
    "Demands",
    "Expected",
    "Finding",
    "Line",
    "LineUnknown",
    "LinesFull",
    "NotSignable",
    "OtherDocument",
    "Prepared",
    "Report",
    "Round",
    "Said",
    "SignHash",
    "SignatureLine",
    "SignatureRefused",
    "SignatureReport",
    "SignerFacts",
    "TimeStamper",
    "Trust",
    "complete",
    "fingerprint",
    "insert",
    "line_run",
    "lines_of",
    "prepare",
    "setup_id",
    "sign",
    "verify",
    "with_key",
]
