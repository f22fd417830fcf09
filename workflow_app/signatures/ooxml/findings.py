"""What a check can find, each with a code that stays and a sentence for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from workflow_app.documents.errors import PackageBroken

# Codes are part of the API: never reworded. Sentences say what was found and, where possible, what to do.
SENTENCES = {
    # The file as a zip
    "container_not_zip": "Tệp không phải là văn bản Word (.docx).",
    "container_encrypted": "Tệp có mật khẩu hoặc bị mã hóa nên không kiểm tra được chữ ký.",
    "container_hidden_data": "Tệp có dữ liệu giấu ngoài văn bản: ở đầu, ở cuối hoặc xen giữa các phần.",
    "container_disagrees": "Cấu trúc tệp tự mâu thuẫn: mục lục và nội dung khai khác nhau.",
    "container_zip64": "Tệp khai kích thước theo kiểu dành cho tệp trên 4 GB, văn bản Word không dùng kiểu này.",
    "container_method": "Tệp được nén theo cách mà Word không dùng.",
    "container_limits": "Tệp lớn quá mức cho phép hoặc là bom nén.",
    # The parts of the package
    "part_name_duplicate": "Tệp có hai phần trùng tên (không kể chữ hoa, chữ thường).",
    "part_name_strange": "Tệp có phần mang tên không hợp lệ.",
    "content_types_broken": "Bảng kê loại nội dung của tệp thiếu, trùng hoặc sai.",
    "xml_dtd": "Tệp có phần XML khai báo DTD, có thể hiện nội dung khác nhau trên các máy.",
    "xml_broken": "Tệp có phần XML bị hỏng.",
    "relationships_broken": "Bảng liên kết giữa các phần của tệp trùng mã hoặc sai cấu trúc.",
    "property_part_strange": "Phần thuộc tính của tệp trỏ tới nội dung không phải thuộc tính.",
    "origin_broken": "Danh sách chữ ký trong tệp sai cấu trúc.",
    "signature_part_stray": "Tệp có phần chữ ký không nằm trong danh sách chữ ký.",
    "signature_copied": "Một chữ ký bị chép lại nhiều lần trong tệp.",
    "no_signature": "Văn bản chưa có chữ ký số nào.",
    # One signature as XML
    "signature_structure": "Chữ ký sai cấu trúc.",
    "id_duplicate": "Chữ ký có hai phần trùng mã (Id).",
    "algorithm_refused": "Chữ ký dùng thuật toán không còn an toàn hoặc không được chấp nhận.",
    "transform_refused": "Chữ ký dùng phép biến đổi không được chấp nhận.",
    "reference_refused": "Chữ ký tham chiếu tới nội dung ngoài phạm vi cho phép.",
    "xades_missing": "Chữ ký thiếu thông tin XAdES: thời điểm ký, chứng thư số của người ký.",
    "object_changed": "Nội dung bên trong chữ ký (thời gian, vai trò, ghi chú) đã bị sửa.",
    "signature_value": "Giá trị chữ ký không đúng: chữ ký bị sửa hoặc không do chứng thư số này tạo ra.",
    # What the signature covers
    "part_changed": "Nội dung văn bản đã bị sửa sau khi ký.",
    "part_missing": "Một phần của văn bản đã bị xóa sau khi ký.",
    "part_type_changed": "Loại nội dung của một phần văn bản đã bị đổi sau khi ký.",
    "relationships_changed": "Liên kết giữa các phần của văn bản đã bị sửa sau khi ký.",
    "part_not_covered": "Văn bản có phần không được chữ ký bảo vệ, có thể đã thêm vào sau khi ký.",
    "relationship_not_covered": "Văn bản có liên kết không được chữ ký bảo vệ, có thể đã thêm vào sau khi ký.",
    # The certificate
    "certificate_missing": "Chữ ký không kèm chứng thư số của người ký.",
    "certificate_broken": "Chứng thư số kèm theo chữ ký không đọc được.",
    "certificate_digest": "Chứng thư số kèm theo không phải là chứng thư số mà người ký đã dùng.",
    "key_weak": "Khóa của chứng thư số quá ngắn hoặc thuộc loại không được chấp nhận.",
    "certificate_usage": "Chứng thư số không được cấp để ký văn bản.",
    "certificate_expired": "Chứng thư số đã hết hạn vào thời điểm ký.",
    "certificate_not_yet_valid": "Chứng thư số chưa có hiệu lực vào thời điểm ký.",
    "chain_untrusted": "Chứng thư số không do tổ chức chứng thực đã được công nhận trong hệ thống cấp.",
    "certificate_revoked": "Chứng thư số đã bị thu hồi.",
    "revocation_unknown": "Chưa kiểm tra được chứng thư số có bị thu hồi hay không.",
    # Time
    "time_in_future": "Thời điểm ký nằm trong tương lai.",
    "time_contradiction": "Thời điểm ký tự khai muộn hơn thời điểm đã được chứng minh.",
    "time_unproved": "Thời điểm ký do người ký tự khai, chưa có dấu thời gian.",
    "timestamp_missing": "Chữ ký thiếu dấu thời gian bắt buộc.",
    "timestamp_broken": "Dấu thời gian của chữ ký bị hỏng.",
    "timestamp_imprint": "Dấu thời gian thuộc về một chữ ký khác.",
    "timestamp_untrusted": "Dấu thời gian không do tổ chức được công nhận trong hệ thống cấp.",
    # Who should have signed
    "signer_missing": "Thiếu chữ ký của người phải ký.",
    "signer_unexpected": "Có chữ ký của người không nằm trong danh sách người ký.",
    "signer_repeated": "Một người ký nhiều lần.",
    # Only when signing
    "relationships_space": "Bảng liên kết của tệp có khoảng trắng, LibreOffice sẽ báo sai chữ ký.",
}

# Told, but the signature holds all the same.
NOTICES = frozenset({"time_unproved", "revocation_unknown"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    code: stable. vi: for people. detail: English, for the log: a part's name, an Id, never a person's data.
    grave: the signature (or the whole file) cannot be accepted.
    """

    code: str
    vi: str
    detail: str = ""
    grave: bool = True

    def made_grave(self) -> "Finding":
        return replace(self, grave=True)


class Broken(Exception):
    """Reading cannot go on; carries the one finding that says why. Never leaves this package."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.finding = finding(code, detail)


def finding(code: str, detail: str = "") -> Finding:
    """Raises KeyError for a code without a sentence."""
    return Finding(code, SENTENCES[code], detail, grave=code not in NOTICES)


@contextmanager
def as_broken(code: str, detail: str = "") -> Iterator[None]:
    """A part that documents.package cannot read becomes this finding."""
    try:
        yield
    except PackageBroken as error:
        raise Broken(code, detail) from error
