"""Benchmarks print their table when the run ends; nothing in them passes or fails by a time."""

import pytest

from tests.benchmarks import report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/benchmarks" in item.nodeid:
            item.add_marker(pytest.mark.bench)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if text := report.render():
        terminalreporter.write_line(text)
