"""Refusals about units, blocs, people and what they may do."""

from workflow_app.core.errors import Conflict, Forbidden, NotFound, Refusal, WrongState


class UnknownRole(Refusal):
    """A role that this scope cannot place: a unit's role in an instance without a unit."""

    code = "unknown_role"
    vi_default = "Hồ sơ này chưa xác định đơn vị cho vai trò được yêu cầu. Hãy báo quản trị hệ thống."


class FourEyes(Forbidden):
    """The author of a dossier never decides on it."""

    code = "four_eyes"
    vi_default = (
        "Ông/bà là người lập hồ sơ này nên không thể tự quyết định. Hãy chuyển cho người khác có thẩm quyền."
    )


class MandateEnded(Forbidden):
    """The term that gave the right is over."""

    code = "mandate_ended"
    vi_default = "Nhiệm kỳ của ông/bà ở chức vụ này đã kết thúc. Người kế nhiệm sẽ làm việc này."


class OutsideDelegation(Forbidden):
    """A delegation exists but does not cover this act."""

    code = "outside_delegation"
    vi_default = "Giấy ủy quyền của ông/bà không bao gồm việc này. Hãy chuyển lại cho người ủy quyền."


class UnitNotThere(NotFound):
    """No such unit on that day: never founded, not yet, or already ended."""

    code = "unit_not_there"
    vi_default = "Không có đơn vị này vào ngày đã chọn."


class UnitEnded(WrongState):
    code = "unit_ended"
    vi_default = "Đơn vị đã kết thúc hoạt động nên không thể thay đổi nữa."


class CodeTaken(Conflict):
    code = "code_taken"
    vi_default = "Mã này đã được dùng. Hãy chọn mã khác."


class AccountExists(CodeTaken):
    """One account for each person."""

    code = "account_exists"
    vi_default = "Người này đã có tài khoản. Mở trang tài khoản của người đó để đặt lại mật khẩu."


class AccountClosed(WrongState):
    code = "account_closed"
    vi_default = "Tài khoản này đang khóa. Hãy mở lại tài khoản trước, rồi làm việc này."


class AccountOpen(WrongState):
    code = "account_open"
    vi_default = "Tài khoản này đang mở nên không cần mở lại."


class OwnAccount(WrongState):
    """Nobody administers his own account: whoever finds a signed-in browser could keep its owner out."""

    code = "own_account"
    vi_default = (
        "Đây là tài khoản của chính ông/bà. Đổi mật khẩu, mã PIN và phiên ở mục Tài khoản của tôi;"
        " việc khác nhờ một quản trị hệ thống khác."
    )


class LastAdministrator(WrongState):
    """Closing it would leave the union without anybody who can open it again."""

    code = "last_administrator"
    vi_default = (
        "Đây là quản trị hệ thống cuối cùng còn đăng nhập được. Hãy giao chức vụ quản trị và mở tài khoản"
        " cho một người khác trước, rồi khóa tài khoản này."
    )


class OfficesElsewhere(Forbidden):
    """The person also serves where this administrator does not."""

    code = "offices_elsewhere"
    vi_default = (
        "Người này còn giữ chức vụ ở đơn vị ngoài phạm vi của ông/bà. Hãy nhờ quản trị của cấp trên chung,"
        " hoặc văn phòng vận hành hệ thống."
    )


class TokensNotForYou(Forbidden):
    code = "tokens_not_for_you"
    vi_default = (
        "Chức vụ của ông/bà chưa được cấp mã truy cập cho chương trình. Quản trị hệ thống quyết định ai được cấp"
        " ở thông số “Ai được tạo mã truy cập”."
    )


class LaterChange(Conflict):
    """History is only added to at its end: a later change already stands."""

    code = "later_change"
    vi_default = "Đã có thay đổi ghi từ một ngày sau ngày hiệu lực này. Hãy chọn ngày hiệu lực muộn hơn."


class CircularTree(WrongState):
    code = "circular_tree"
    vi_default = "Đơn vị không thể trực thuộc chính nó hoặc trực thuộc đơn vị cấp dưới của nó."


class ChildrenRemain(WrongState):
    code = "children_remain"
    vi_default = "Đơn vị còn đơn vị trực thuộc. Hãy chuyển hoặc kết thúc các đơn vị đó trong cùng quyết định."


class ParentNotThere(WrongState):
    code = "parent_not_there"
    vi_default = "Đơn vị cấp trên không còn hoạt động vào ngày hiệu lực."


class OverlappingPeriod(Conflict):
    code = "overlapping_period"
    vi_default = (
        "Khoảng thời gian này trùng với một khoảng đã ghi. Hãy kiểm tra lại ngày bắt đầu và kết thúc."
    )


class BlocYearSet(Conflict):
    code = "bloc_year_set"
    vi_default = "Danh sách đơn vị của khối trong năm này đã có. Hãy dùng mục Kiện toàn khối để thay đổi."


class BlocYearMissing(NotFound):
    code = "bloc_year_missing"
    vi_default = "Khối chưa có danh sách đơn vị cho năm này."


class BlocEnded(WrongState):
    code = "bloc_ended"
    vi_default = "Khối đã kết thúc hoạt động vào ngày này nên không thay đổi được nữa."


class BlocBusy(WrongState):
    """facts: dossiers (titles)."""

    code = "bloc_busy"
    vi_default = "Khối còn hồ sơ đang làm. Hãy hoàn thành hoặc hủy hồ sơ đó trước."


class SymbolTaken(Conflict):
    code = "symbol_taken"
    vi_default = "Ký hiệu này là của một khối khác. Mỗi khối một ký hiệu, vì sổ văn bản mở theo ký hiệu."


class NotYet(WrongState):
    """What is on the papers today cannot change tomorrow's way already."""

    code = "not_yet"
    vi_default = "Ngày hiệu lực chưa đến. Hãy ghi việc này khi quyết định có hiệu lực."


class InAnotherBloc(Conflict):
    code = "in_another_bloc"
    vi_default = "Có đơn vị đã thuộc một khối khác trong cùng năm."


class MemberNotThere(WrongState):
    """facts: units."""

    code = "member_not_there"
    vi_default = "Có đơn vị chưa thành lập, đã kết thúc hoặc không thuộc Liên đoàn vào ngày hiệu lực."


class NotWholeInstallation(Forbidden):
    code = "not_whole_installation"
    vi_default = (
        "Giá trị chung của hệ thống do quản trị ở đơn vị đứng đầu đặt."
        " Hãy chọn đơn vị của mình để có giá trị riêng."
    )


class SettingMissing(NotFound):
    code = "setting_missing"
    vi_default = "Chưa khai báo một thông số cần cho việc này. Hãy báo quản trị hệ thống."


class BegunAlready(NotFound):
    """The page of the first start is not there any more."""

    code = "begun_already"


class SetupCodeWrong(Forbidden):
    code = "setup_code_wrong"
    vi_default = "Mã cài đặt chưa đúng. Chép lại mã hiện trên màn hình của máy chủ khi khởi động."


class SignInRefused(Forbidden):
    """Wrong name, wrong password, closed account: one answer for all."""

    code = "sign_in_refused"
    vi_default = (
        "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra lại, chú ý dấu tiếng Việt và phím Caps Lock."
    )


class TooManyTries(Forbidden):
    """facts: retry_after (whole seconds)."""

    code = "too_many_tries"
    vi_default = "Đã nhập sai nhiều lần. Hãy đợi ít phút rồi thử lại, hoặc gọi văn phòng để được cấp lại."


class PinRefused(Forbidden):
    """Wrong, locked or never set: one answer for all."""

    code = "pin_refused"
    vi_default = (
        "Mã PIN không đúng hoặc đang bị khóa. Sau 5 lần sai mã bị khóa, hãy đặt mã mới trong mục Tài khoản."
    )


class TicketRefused(Forbidden):
    """Used, expired or invented: one answer for all."""

    code = "ticket_refused"
    vi_default = "Liên kết này không còn hiệu lực. Hãy xin liên kết mới."


class SessionEnded(Forbidden):
    code = "session_ended"
    vi_default = "Phiên làm việc đã kết thúc. Hãy đăng nhập lại; nội dung đang soạn được giữ nguyên."


class TokenRefused(Forbidden):
    code = "token_refused"
    vi_default = "Mã truy cập không hợp lệ, đã hết hạn hoặc không có quyền này."
