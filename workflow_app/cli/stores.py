"""Which object store an installation keeps its documents in, and its embedded S3 server."""

import fcntl
import json
from contextlib import ExitStack
from pathlib import Path

from storage import FileStore, ObjectStore, S3Store, SeaweedServer, open_store, seaweed_setup
from workflow_app.cli.refusals import NotReady
from workflow_app.core.settings import Settings

S3_FOLDER = "s3"  # below the data folder
BUCKET = "giao-uoc"


def serving(settings: Settings, stack: ExitStack, *, s3: bool, durable: bool) -> ObjectStore:
    """The store of the settings, else the embedded S3 server where it was chosen once, else files.

    Raises NotReady when documents lie elsewhere already; StorageError.
    """
    if settings.store is None and (s3 or _has_s3(settings)):
        return _embedded(settings, stack, durable=durable)
    store = _configured(settings)
    store.check()
    return store


def visiting(settings: Settings, stack: ExitStack) -> ObjectStore:
    """As `serving`, joining the embedded S3 server when another process runs it."""
    if settings.store is not None or not _has_s3(settings):
        return _configured(settings)
    folder = settings.data_dir / S3_FOLDER
    return _running(folder) or _embedded(settings, stack, durable=True)


def _embedded(settings: Settings, stack: ExitStack, *, durable: bool) -> ObjectStore:
    if not _has_s3(settings) and _holds_files(settings.data_dir / "objects"):
        raise NotReady(
            f"{settings.data_dir} đang lưu văn bản trong thư mục, không chuyển sang S3 được."
            " Bỏ --s3, hoặc chọn thư mục dữ liệu khác."
        )
    server = SeaweedServer(settings.data_dir / S3_FOLDER, durable=durable)
    stack.callback(server.stop)
    store = server.start().store(BUCKET)
    store.check()
    return store


def _running(folder: Path) -> ObjectStore | None:
    """The embedded S3 server that another process runs on this folder."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            ports: list[int] = json.loads((folder / "ports.json").read_text())
            access, secret = seaweed_setup.credentials(folder)
            endpoint = f"{seaweed_setup.LOOPBACK}:{ports[seaweed_setup.S3]}"
            return S3Store(endpoint, BUCKET, access_key=access, secret_key=secret, secure=False)
    return None


def _configured(settings: Settings) -> ObjectStore:
    access, secret = settings.store_access_key, settings.store_secret_key
    return open_store(
        settings.objects,
        access_key=access.get_secret_value() if access else None,
        secret_key=secret.get_secret_value() if secret else None,
    )


def _has_s3(settings: Settings) -> bool:
    return (settings.data_dir / S3_FOLDER / "s3.json").exists()


def _holds_files(folder: Path) -> bool:
    return folder.exists() and next(iter(FileStore(folder).keys()), None) is not None
