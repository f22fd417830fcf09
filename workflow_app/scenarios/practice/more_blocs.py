"""Four more blocs of An Giang for the demonstration, so that every step of a pledge has open work.

Everything here is invented: these blocs are in no article.
"""

from workflow_app.organisations.models.blocs import BlocKind
from workflow_app.scenarios.practice.plans import BlocPlan, unions

_FIVE = """
dptth | Đài Phát thanh - Truyền hình | ông Trịnh Quang Hải | bà Ngô Thị Thúy Vy
baoag | Báo An Giang | bà Phùng Thị Xuân Mai | ông Lê Minh Triết
tctdt | Trường Chính trị Tôn Đức Thắng | ông Nguyễn Đức Lập | bà Trần Thị Kim Phụng
cdn | Trường Cao đẳng Nghề | ông Huỳnh Văn Lâm | bà Đoàn Thị Ngọc Hiếu
cdyt | Trường Cao đẳng Y tế | bà Bùi Thị Phương Uyên | ông Võ Trường Giang
"""
_SIX = """
bvdk | Bệnh viện Đa khoa trung tâm | bà Tạ Thị Minh Thư | ông Phan Trọng Nhân
bvsn | Bệnh viện Sản - Nhi | bà Nguyễn Thị Lan Chi | ông Lưu Văn Tường
bvtm | Bệnh viện Tim mạch | ông Đặng Hữu Nghị | bà Lý Thị Mỹ Tiên
ttks | Trung tâm Kiểm soát bệnh tật | ông Hà Quốc Tuấn | bà Mai Thị Thanh Xuân
bvmat | Bệnh viện Mắt - Tai Mũi Họng - Răng Hàm Mặt | bà Chung Thị Ngọc Diệp | ông Tô Văn Phước
"""
_SEVEN = """
dienluc | Công ty Điện lực | ông Lê Thành Trung | bà Vũ Thị Hải Yến
diennuoc | Công ty Cổ phần Điện nước | bà Kiều Thị Thu Sương | ông Trần Đình Khải
xskt | Công ty Xổ số kiến thiết | ông Nguyễn Trí Dũng | bà Hồ Thị Bạch Tuyết
mtdt | Công ty Môi trường Đô thị | ông Cao Minh Tâm | bà Lâm Thị Hoàng Yến
vtdt | Viễn thông | bà Trương Thị Cẩm Nhung | ông Phạm Văn Hiệp
"""
_EIGHT = """
thdkh | Trường THPT chuyên Thoại Ngọc Hầu | bà Đinh Thị Thanh Tâm | ông Nguyễn Văn Ngoan
thlx | Trường THPT Long Xuyên | ông Võ Minh Đăng | bà Lê Thị Tường Vi
thcd | Trường THPT Châu Đốc | bà Huỳnh Thị Mai Trâm | ông Đỗ Thanh Liêm
thtc | Trường THPT Tân Châu | ông Bành Quốc Việt | bà Trần Thị Ái Liên
thcp | Trường THPT Châu Phú | bà Dương Thị Hồng Đào | ông Lê Phước Lộc
"""


def _bloc(code: str, lines: str) -> BlocPlan:
    return BlocPlan(code, f"Khối thi đua {code}", BlocKind.BLOC, f"KTĐ{code}", unions(lines, prefix="CĐCS"))


TO_APPROVE = _bloc("05", _FIVE)
TO_WITNESS = _bloc("06", _SIX)
TO_ISSUE = _bloc("07", _SEVEN)
TO_DRAFT = _bloc("08", _EIGHT)
