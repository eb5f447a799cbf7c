"""A program with an access token, as it speaks to the interface."""

from typing import Any

from starlette.testclient import TestClient

from engine.model.account import Account
from engine.model.token import Scope
from engine.usecases.people import identify
from engine.usecases.tokens import TokenOrder, make_token
from tests.web.browser import SITE, Office

BOTH = frozenset({Scope.READ, Scope.WRITE})


def token_for(office: Office, login: str, scopes: frozenset[Scope] = BOTH, days: int = 30) -> str:
    """A token of somebody who has an account."""
    known = identify(office.app.reading(), office.time, login)
    with office.app.writing() as uow:
        if uow.accounts.get(known.person.id) is None:
            account = Account(
                person=known.person.id, password_hash="-", must_change=False, changed_at=office.time
            )
            uow.accounts.add(account)
            uow.commit()
    order = TokenOrder(name="样例程序", scopes=scopes, days=days)
    return make_token(office.app.writing(), office.time, order, known.actor)[1]


class Program:
    """Speaks JSON, shows its token, keeps no cookies."""

    def __init__(self, office: Office, token: str | None) -> None:
        self.client = TestClient(office.web, base_url=SITE, raise_server_exceptions=False)
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", params=query, headers=self.headers)

    def post(self, path: str, body: Any = None, key: str | None = "key-00000001", **more: Any) -> Any:
        headers = self.headers | ({"idempotency-key": key} if key else {})
        return self.client.post(f"/api/v1{path}", json=body, headers=headers, **more)

    def opened(self, title: str = "样例问题", key: str = "open-0000001") -> str:
        """The number of an item that was opened."""
        new = {"kind": "item", "title": title, "unit": "unit_a", "fields": {"problem": "样例"}}
        answer = self.post("/items", new, key)
        assert answer.status_code == 201, answer.text
        return answer.json()["number"]


def program(office: Office, login: str, scopes: frozenset[Scope] = BOTH) -> Program:
    """A program that asks for somebody."""
    return Program(office, token_for(office, login, scopes))
