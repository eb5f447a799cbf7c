"""G-SEC-13: whatever people type stays text on every page that there is.

Every page is drawn twice, once with harmless words and once with hostile ones in every field that takes text. The
hostile page may hold no kind of element, attribute or address that the harmless one does not hold.
"""

import itertools
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from engine.model.filters import SavedFilter
from tests.web.browser import Browser, Office
from tests.web.program import Program, program
from tests.web.test_gate import routes

HEADS = (
    "",
    '"',
    "'",
    '">',
    "'>",
    "</title>",
    "</textarea>",
    "</script>",
    "--><",
    "]]>",
    "`",
    "\\",
    "&#34;>",
    "\u2028",
    "{{ ",
)
BODIES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=//elsewhere.test><input name=csrf>",
    "<base href=//elsewhere.test/>",
    "<meta http-equiv=refresh content=0;url=//elsewhere.test>",
    "<style>@import '//elsewhere.test/x.css'</style>",
    "<link rel=stylesheet href=//elsewhere.test/x.css>",
    "<object data=//elsewhere.test/x>",
    "<body onload=alert(1)>",
    "<math><mi xlink:href=javascript:alert(1)>",
    " onmouseover=alert(1) x=",
    " autofocus onfocus=alert(1) ",
    " style=position:fixed;inset:0 ",
    " hx-get=//elsewhere.test/ hx-trigger=load ",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "<ScRiPt\n>alert(1)</sCrIpT >",
    "<\x0bimg/src=x/onerror=alert(1)//",
)
ENDS = ("", "<!--", "\r\n\r\n")
PAYLOADS = list(map("".join, itertools.product(HEADS, BODIES, ENDS)))
"""1,080 of them."""


class Signs(HTMLParser):
    """What kinds of elements a page holds, and where its addresses lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[tuple[str, ...]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.found.add((tag, name))
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
                self.found.add((tag, name, _kind(value or "")))
        self.found.add((tag,))


def _kind(address: str) -> str:
    """A path of this very site, or the scheme that leads out of it."""
    return "own" if address.startswith(("/", "?", "#")) and not address.startswith("//") else address[:20]


def paths_of(office: Office, number: str, key: str) -> Iterator[str]:
    """Every page, filled in; those with a verb are forms that the item knows."""
    values = {"{number}": number, "{kind}": "item", "{verb}": "withdraw", "{key}": key}
    for route in routes(office):
        path = route.path
        for name, value in values.items():
            path = path.replace(name, value)
        is_page = not path.startswith(("/health", "/metrics")) and not path.endswith((".csv", ".xlsx"))
        if "GET" in route.methods and "{" not in path and is_page:
            yield path
    yield from (f"/items/{number}?done=submit", "/new/item?parent=" + number)


def _typed(office: Office, browser: Browser, words: str, count: int) -> set[tuple[str, ...]]:
    """What every page holds when an item is full of these words."""
    officer = program(office, "officer")
    new = {"kind": "item", "title": words[:500], "unit": "unit_a", "fields": {"problem": words}}
    answer = officer.post("/items", new, f"open-{count:08}")
    assert answer.status_code == 201, answer.text
    number = answer.json()["number"]
    fields = {"problem": words, "cause": words, "goal": words}
    moved = officer.post(
        f"/items/{number}/moves/submit", {"fields": fields, "reason": words}, f"move-{count:08}"
    )
    assert moved.status_code == 200, moved.text
    office_desk: Program = program(office, "office")
    office_desk.post(f"/items/{number}/moves/return", {"reason": words}, f"back-{count:08}")
    officer.post(f"/items/{number}/moves/submit", {}, f"more-{count:08}")
    order = {"kind": "supervision_order", "parent": number, "fields": {"level": "blue", "demand": words}}
    ordered = office_desk.post("/items", new | order, f"order-{count:07}")
    assert ordered.status_code == 201, ordered.text
    _keep_filters(office, words)
    key = officer.get("/notices").json()["notices"][0]["key"]
    found: set[tuple[str, ...]] = set()
    for path in paths_of(office, number, key):
        page = browser.get(path)
        assert page.status < 500, (path, words)
        found |= Signs(page.text).found
    for path in ("/items", "/login"):
        found |= Signs(browser.client.get(path, params={"q": words, "to": words, "unit": words}).text).found
    return found


def _keep_filters(office: Office, name: str) -> None:
    with office.app.writing() as uow:
        for number, person in enumerate(uow.people.by_login(["officer", "office"]).values()):
            saved = SavedFilter(
                id=f"{number:032x}",
                person=person.id,
                name=name,
                query="kind=item",
                unit=None,
                saved_at=office.time,
            )
            uow.filters.forget(person.id, saved.id)
            uow.filters.save(saved)
        uow.commit()


@pytest.mark.storm
def test_what_people_type_is_text_on_every_page(office: Office, rounds: int | None):
    browsers = [office.signed_in(login) for login in ("officer", "office")]
    plain = [_typed(office, each, f"寻常的话{count}", count) for count, each in enumerate(browsers)]
    chosen = PAYLOADS if rounds else PAYLOADS[::90]

    for count, words in enumerate(chosen, start=2):
        strange = _typed(office, browsers[count % 2], words, count) - plain[count % 2]
        assert not strange, (words, strange)

    print(
        f"{len(chosen)} payloads of {len(PAYLOADS)}, {len(plain[0] | plain[1])} kinds of elements and addresses"
    )
    assert len(PAYLOADS) >= 1000
