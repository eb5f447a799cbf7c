"""The pages as a browser without scripts meets them: cookies are kept, forms are sent with the fields of the page."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from engine.model.actor import system_actor
from engine.usecases.accounts import add_account
from runtime.passwords import Argon2Hasher, Cost
from runtime.settings import Settings
from runtime.wiring import App, build
from tests.builders import NOON
from tests.integration.house import settled
from web.app import create_app

CHEAP = Argon2Hasher(Cost(passes=1, memory=64, lanes=1))
SITE = "http://duban.test"
SAME = {"origin": SITE, "sec-fetch-site": "same-origin"}
"""What a browser says of a form that it sends from a page of this very site."""
CONSOLE = system_actor("console")
PASSWORD = "清晨的河边有三只白鹭"
NEW_PASSWORD = "傍晚山上两只灰狼 ok"


@dataclass
class Page:
    """One answer."""

    status: int
    text: str
    headers: Any
    url: str

    @property
    def words(self) -> str:
        """What a reader sees, without tags."""
        body = re.sub(r"<(script|style).*?</\1>", " ", self.text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))

    def forms(self) -> list["Form"]:
        """Every form of the page."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.found

    def form(self, action: str) -> "Form":
        """The form that is sent to an address. Raises LookupError with those there are."""
        for form in self.forms():
            if form.action == action:
                return form
        raise LookupError(f"no form to {action} among {[f.action for f in self.forms()]}: {self.words[:600]}")

    def links(self) -> list[str]:
        """Every address that the page leads to."""
        return re.findall(r'href="(/[^"]*)"', self.text)


@dataclass
class Form:
    """A form with the values that the page has put into it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get")))
        elif self.found and tag == "input" and "name" in given:
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            if given.get("type") != "file":
                self.found[-1].fields[given["name"]] = given.get("value", "")
        elif self.found and tag == "textarea":
            self._area = given["name"]
            self.found[-1].fields[self._area] = ""
        elif self.found and tag == "select":
            self._select = given["name"]
            self.found[-1].choices[self._select] = []
        elif tag == "option" and self._select:
            self._option(given)

    def _option(self, given: dict[str, str]) -> None:
        form, name = self.found[-1], self._select or ""
        form.choices[name].append(given.get("value", ""))
        if "selected" in given or name not in form.fields:
            form.fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = None


class Browser:
    """One person's browser."""

    same = SAME

    def __init__(self, application: Any, address: str = "10.0.0.7") -> None:
        self.client = TestClient(
            application, base_url=SITE, client=(address, 50000), raise_server_exceptions=False
        )

    def get(self, path: str, **headers: str) -> Page:
        return self._page(self.client.get(path, headers=headers))

    def send(self, form: Form, files: Any = None, **changes: Any) -> Page:
        data = {**form.fields, **changes}
        if files:
            csrf = {"csrf": (None, data.pop("csrf"))}
            plain = [(name, (None, value)) for name, value in data.items()]
            given = [*csrf.items(), *plain, *[("evidence", file) for file in files]]
            return self._page(self.client.post(form.action, files=given, headers=self.same))
        return self._page(self.client.post(form.action, data=data, headers=self.same))

    def sign_in(self, login: str, password: str = PASSWORD) -> Page:
        return self.send(self.get("/login").form("/login"), login=login, password=password)

    def _page(self, answer: Any) -> Page:
        return Page(answer.status_code, answer.text, answer.headers, f"{answer.url.path}")


class Office:
    """The small bureau of the integration tests, or the one whose file is there, with accounts for its people."""

    def __init__(self, folder: Path, **options: Any) -> None:
        file = folder / "duban.db"
        settings = Settings(
            database=f"sqlite:///{file}", file=file, evidence=folder / "evidence", outbox=folder / "outbox"
        )
        if not file.exists():
            file.write_bytes(settled()[0])
        self.time = NOON
        self.app: App = build(settings, clock=lambda: self.time)
        self.web = create_app(self.app, CHEAP, **options)

    def __enter__(self) -> "Office":
        return self

    def __exit__(self, *_: object) -> None:
        self.app.close()

    def wait(self, **length: float) -> None:
        """Let time pass."""
        self.time += timedelta(**length)

    def account(self, login: str, password: str = PASSWORD) -> None:
        """An account whose password was changed already."""
        browser, first = Browser(self.web), self.first_password(login)
        browser.sign_in(login, first)
        form = browser.get("/password").form("/password")
        page = browser.send(form, old=first, new=password, again=password)
        assert page.url == "/", page.words

    def first_password(self, login: str) -> str:
        """An account as the administrator has just made it; returns its password."""
        return add_account(self.app.writing(), self.time, CHEAP, login, CONSOLE)

    def signed_in(self, login: str) -> Browser:
        """The browser of somebody who has signed in."""
        self.account(login)
        browser = Browser(self.web)
        assert browser.sign_in(login).status == 200
        return browser
