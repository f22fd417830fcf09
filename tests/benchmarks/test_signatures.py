"""What signatures inside a .docx cost; processor time of one core, so that other load does not count."""

import time
from collections.abc import Callable

import pytest

from tests.benchmarks.report import note, spread
from tests.signatures.ooxml import pki, support
from workflow_app.signatures import ooxml


def _cpu_ms(act: Callable[[], object], times: int) -> list[float]:
    act()
    measured = []
    for _ in range(times):
        began = time.process_time()
        act()
        measured.append((time.process_time() - began) * 1000)
    return measured


@pytest.mark.parametrize("count", [1, 2, 16])
def test_signing_and_verifying(count: int) -> None:
    holders = support.signers(count)
    signed = support.sign(support.pledge(), *holders)
    sizes = f"{len(support.pledge()) / 1000:.1f} -> {len(signed) / 1000:.1f} kB"
    signing = _cpu_ms(lambda: support.sign(support.pledge(), *holders), 10)
    note(f"sign a pledge, {count} signers, {sizes}", spread(signing))
    demands = support.demands(count)
    note(f"verify a pledge, {count} signers", spread(_cpu_ms(lambda: ooxml.verify(signed, demands), 20)))


def test_the_last_of_sixteen() -> None:
    """What one signer waits for: prepare, complete, insert; the key's own time beside it."""
    signed = support.sign(support.pledge(), *support.signers(15))
    for kind in ("p256", "rsa2048"):
        holder = pki.signer(16, kind)
        note(f"sign as the 16th, {kind}", spread(_cpu_ms(lambda: support.sign(signed, holder, start=16), 20)))  # noqa: B023 - called at once
