"""A pledge to sign, signers to sign it, and demands to check it by."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.documents.support import AT, sample, template
from tests.signatures.ooxml import pki
from workflow_app.documents.rendering import render
from workflow_app.signatures import ooxml
from workflow_app.signatures.ooxml import Demands, Expected, Round, SignerFacts, fingerprint

OPENED = datetime(2019, 3, 1, 7, tzinfo=UTC)
NOW = datetime(2019, 3, 2, tzinfo=UTC)
ROUND = Round(OPENED, "Ký Giao ước thi đua năm 2019 & cam kết <thực hiện>")


@cache
def pledge() -> bytes:
    """The product's own document, as it is frozen."""
    return render(template("pledge"), sample("pledge"), at=AT).data


def facts(number: int, **changes: Any) -> SignerFacts:
    made = SignerFacts(
        OPENED + timedelta(minutes=number),
        role=f"Chủ tịch Công đoàn cơ sở số {number}",
        place="An Giang",
        reference=f"op-{number}",
    )
    return replace(made, **changes)


def sign(data: bytes, *holders: pki.Holder, start: int = 1, **options: Any) -> bytes:
    """In a round, one after another."""
    for number, holder in enumerate(holders, start=start):
        data = ooxml.sign(
            data,
            facts(number),
            ROUND,
            holder.certificate,
            holder.sign_hash,
            chain=[pki.authority().certificate],
            **options,
        )
    return data


def signers(count: int) -> list[pki.Holder]:
    """Every third one has an RSA key."""
    return [pki.signer(n, "rsa2048" if n % 3 == 0 else "p256") for n in range(1, count + 1)]


@cache
def signed(count: int) -> bytes:
    return sign(pledge(), *signers(count))


def expected(holders: Iterable[pki.Holder]) -> tuple[Expected, ...]:
    return tuple(
        Expected(f"signer-{n}", frozenset({fingerprint(holder.certificate)}))
        for n, holder in enumerate(holders, start=1)
    )


def demands(count: int | None = None, **changes: Any) -> Demands:
    """count: so many of signers() have to have signed; None asks nobody."""
    made = Demands(pki.trust(), NOW, expected(signers(count)) if count is not None else None)
    return replace(made, **changes)
