"""Every test of this folder breaks something on purpose and takes seconds."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import application, children
from tests.faults.product import Product
from tests.processes.pledges import conftest as pledges
from tests.storage import conftest as storage

# The small worlds of the pledge's own tests, as fixtures of these, too.
february, world, signing = pledges.february, pledges.world, pledges.signing
weed = storage.weed

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL reaches as another user, with a short path: sockets lie in it."""
    path = Path(tempfile.mkdtemp(prefix="giao-uoc-fault-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)  # killed servers may still be leaving it


@pytest.fixture
def store_root(tmp_path: Path) -> Path:
    """A store of its own for each test: papers are reproducible, another test may have made the same one."""
    return tmp_path / "objects"


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A data folder with a federation, ready for its pledge; to be copied, never used."""
    path = Path(tempfile.mkdtemp(prefix="giao-uoc-fault-"))
    path.chmod(0o755)
    children.run(application.make, path, log=path / "make.log")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def data(made: Path, folder: Path) -> Path:
    """A data folder of its own for one test."""
    copied = folder / "data"
    subprocess.run(["cp", "-a", made, copied], check=True)  # with the owner of PostgreSQL's files
    return copied


@pytest.fixture
def product(data: Path) -> Iterator[Product]:
    """The product with its embedded PostgreSQL, not started yet."""
    product = Product(data)
    yield product
    product.end()


@pytest.fixture
def product_on_a_server(data: Path) -> Iterator[Product]:
    """The product on a PostgreSQL that somebody else keeps running."""
    product = Product(data, external=True)
    yield product
    product.end()
