"""The figures of design and README, measured on the running product over HTTP."""

import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.benchmarks.client import Answer, Browser
from tests.benchmarks.report import note, spread
from tests.benchmarks.running import Running, product, resident_mb
from tests.processes.pledges import texts
from tests.processes.pledges.world import PIN
from workflow_app.core import clock
from workflow_app.core.database import reading, transaction
from workflow_app.engine.models import ProcessInstance
from workflow_app.organisations.models.blocs import Bloc
from workflow_app.processes.completion import complete_task
from workflow_app.processes.pledges import service

START = clock.ScriptedClock(datetime(2019, 2, 11, 2, tzinfo=UTC))
AGREE = {"verdict": "agree"}


def open_and_draft(running: Running) -> None:
    """Through the application's own functions, in this process; the server's worker does the rest."""
    officer = running.world.actor("officer")
    with transaction() as session:
        bloc = session.get_one(Bloc, running.world.bloc_id)
        pledge = service.open_pledge(
            session, bloc, 2019, actor=officer, seat=officer.seats[0], at=clock.now()
        )
        running.world.pledge_id = pledge.id
    act(running, "chair1", next(iter(running.wait_for("draft", 1).values())), texts.text())


def act(running: Running, who: str, task: UUID, values: dict[str, object]) -> None:
    complete_task(running.world.actor(who), task, values, op_id=uuid4(), at=clock.now())


def by_number(running: Running, tasks: dict[UUID | None, UUID]) -> list[UUID]:
    return [tasks[unit_id] for unit_id in running.world.unit_ids if unit_id in tasks]


def prepared(
    running: Running, tasks: list[UUID], fields: dict[str, object]
) -> list[tuple[Browser, str, dict[str, object]]]:
    """Everybody has logged in and has the page open; only the button is left."""

    def one(item: tuple[int, UUID]) -> tuple[Browser, str, dict[str, object]]:
        number, task = item
        browser = running.browser(f"chutich{number}")
        return browser, f"/tasks/{task}", {**browser.hidden(f"/tasks/{task}"), **fields}

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, enumerate(tasks, start=1)))


def press(item: tuple[Browser, str, dict[str, object]]) -> Answer:
    browser, path, fields = item
    return browser.post(path, fields)


@pytest.mark.parametrize("units", [5, 14, 50, 200])
def test_the_cost_of_one_step_does_not_depend_on_the_bloc(units: int) -> None:
    with clock.use(START), product(units) as running:
        open_and_draft(running)
        tasks = by_number(running, running.wait_for("comment", units))
        ready = prepared(running, tasks[:24], AGREE)
        press(ready[0])
        postgres = running.cpu_seconds()
        answers = [press(item) for item in ready[1:]]
        spent = (running.cpu_seconds() - postgres) * 1000 / len(answers)
        assert {answer.status for answer in answers} == {303}, answers[0].text[:500]
        sizes = _state_bytes()
        statements = statistics.median(answer.statements for answer in answers)
        commits = statistics.median(answer.commits for answer in answers)
        cpu = spread([answer.cpu_ms for answer in answers])
        note(
            f"human task, {units} units: statements, commits", f"{statements:.0f}, {commits:.0f}", "<= 12, 1"
        )
        note(f"human task, {units} units: server CPU", cpu, "<= 6 ms")
        note(f"human task, {units} units: PostgreSQL CPU, worker's part included", f"{spent:.1f} ms")
        note(
            f"state of one child / of the parent, {units} units",
            f"{sizes[0]} / {sizes[1]} bytes",
            "within 10 %",
        )


def _state_bytes() -> tuple[int, int]:
    child, parent = (ProcessInstance.parent_id.is_not(None), ProcessInstance.parent_id.is_(None))
    with reading() as session:
        size = func.avg(func.octet_length(ProcessInstance.state))
        return tuple(int(session.scalar(select(size).where(which)) or 0) for which in (child, parent))  # type: ignore[return-value]  # two


def test_fourteen_chairs_sign_at_the_same_moment() -> None:
    with clock.use(START), product(14) as running:
        open_and_draft(running)
        for number, task in enumerate(by_number(running, running.wait_for("comment", 14)), start=1):
            act(running, f"chair{number}", task, dict(AGREE))
        _up_to_signing(running)
        tasks = by_number(running, running.wait_for("sign", 14))
        content_id = running.world.pledge().frozen_content_id or ""
        fields = {"result": "signed", "read": "true", "content_id": content_id, "secret": PIN}
        ready = prepared(running, tasks, dict(fields))
        assert press(ready[0]).status == 303, "the leader signs first"
        barrier, answers = threading.Barrier(13), []

        def sign(item: tuple[Browser, str, dict[str, object]]) -> None:
            barrier.wait()
            answers.append(press(item))

        began = time.perf_counter()
        threads = [threading.Thread(target=sign, args=(item,)) for item in ready[1:]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        accepted = sum(answer.status == 303 for answer in answers) + 1
        note(
            "14 chairs sign at the same moment: accepted",
            f"{accepted} of 14 in {seconds:.2f} s",
            "14 of 14, < 0.5 s",
        )
        signing = answers[0]
        note("one signature: statements, commits", f"{signing.statements}, {signing.commits}", "<= 12, 1")


def _up_to_signing(running: Running) -> None:
    def step(who: str, element: str, values: dict[str, object]) -> None:
        act(running, who, next(iter(running.wait_for(element, 1).values())), values)

    step("chair1", "consolidate", {**texts.text(), "decision": "submit"})
    step("standing", "approve", {"verdict": "approve"})
    step("chair1", "invite", texts.invitation())
    running.wait_for("conference", 1)
    with clock.use(clock.ScriptedClock(datetime(2019, 3, 1, 10, tzinfo=UTC))):
        step("chair1", "conference", texts.minutes(running.world.unit_ids))


def test_tasks_per_second_with_four_clients() -> None:
    with clock.use(START), product(200) as running:
        open_and_draft(running)
        tasks = by_number(running, running.wait_for("comment", 200))
        ready = prepared(running, tasks, dict(AGREE))
        time.sleep(2)  # the worker has nothing left to do
        began = time.perf_counter()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(press, ready))
        seconds = time.perf_counter() - began
        accepted = sum(answer.status == 303 for answer in answers)
        note("tasks per second, 4 clients", f"{accepted / seconds:.0f}/s ({accepted} of 200)", ">= 200/s")
        note("memory of the server after it", f"{resident_mb(running.pid):.0f} MB (PSS)")
        assert accepted == 200


def test_documents_per_second() -> None:
    from document_templates import template_files
    from workflow_app.documents.rendering import Template, render

    for files in template_files():
        data = files.docx.read_bytes()
        template = Template(files.key, 1, "0" * 64, data, files.schema())
        sample = next(iter(files.samples().values()))
        at, began, count = datetime(2019, 3, 1, tzinfo=UTC), time.process_time(), 0
        while time.process_time() - began < 1:
            render(template, sample, at=at)
            count += 1
        note(f"documents per second, {files.key}", f"{count}/s of one core")


def test_start_up() -> None:
    import subprocess
    import sys
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="giao-uoc-bench-") as folder:
        Path(folder).chmod(0o755)
        for name in ("first start, empty data folder", "second start"):
            began = time.perf_counter()
            port = 18000 + os.getpid() % 1000
            command = [
                sys.executable,
                "-m",
                "workflow_app",
                "run",
                "--data-dir",
                f"{folder}/d",
                "--port",
                str(port),
            ]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            from tests.benchmarks.running import _wait_until_up

            _wait_until_up(f"http://127.0.0.1:{port}", process)
            note(f"start-up to the first answer: {name}", f"{time.perf_counter() - began:.1f} s")
            process.terminate()
            process.wait(30)
