#!/usr/bin/env python3
"""The one door to this repository: python3 dev.py demo | run | test | check | bench | fix | setup.

Makes .venv, installs the pinned dependencies, runs the command. Needs Python 3.11+ and nothing else.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
COMMANDS = {
    "demo": [["workflow-app", "demo"]],
    "run": [["workflow-app", "run"]],
    "test": [["pytest", "-m", "not bench", "-n", "2"]],
    "bench": [["pytest", "-m", "bench", "-s", "tests/benchmarks"]],
    "fix": [["ruff", "check", "--fix", "."], ["ruff", "format", "."]],
    "setup": [],
    "check": [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports", "--no-cache"],
        ["workflow-app", "process", "lint"],
        ["workflow-app", "template", "check"],
        ["pytest", "-m", "not slow and not browser and not office and not bench", "-n", "2"],
    ],
}


def main(command: str = "help", *rest: str) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - it may be started by an older one
        sys.exit("Cần Python 3.11 trở lên / Python 3.11 or later is needed.")
    if command not in COMMANDS:
        print(__doc__)
        return 0 if command in {"help", "-h", "--help"} else 2
    setup("run" if command in {"demo", "run"} else "dev")
    for program, *arguments in COMMANDS[command]:
        if code := subprocess.run([BIN / program, *arguments, *rest], cwd=ROOT, check=False).returncode:
            return code
    return 0


def setup(mode: str) -> None:
    """Installs what `constraints/MODE.txt` pins, and this project; a stamp makes the second time instant."""
    wanted = {name: digest(name) for name in (mode, "dev")}  # a development installation can run as well
    if any(stamp(name).exists() and stamp(name).read_text() == value for name, value in wanted.items()):
        return
    if (
        not (BIN / "pip").exists()
        and subprocess.run([sys.executable, "-m", "venv", VENV], check=False).returncode
    ):
        sys.exit("Không tạo được .venv. Trên Debian hoặc Ubuntu: apt-get install python3-venv")
    print("Đang cài đặt, lần đầu mất khoảng một phút …", flush=True)
    pip = [BIN / "pip", "install", "--quiet", "--disable-pip-version-check"]
    for arguments in (
        ["--require-hashes", "-r", ROOT / "constraints" / f"{mode}.txt"],
        ["--no-build-isolation", "--no-deps", "--editable", ROOT],
    ):
        if code := subprocess.run([*pip, *arguments], cwd=ROOT, check=False).returncode:
            sys.exit(code)
    stamp(mode).write_text(wanted[mode])


def stamp(mode: str) -> Path:
    return VENV / f"{mode}.stamp"


def digest(mode: str) -> str:
    frontend = ROOT / "workflow_app" / "web" / "frontend"
    sources = [path for path in frontend.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    files = [
        ROOT / "constraints" / f"{mode}.txt",
        ROOT / "pyproject.toml",
        ROOT / "hatch_build.py",
        *sorted(sources),
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files) + sys.version.encode()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
