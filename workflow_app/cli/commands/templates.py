"""template: the product's Word templates."""

import click

from workflow_app.cli.options import say


@click.group()
def template() -> None:
    """Mẫu văn bản Word: dựng, kiểm tra."""


@template.command()
def build() -> None:
    """Dựng lại mọi mẫu Word từ mã; hai lần cho ra cùng từng byte."""
    from document_templates.build import build_all

    for path in build_all():
        say(str(path))


@template.command()
def check() -> None:
    """Kiểm tra mọi mẫu: cú pháp, dữ liệu mẫu, Open XML; mã thoát 1 khi có mẫu không dùng được."""
    from document_templates import template_files
    from workflow_app.documents.errors import TemplateRefused
    from workflow_app.documents.templates import check_files

    files, bad = template_files(), 0
    for each in files:
        try:
            check_files(each)
        except TemplateRefused as refused:
            bad += 1
            for finding in refused.findings:
                say(f"{each.key}: {finding.part or '-'}: {finding.vi} ({finding.code})")
    if bad:
        raise SystemExit(1)
    say(f"{len(files)} mẫu dùng được.")
