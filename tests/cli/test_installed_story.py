"""The commands that look at an installation, on one with a whole story in it."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.cli import program
from tests.cli.conftest import Played

pytestmark = pytest.mark.slow


def test_a_healthy_installation_passes_every_look(played: Played) -> None:
    examined = program.run("doctor", "--json", "--data-dir", str(played.data))
    findings = {each["code"]: each for each in json.loads(examined.stdout)["findings"]}
    assert examined.returncode == 0, examined.stdout
    assert {f"I{number}" for number in (3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15)} <= findings.keys()
    assert not [each for each in findings.values() if each["level"] == "fault"]


def test_a_document_that_is_gone_is_found_by_doctor(played: Played) -> None:
    document = next(each for each in played.summary["documents"] if each["type"] == "GƯ")
    stored = next((played.data / "objects").rglob(f"{document['sha256']}.docx"))
    aside = stored.with_suffix(".aside")
    shutil.move(stored, aside)
    try:
        examined = program.run("doctor", "--data-dir", str(played.data))
    finally:
        shutil.move(aside, stored)
    assert examined.returncode == 1
    assert "✗ Tệp văn bản còn nguyên trong kho" in examined.stdout
    assert "ObjectMissing" in examined.stdout


def test_the_issued_pledge_is_recognised_with_all_who_signed_it(played: Played) -> None:
    for file in (played.file("GƯ"), played.file("GƯ").with_name("01-gu-ktd04-ban-hanh.docx")):
        verified = program.run("document", "verify", str(file), "--data-dir", str(played.data))
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert "số 01/GƯ-KTĐ04: đã ban hành, còn hiệu lực" in verified.stdout
        assert verified.stdout.count("✓") == 15
        assert "Chưa kiểm" in verified.stdout


def test_a_changed_letter_is_not_recognised(played: Played, tmp_path: Path) -> None:
    changed = tmp_path / "changed.docx"
    with zipfile.ZipFile(played.file("GƯ")) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry, data.replace("ít nhất 01".encode(), "ít nhất 02".encode()))
    verified = program.run("document", "verify", str(changed), "--data-dir", str(played.data))
    assert verified.returncode == 1
    assert "KHÔNG CÓ văn bản nào" in verified.stdout


def test_the_same_text_packed_anew_is_recognised(played: Played, tmp_path: Path) -> None:
    packed = tmp_path / "packed.docx"
    with zipfile.ZipFile(played.file("GƯ")) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as new:
        for entry in reversed(old.infolist()):
            new.writestr(entry.filename, old.read(entry))
    verified = program.run("document", "verify", str(packed), "--summary", str(played.out / "summary.json"))
    assert verified.returncode == 0
    assert verified.stdout.count("✓") == 15


def test_the_record_is_verified_in_place_and_as_an_export(played: Played, tmp_path: Path) -> None:
    assert program.run("audit", "verify", "--data-dir", str(played.data)).returncode == 0
    file = tmp_path / "audit.jsonl"
    exported = program.run("audit", "export", "--out", str(file), "--data-dir", str(played.data))
    assert exported.returncode == 0
    assert b'"audit.exported"' in file.read_bytes()
    assert program.run("audit", "verify", str(file)).returncode == 0
    lines = file.read_bytes().splitlines(keepends=True)
    lines[20] = lines[20].replace(b'"remarks":0', b'"remarks":9').replace(b"2019-01", b"2019-02")
    file.write_bytes(b"".join(lines))
    found = program.run("audit", "verify", str(file))
    assert found.returncode == 1
    assert "dòng 21: Nội dung không khớp mã băm" in found.stdout


def test_a_process_is_shown_by_its_number(played: Played) -> None:
    lines = (played.out / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    started = next(event for event in map(json.loads, lines) if event["body"]["action"] == "instance.started")
    shown = program.run("process", "show", started["body"]["instance_id"], "--data-dir", str(played.data))
    assert shown.returncode == 0
    assert "Giao ước thi đua năm 2019 – Khối thi đua 04: pledge, completed" in shown.stdout


def test_a_story_is_not_played_into_somebodys_data(played: Played, tmp_path: Path) -> None:
    stopped = program.run(
        "scenario", "run", "angiang-2019", "--out", str(tmp_path), "--data-dir", str(played.data)
    )
    assert stopped.returncode == 2
    assert "Chọn một thư mục trống" in stopped.stderr


def test_demo_never_takes_somebodys_data(played: Played) -> None:
    for more in ([], ["--reset"]):
        stopped = program.run("demo", *more, "--data-dir", str(played.data))
        assert stopped.returncode == 2
        assert "dữ liệu thật" in stopped.stderr
    assert (played.data / "postgres" / "pg" / "PG_VERSION").exists()


def test_the_command_line_changes_a_password_and_a_pin(played: Played) -> None:
    data = str(played.data)
    words = "con tau cap ben som mai\n" * 2
    assert program.run("user", "password", "chutich.sotp", "--data-dir", data, given=words).returncode == 0
    assert (
        program.run("user", "pin", "chutich.sotp", "--data-dir", data, given="730184\n730184\n").returncode
        == 0
    )
    weak = program.run("user", "pin", "chutich.sotp", "--data-dir", data, given="123456\n123456\n")
    assert weak.returncode == 2
    assert "dễ đoán" in weak.stderr
    unknown = program.run("user", "pin", "nobody", "--data-dir", data, given="730184\n730184\n")
    assert unknown.returncode == 2
    assert "Không có tài khoản nobody" in unknown.stderr
