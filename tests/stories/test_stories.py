"""The stories of two articles, played from the first draft to the issued document."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli import program
from workflow_app.documents import pdf
from workflow_app.documents.content_id import content_id

pytestmark = pytest.mark.slow

KEYS = ["scenario", "ok", "seconds", "steps", "documents", "audit", "checks", "figures"]
Play = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Plays a story in a process of its own; each (name, turn) once for all tests of this module."""
    done: dict[tuple[str, int], dict[str, Any]] = {}

    def once(name: str, turn: int = 1) -> dict[str, Any]:
        if (name, turn) not in done:
            out = tmp_path_factory.mktemp(f"{name}-{turn}")
            ran = program.run("scenario", "run", name, "--no-pdf", "--json", "--out", str(out))
            assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
            summary = json.loads(ran.stdout.splitlines()[-1])
            assert summary == json.loads((out / "summary.json").read_text(encoding="utf-8"))
            done[name, turn] = summary | {"out": out}
        return done[name, turn]

    return once


def test_an_giang_signs_with_fourteen(play: Play) -> None:
    summary = play("angiang-2019")
    assert summary["ok"]
    pledge = next(each for each in summary["documents"] if each["type"] == "GƯ")
    assert pledge["number"] == "01/GƯ-KTĐ04"
    signatures = pledge["signatures"]
    assert len(signatures) == 15
    assert all(signature["valid"] for signature in signatures)
    assert "KT. CHỦ TỊCH" in next(each["office"] for each in signatures if each["signer"] == "Nguyễn Hữu Tài")
    assert signatures[-1]["unit"] == "Liên đoàn Lao động tỉnh An Giang"
    refused = [step for step in summary["steps"] if step["act"] == "pledge.refused"]
    assert [step["unit"] for step in refused] == ["CĐCS Sở Tài chính"]
    assert len([step for step in summary["steps"] if step["act"] == "pledge.signed"]) == 14


def test_soc_trang_signs_with_fifteen_and_says_why_the_sixteenth_did_not(play: Play) -> None:
    summary = play("soctrang-2020")
    pledge = next(each for each in summary["documents"] if each["type"] == "GƯ")
    assert len(pledge["signatures"]) == 16
    assert "Công đoàn Hội Người mù tỉnh" not in {each["unit"] for each in pledge["signatures"]}
    assert "Lâm Thị Thanh Thúy" in {
        each["signer"] for each in pledge["signatures"]
    }  # the chair who came in between
    assert any("TUQ. CHỦ TỊCH" in each["office"] for each in pledge["signatures"])
    assert summary["figures"]["acts"] == len(summary["steps"])


@pytest.mark.parametrize("name", ["angiang-2019", "soctrang-2020"])
def test_the_summary_has_the_keys_that_scripts_read(name: str, play: Play) -> None:
    summary = dict(play(name))
    del summary["out"]
    assert list(summary) == KEYS
    assert {tuple(step) for step in summary["steps"]} == {
        ("act", "actor", "office", "unit", "task", "seconds")
    }
    keys = ("process", "type", "number", "title", "file", "sha256", "content_id", "signatures")
    assert {tuple(document) for document in summary["documents"]} == {keys}
    told = {tuple(each) for document in summary["documents"] for each in document["signatures"]}
    assert told == {("signer", "office", "unit", "method", "at", "valid")}
    assert {tuple(check) for check in summary["checks"]} == {("name", "ok", "detail")}


@pytest.mark.parametrize("name", ["angiang-2019", "soctrang-2020"])
def test_every_file_of_the_export_is_the_one_that_the_summary_tells(name: str, play: Play) -> None:
    summary = play(name)
    for document in summary["documents"]:
        data = (summary["out"] / document["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == document["sha256"]
        assert content_id(data) == document["content_id"]
    events = (summary["out"] / summary["audit"]["file"]).read_bytes().splitlines()
    assert len(events) == summary["audit"]["events"]


def test_played_again_elsewhere_the_same_clock_gives_the_same_bytes(play: Play) -> None:
    first, second = play("angiang-2019", 1), play("angiang-2019", 2)
    texts = [
        [(each["file"], each["content_id"], each["sha256"]) for each in run["documents"]]
        for run in (first, second)
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 5


def test_silence_is_recorded_when_the_time_is_over_not_when_somebody_looks(play: Play) -> None:
    summary = play("angiang-2019")
    lines = (summary["out"] / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line)["body"] for line in lines]
    fired = [event["at"] for event in events if event["action"] == "timer.fired"]
    assert fired[:3] == ["2019-01-21T16:59:59.000000Z"] * 3  # the end of 21 January in Viet Nam
    assert fired[3:] == ["2019-03-08T16:59:59.000000Z"]  # one unit had not signed on the last day


@pytest.mark.office
def test_libreoffice_opens_the_issued_pledge(play: Play) -> None:
    issued = next(each for each in play("angiang-2019")["documents"] if "ban-hanh" in each["file"])
    assert pdf.convert((play("angiang-2019")["out"] / issued["file"]).read_bytes()).startswith(b"%PDF-")


BROKEN = """
import sys
from dataclasses import replace
from pathlib import Path
from workflow_app.cli import playing
from workflow_app.scenarios.catalogue import SCENARIOS
from workflow_app.scenarios.checks import Expected

def play(year, secrets):
    year.open()
    {act}

scenario = replace(SCENARIOS["angiang-2019"], play=play)
summary = playing.play(scenario, playing.Wish(Path(sys.argv[1]), with_pdf=False))
print([check["name"] for check in summary["checks"] if not check["ok"]], summary["ok"])
"""


@pytest.mark.parametrize(
    ("act", "failed"),
    [
        ("year.witness('chutich')", "played_to_the_end"),  # nobody has such a task yet
        ("year.draft({})", "played_to_the_end"),  # an empty form
        ("pass", "pledge_issued"),
    ],
)
def test_a_story_that_does_not_hold_says_so_and_still_tells_what_happened(
    act: str, failed: str, tmp_path: Path
) -> None:
    code = BROKEN.format(act=act)
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=program.ROOT,
        env=program.clean(),
        capture_output=True,
        text=True,
        check=False,
        timeout=program.SECONDS,
    )
    last = ran.stdout.splitlines()[-1]
    assert f"'{failed}'" in last, ran.stdout + ran.stderr
    assert last.endswith("False")
    assert (tmp_path / "summary.json").exists()
    assert (tmp_path / "audit.jsonl").stat().st_size > 0
