"""What a chair is told about the change since the last look."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.support import CASES, sample
from workflow_app.documents.difference import Kind, difference, redline

PARTS = (
    "Đầu văn bản",
    "Căn cứ",
    "Câu mở đầu",
    "Phần I. Nội dung thi đua",
    "Phần II. Chỉ tiêu",
    "Phần III. Tổ chức thực hiện",
    "Tài liệu kèm theo",
    "Phụ lục bảng điểm",
    "Phụ lục đăng ký của các đơn vị",
    "Các bên ký",
    "Nơi nhận",
)


@pytest.fixture
def old() -> dict[str, Any]:
    return sample("pledge")


@pytest.fixture
def new(old: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(old)


def _summaries(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.summary for change in difference(old, new).changes]


@pytest.mark.parametrize("name", [name for key, name in CASES if key == "pledge"])
def test_the_same_pledge_has_no_difference(name: str) -> None:
    found = difference(sample("pledge", name), sample("pledge", name))
    assert not found
    assert not set(found.unchanged) - set(PARTS)


def test_a_changed_figure_says_from_what_to_what(old: dict[str, Any], new: dict[str, Any]) -> None:
    old["targets"][2] |= {"text": old["targets"][2]["text"].replace("01", "02"), "condition": ""}
    new["targets"][2] |= {"condition": "nếu có nguồn"}
    found = difference(old, new)
    assert [c.summary for c in found.changes] == [
        "Chỉ tiêu 3: 02 → 01 đoàn viên công đoàn ưu tú; thêm “(nếu có nguồn)”"
    ]
    assert found.unchanged == tuple(part for part in PARTS if part != "Phần II. Chỉ tiêu")


def test_an_added_sentence_is_told_with_its_place(old: dict[str, Any], new: dict[str, Any]) -> None:
    new["organisation"]["clauses"].append({"text": "Báo cáo quý gửi trước ngày 05 tháng sau", "points": []})
    assert _summaries(old, new) == ["Phần III, khoản 4: thêm “Báo cáo quý gửi trước ngày 05 tháng sau”"]


def test_a_removed_target_keeps_its_old_number_and_the_others_are_not_changed(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    del new["targets"][4]
    assert _summaries(old, new) == ["Chỉ tiêu 5: bỏ “Thực hiện kiểm tra tài chính đồng cấp”"]


def test_targets_are_matched_by_their_key_and_not_by_their_place(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    new["targets"].insert(0, {"key": "press", "text": "Mỗi quý có 01 tin, bài", "condition": ""})
    assert _summaries(old, new) == ["Chỉ tiêu 1: thêm “Mỗi quý có 01 tin, bài”"]


def test_a_reworded_basis_is_a_change_and_another_basis_is_not(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    new["legal_bases"][0] = new["legal_bases"][0].replace("An Giang", "An Giang năm 2019")
    new["legal_bases"][1] = "Theo Nghị quyết Đại hội lần thứ X"
    changes = difference(old, new).changes
    assert [change.kind for change in changes] == ["removed", "changed", "added"]
    assert changes[1].summary == "Căn cứ 1: thêm “năm 2019”"


def test_a_new_leader_a_new_signer_and_a_new_date_are_told(old: dict[str, Any], new: dict[str, Any]) -> None:
    new["bloc"]["leader"] = "CĐCS Sở Tư pháp"
    new["letterhead"]["date"] = "2019-03-08"
    new["signers"][5] |= {"full_name": "Lê Thị Hòa", "authority": ["TM. BAN CHẤP HÀNH", "CHỦ TỊCH"]}
    labels = [change.label for change in difference(old, new).changes]
    assert labels == ["Ngày văn bản", "Khối trưởng", "Người ký của CĐCS Sở Lao động - Thương binh và Xã hội"]


def test_a_signature_and_a_mark_of_a_draft_are_no_difference(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    new["signers"][0] |= {"state": "signed", "signed_at": "2019-03-01T16:40:00+07:00"}
    new["letterhead"]["draft_label"] = "DỰ THẢO LẦN 2"
    assert not difference(old, new)


def test_a_number_taken_since_is_told(old: dict[str, Any], new: dict[str, Any]) -> None:
    old["letterhead"]["number"] = ""
    assert _summaries(old, new) == ["Số văn bản: thêm “01”"]


def test_a_criterion_says_its_points_before_and_now(old: dict[str, Any], new: dict[str, Any]) -> None:
    new["score_sheet"]["rows"][2]["points"] = "10"
    assert _summaries(old, new) == ["Bảng điểm, tiêu chí 1.2: 12,5 → 10 điểm"]


def test_another_watcher_is_told(old: dict[str, Any], new: dict[str, Any]) -> None:
    new["organisation"]["monitoring"][0]["monitored"] = "CĐCS Sở Tư pháp"
    [change] = difference(old, new).changes
    assert change.label == "Phần III, giám sát chéo"
    assert change.summary.endswith("Nội → Tư; vụ → pháp")


@pytest.mark.parametrize("key", ["pledge_plan", "pledge_minutes", "pledge_invitation"])
def test_other_documents_are_compared_by_their_parts(key: str) -> None:
    old, new = sample(key), copy.deepcopy(sample(key))
    assert not difference(old, new)
    new["subject"] += " lần 2"
    new["recipients"].append("Lưu trữ tỉnh")
    assert _summaries(old, new)[0] == "Trích yếu: thêm “lần 2”"
    assert _summaries(old, new)[-1].endswith("thêm “Lưu trữ tỉnh”")
    assert "Đầu văn bản" in difference(old, new).unchanged


def test_documents_of_two_kinds_can_be_laid_side_by_side_without_harm() -> None:
    assert difference(sample("pledge_plan"), sample("pledge"))


@given(st.text(), st.text())
def test_a_redline_holds_both_texts_whole(old: str, new: str) -> None:
    segments = redline(old, new)
    assert "".join(s.text for s in segments if s.kind is not Kind.INS) == old
    assert "".join(s.text for s in segments if s.kind is not Kind.DEL) == new
