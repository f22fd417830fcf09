"""The built style sheet, scripts and icons: how they are made, how big they are, how they are delivered."""

import gzip
import json
import re
import shutil
from itertools import product
from pathlib import Path

import pytest
from flask import Flask

import hatch_build
from workflow_app.web import assets

WEB = Path(assets.__file__).parent
TEMPLATES = sorted(Path(hatch_build.ROOT, "workflow_app").rglob("templates/**/*.html"))
THEMES = ("light", "dark")
# Pairs of tokens with the contrast that WCAG 2.2 asks of them: 4.5 for text, 3 for the edge of a control.
TEXT = [
    ("ink", "paper"), ("ink", "sheet"), ("ink-2", "paper"), ("ink-2", "sheet"), ("ink-2", "sunk"), ("ink-2", "primary-tint"),
    ("primary", "paper"), ("primary", "sheet"), ("primary", "primary-tint"), ("primary", "sunk"), ("on-fill", "fill"),
    ("on-fill", "fill-strong"), ("seal", "paper"), ("seal", "sheet"), ("seal", "seal-tint"), ("on-fill", "seal-fill"),
    ("gold", "gold-tint"), ("done", "done-tint"), ("done", "sheet"), ("soon", "soon-tint"), ("soon", "paper"),
    ("ink", "gold-tint"), ("ink", "soon-tint"), ("ink", "seal-tint"), ("doc-ink", "doc"), ("doc-ink", "doc-mark"), ("signature", "sheet"),
]  # fmt: skip
EDGES = [("edge", "paper"), ("edge", "sheet"), ("edge", "sunk"), ("fill", "paper"), ("gold-line", "sunk")]


@pytest.fixture(scope="module", autouse=True)
def built() -> assets.Assets:
    hatch_build.build_assets()
    return assets.Assets()


@pytest.fixture
def app() -> Flask:
    app = Flask("assets-test", static_folder=None)
    assets.register(app)
    return app


@pytest.fixture
def small_source(tmp_path: Path) -> Path:
    """A front end of no packages whose build writes one file."""
    source = tmp_path / "frontend"
    source.mkdir()
    (source / "package.json").write_text('{"name": "x", "version": "1.0.0", "type": "module"}')
    lock = {
        "name": "x",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "packages": {"": {"name": "x", "version": "1.0.0"}},
    }
    (source / "package-lock.json").write_text(json.dumps(lock))
    (source / "node_modules").mkdir()
    (source / "build.mjs").write_text(
        "import {mkdirSync, writeFileSync} from 'node:fs'; const out = process.argv[2]; mkdirSync(out, {recursive: true});"
        "writeFileSync(out + '/a-1.css', 'a{}'); writeFileSync(out + '/manifest.json', '{\"a.css\": \"a-1.css\"}');"
    )
    return source


def test_a_second_build_does_nothing() -> None:
    assert hatch_build.build_assets() is False


def test_a_changed_source_or_a_lost_file_builds_again(small_source: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    assert hatch_build.build_assets(small_source, dist) is True
    assert hatch_build.build_assets(small_source, dist) is False
    (dist / "a-1.css").unlink()
    assert hatch_build.build_assets(small_source, dist) is True
    (small_source / "new.css").write_text("b{}")
    assert hatch_build.build_assets(small_source, dist) is True


def test_a_failed_build_says_why_and_leaves_the_old_files(small_source: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    hatch_build.build_assets(small_source, dist)
    (small_source / "build.mjs").write_text("throw new Error('no such colour');")
    with pytest.raises(
        hatch_build.AssetBuildFailed, match=r"(?s)esbuild failed.*no such colour.*WORKFLOW_APP_SKIP_ASSETS=1"
    ):
        hatch_build.build_assets(small_source, dist)
    assert (dist / "a-1.css").read_text() == "a{}"


def test_a_build_can_be_skipped(small_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_APP_SKIP_ASSETS", "1")
    assert hatch_build.build_assets(small_source, tmp_path / "dist") is False
    assert not (tmp_path / "dist").exists()


def test_a_renamed_source_is_another_source(small_source: Path) -> None:
    (small_source / "a.css").write_text("x{}")
    before = hatch_build.source_hash(small_source)
    shutil.move(small_source / "a.css", small_source / "b.css")
    assert hatch_build.source_hash(small_source) != before


def test_the_lock_pins_every_package_by_hash_and_names_no_address() -> None:
    lock = json.loads((hatch_build.FRONTEND / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 10
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def _size_kb(built: assets.Assets, *names: str) -> float:
    return (
        sum(len(gzip.compress((built.folder / built.manifest()[name]).read_bytes(), 9)) for name in names)
        / 1000
    )


def test_a_page_stays_within_its_budget(built: assets.Assets) -> None:
    """90 kB with gzip, 150 with the diagram; 15 are left for the page itself."""
    page = _size_kb(built, "app.css", "app.js", "icons.svg")
    assert page + 15 <= 90
    assert page + 15 + _size_kb(built, "diagram.css", "diagram.js") <= 150


def test_only_vietnamese_and_latin_letters_are_shipped(built: assets.Assets) -> None:
    fonts = [name for name in built.manifest() if name.endswith(".woff2")]
    expected = product(("vietnamese", "latin"), (400, 500, 600, 700))
    assert sorted(fonts) == sorted(
        f"be-vietnam-pro-{subset}-{weight}-normal.woff2" for subset, weight in expected
    )
    css = _css(built, "app.css")
    assert css.count("font-display:swap") == css.count("@font-face") == 8


def _css(built: assets.Assets, name: str) -> str:
    return (built.folder / built.manifest()[name]).read_text("utf-8")


@pytest.mark.parametrize("name", ["app.css", "diagram.css"])
def test_style_sheets_load_nothing_inline_or_from_elsewhere(built: assets.Assets, name: str) -> None:
    css = _css(built, name)
    sources = re.findall(r"url\(\s*[\"']?([^\"')]*)", css)
    foreign = [source[:60] for source in sources if re.match(r"(data:|https?:|//)", source)]
    assert foreign == []
    files = {source.removeprefix("./") for source in sources}
    assert files <= set(built.manifest().values())


def test_every_dark_rule_also_follows_the_system(built: assets.Assets) -> None:
    css = _css(built, "app.css")
    dark = re.findall(r"([^{}]*\[data-bs-theme=dark\][^{}]*)\{([^}]*)\}", css)
    assert len(dark) > 5
    for selector, body in dark:
        assert f"{selector.replace('[data-bs-theme=dark]', '[data-bs-theme=auto]')}{{{body}}}" in css
    assert css.count("@media screen{[data-bs-theme=dark]") > 0  # paper is always light


def test_every_class_of_a_template_is_in_a_style_sheet(built: assets.Assets) -> None:
    """Parts of Bootstrap are left out (css-steps.mjs): a class from there would silently do nothing."""
    css = _css(built, "app.css") + _css(built, "diagram.css")
    known = set(re.findall(r"\.(-?[_a-zA-Z][\w-]*)", css)) | {"is-line", "btn-line"}
    unknown = {
        (cls, file.name)
        for file in TEMPLATES
        for cls in _classes(file.read_text("utf-8"))
        if cls not in known
    }
    assert unknown == set(), (
        "not in the style sheet: use another class, or keep that part of Bootstrap in css-steps.mjs"
    )


def _classes(template: str) -> set[str]:
    """Class names written out in a template; those that an expression completes are left out."""
    found: set[str] = set()
    for value in re.findall(r'\bclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', template, re.DOTALL):
        plain = re.sub(
            r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "\0", value, flags=re.DOTALL), flags=re.DOTALL
        )
        found |= {word for word in plain.split() if "\0" not in word}
    return found


def test_templates_hold_no_inline_style_script_or_handler() -> None:
    inline = re.compile(
        r"""<style|\sstyle=|<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son[a-z]+=|javascript:""",
        re.IGNORECASE,
    )
    found = [
        (file.name, hit.group()) for file in TEMPLATES for hit in inline.finditer(file.read_text("utf-8"))
    ]
    assert found == []


def test_every_icon_of_a_template_is_in_the_sprite() -> None:
    sprite = (hatch_build.FRONTEND / "icons" / "icons.svg").read_text("utf-8")
    drawn = set(re.findall(r'<symbol id="i-([\w-]+)"', sprite))
    used = {
        name
        for file in TEMPLATES
        for name in re.findall(r"""\bicon\(["']([\w-]+)["']""", file.read_text("utf-8"))
    }
    assert len(used) > 10
    assert used - drawn == set()


def _tokens(theme: str) -> dict[str, str]:
    css = (hatch_build.FRONTEND / "css" / "tokens.css").read_text("utf-8")
    blocks = dict(re.findall(r'\[data-bs-theme="(light|dark)"\] \{(.*?)\n\}', css, re.DOTALL))
    light = dict(re.findall(r"--gu-([\w-]+): (#\w{6})", blocks["light"]))
    return light if theme == "light" else light | dict(re.findall(r"--gu-([\w-]+): (#\w{6})", blocks["dark"]))


def _luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES)
def test_colours_have_the_contrast_that_readers_need(theme: str) -> None:
    tokens = _tokens(theme)
    for pairs, needed in ((TEXT, 4.5), (EDGES, 3.0)):
        for front, ground in pairs:
            high, low = sorted((_luminance(tokens[front]), _luminance(tokens[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= needed, f"{front} on {ground} ({theme})"


def test_an_address_carries_the_hash_of_the_content(built: assets.Assets) -> None:
    assert re.fullmatch(r"/static/dist/app-[0-9a-f]{10}\.css", built.url("app.css"))


def test_a_name_that_was_not_built_is_refused(built: assets.Assets) -> None:
    with pytest.raises(assets.AssetsMissing, match=r"app\.scss .*python hatch_build\.py"):
        built.url("app.scss")


def test_missing_files_say_how_to_build_them(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsMissing, match=r"python hatch_build\.py"):
        assets.Assets(tmp_path).url("app.css")


def test_a_new_build_is_seen_without_a_restart(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text('{"app.css": "app-1.css"}')
    files = assets.Assets(tmp_path)
    assert files.url("app.css").endswith("app-1.css")
    manifest.unlink()
    manifest.write_text('{"app.css": "app-2.css"}')
    assert files.url("app.css").endswith("app-2.css")


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", None), ("br;q=0, gzip", "gzip"), ("identity", None)],
)
def test_files_are_sent_as_the_browser_takes_them(
    app: Flask, built: assets.Assets, accepts: str, encoding: str | None
) -> None:
    answer = app.test_client().get(built.url("app.js"), headers={"Accept-Encoding": accepts})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Encoding" in answer.headers["Vary"]
    if encoding == "gzip":
        assert gzip.decompress(answer.data) == (built.folder / built.manifest()["app.js"]).read_bytes()


@pytest.mark.parametrize(
    "name", ["manifest.json", ".stamp", "app-0000000000.css", "..%2Fassets.py", "third-party-licenses.txt.gz"]
)
def test_only_built_files_are_sent(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/static/dist/{name}").status_code == 404


def test_licences_of_what_is_shipped_lie_beside_it(built: assets.Assets) -> None:
    text = (built.folder / "third-party-licenses.txt").read_text("utf-8")
    for name in ("bootstrap 5.3", "bpmn-js 18", "htmx.org 2.0", "@fontsource/be-vietnam-pro 5"):
        assert name in text
    assert "MUST NOT be removed or changed" in re.sub(r"\s+", " ", text)  # the bpmn.io mark
