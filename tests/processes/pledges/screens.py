"""Browsers of the people in a pledge's world: signed in by a session row, typing into forms as they stand."""

import hashlib
from typing import Any
from uuid import UUID

from flask import Flask
from lxml import html
from lxml.html import HtmlElement
from werkzeug.test import TestResponse

from tests.processes.pledges.world import SINCE, World
from tests.web.house import Browser
from workflow_app.core import clock
from workflow_app.core.database import transaction
from workflow_app.organisations import service as organisations
from workflow_app.organisations import web_sessions


class Person(Browser):
    """Somebody of the world at a browser."""

    def __init__(self, app: Flask, world: World, who: str) -> None:
        super().__init__(app)
        self.world = world
        token = hashlib.sha256(who.encode()).hexdigest()
        with transaction() as session:
            secret = web_sessions.start(
                session, world.people[who], at=clock.now(), data={"csrf_token": token}
            )
        self.client.set_cookie("giao_uoc", secret)

    def tree(self) -> HtmlElement:
        """The page that was read last."""
        return html.fromstring(self.page)

    def words(self) -> str:
        """Its text without the menu, spaces joined."""
        return " ".join(self.tree().xpath("//main")[0].text_content().split())

    def open(self, element: str, unit_id: UUID | None = None) -> str:
        """Opens a task's page; returns its path."""
        path = f"/tasks/{self.world.task(element, unit_id)}"
        answer = self.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return path

    def form(self) -> dict[str, str]:
        """What the page's own form would send now, without its buttons."""
        form = self.tree().xpath("//form[@id='bieu-mau']")[0]
        # A browser drops the line end that a text area begins with; the parser does not.
        return {name: value.removeprefix("\n") for name, value in form.form_values() if name != "stay"}

    def submit(self, path: str, changed: dict[str, Any] | None = None, button: str = "") -> TestResponse:
        """Sends the page's form as it stands, with what a person changed and the button he pressed."""
        name, _, value = button.partition("=")
        pressed = {name: value} if name else {}
        return self.send(path, {**self.form(), **(changed or {}), **pressed})


def add_stranger(world: World) -> None:
    """An officer of another federation, as "stranger"."""
    with transaction() as session:
        facts = organisations.UnitFacts("Liên đoàn Lao động tỉnh Sóc Trăng", "federation", "LĐLĐ Sóc Trăng")
        unit = organisations.found_unit(session, code="ST", facts=facts, parent_id=None, valid_from=SINCE)
        person = organisations.add_person(session, full_name="Lâm Quang Vinh")
        organisations.appoint(
            session, person_id=person.id, unit_id=unit.id, office_code="federation_officer", valid_from=SINCE
        )
        organisations.open_account(session, person.id, username="nguoi.la", at=clock.now())
        world.people["stranger"] = person.id
