"""A real Chromium against the whole application; every test of this folder takes seconds."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import PATIENCE_MS, People, browsing
from tests.e2e.product import Product, running
from tests.e2e.town import Town, found_town
from workflow_app.core.embedded import Addresses

HERE = Path(__file__).parent
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.browser)


# Package scope, not session: Playwright keeps an event loop in the main thread, where other tests start their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *as_root])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def product(
    chromium: Browser,
    bound: sa.Engine,
    addresses: Addresses,
    owner_engine: sa.Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """Asked for after the browser, so that nothing is started where there is none."""
    with running(addresses.app, owner_engine, tmp_path_factory.mktemp("product")) as product:
        yield product


@pytest.fixture
def units() -> int:
    """How many units the bloc of a test has; a test may say otherwise by a parameter."""
    return 2


@pytest.fixture
def town(product: Product, units: int) -> Iterator[Town]:
    """A bloc on Monday 11 February 2019; nothing is open yet."""
    product.forget_visits()
    yield found_town(product, units=units)
    product.clear()


@pytest.fixture
def people(chromium: Browser, product: Product, town: Town) -> Iterator[People]:
    with browsing(chromium, product, town) as people:
        yield people
