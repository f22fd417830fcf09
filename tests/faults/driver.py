"""A pledge from the opening of the year to the issued document over HTTP, by a sender that never gives up.

Every act is in the ledger before it is sent; what was not answered is sent again under the same op_id.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from tests.faults import children
from tests.faults.application import MovedClock
from tests.faults.ledger import Ledger
from tests.faults.product import PATIENCE, Answer, NoAnswer, Product
from tests.processes.pledges import texts

CONFERENCE_OVER = datetime(2019, 3, 1, 10, tzinfo=UTC)  # 17:00 in Viet Nam
POLL = 0.1  # seconds

Before = Callable[[int], None]


class Driver:
    """before: called with the number of the act about to be sent for the first time; sets the trap."""

    def __init__(self, product: Product, ledger: Ledger, *, before: Before = lambda number: None) -> None:
        self.product = product
        self.ledger = ledger
        self.repeated = 0  # answers that said: done before
        self._before = before
        self._number = 0

    def play(self, units: int) -> UUID:
        """The whole story; returns the pledge."""
        pledge_id = self.go_to_approval(units)
        chairs = [f"chair{number}" for number in range(1, units + 1)]
        self._complete("standing", "pledge_approve", {"verdict": "approve"})
        self._complete("chair1", "pledge_invite", texts.invitation())
        MovedClock(self.product.folder).set(CONFERENCE_OVER)
        present = [UUID(unit_id) for unit_id in self.product.world["unit_ids"]]
        self._complete("chair1", "pledge_minutes", texts.minutes(present))
        for chair in chairs:
            self._complete(chair, "pledge_sign", lambda: texts.signature(self._content_id(pledge_id)))
        self._complete("standing", "pledge_witness", lambda: texts.witness(self._content_id(pledge_id)))
        self._complete("clerk", "pledge_issue", {"recipients": "Ban Tuyên giáo"})
        return pledge_id

    def go_to_approval(self, units: int) -> UUID:
        """Up to the text that the federation is asked to approve; returns the pledge."""
        pledge_id = self._open()
        self._complete("chair1", "pledge_draft", texts.text())
        for number in range(1, units + 1):
            self._complete(f"chair{number}", "pledge_comment", {"verdict": "agree"})
        self._complete("chair1", "pledge_consolidate", {**texts.text(), "decision": "submit"})
        return pledge_id

    def task(self, who: str, form: str) -> UUID:
        """The person's open task with this form, as soon as there is one."""
        return UUID(str(self._until(f"{who} has a task {form}", lambda: self._task(who, form))))

    def see_the_end(self, pledge_id: UUID) -> None:
        """Waits until the machine, too, has done its part."""
        instance = f"/api/v1/instances/{self._pledge(pledge_id)['instance_id']}"
        self._until(
            "the process ends", lambda: self._get("officer", instance)["status"] == "completed" or None
        )

    def _open(self) -> UUID:
        body = {"bloc_id": self.product.world["bloc_id"], "year": 2019}
        answer = self._act("officer", "/api/v1/pledges", body, task=None)
        if answer.status == 409:  # it was opened by a try whose answer was lost
            (row,) = self._get("officer", "/api/v1/pledges")["items"]
            return UUID(row["id"])
        return UUID(answer.body["id"])

    def _complete(self, who: str, form: str, values: dict[str, Any] | Callable[[], dict[str, Any]]) -> None:
        task = self.task(who, form)
        typed = values() if callable(values) else values
        answer = self._act(who, f"/api/v1/tasks/{task}/completion", {"values": typed}, task=task)
        assert answer.status == 200, answer
        self.repeated += answer.body["repeated"]

    def _act(self, who: str, path: str, body: dict[str, Any], *, task: UUID | None) -> Answer:
        """One act under one op_id, sent until it is answered."""
        op_id = uuid4()
        person = self.product.person(who)
        self._before(self._number)
        self._number += 1
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.ledger.sends(op_id, person=person, task=task)
            try:
                answer = self.product.ask("POST", path, who=who, body={**body, "op_id": str(op_id)})
            except NoAnswer:
                self.product.be_up()
                continue
            self.ledger.hears(op_id)
            return answer
        raise AssertionError(f"{who} gets no answer to {path}")

    def _task(self, who: str, form: str) -> UUID | None:
        rows = self._get(who, "/api/v1/tasks")["items"]
        return next((UUID(row["id"]) for row in rows if row["form_key"] == form), None)

    def _pledge(self, pledge_id: UUID) -> dict[str, Any]:
        return self._get("officer", f"/api/v1/pledges/{pledge_id}")

    def _content_id(self, pledge_id: UUID) -> str:
        return str(self._pledge(pledge_id)["frozen_content_id"])

    def _get(self, who: str, path: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                answer = self.product.ask("GET", path, who=who)
            except NoAnswer:
                self.product.be_up()
                continue
            assert answer.status == 200, answer
            return dict(answer.body)
        raise AssertionError(f"{who} gets no answer to {path}")

    def _until(self, what: str, look: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if (found := look()) is not None:
                return found
            time.sleep(POLL)
        raise AssertionError(f"it never comes about that {what}: {children.tail(self.product.log)}")
