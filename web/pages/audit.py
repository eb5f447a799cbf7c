"""What auditors look at: how far the history is signed, the log, an item as it once was, proofs to take along."""

import io
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from engine.model.calendar import LOCAL
from engine.model.entry import EntryKind
from engine.model.ids import NOBODY
from engine.model.inspection import LogFilter
from engine.rules.printed import printed
from engine.usecases.checkpoints import standing
from engine.usecases.inspecting import Inspector
from engine.usecases.inspection import LogLine, LogPage, inspect_log
from engine.usecases.people import persons_of
from engine.usecases.proofs import Proven, prove_entry, prove_growth, prove_item
from runtime.inspection_words import ENTRY_KINDS, attribute, ended_told, label_told, value, worth_showing
from web.forms import day_in
from web.site import AnyGuest, Guest

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the log asks for."""

    kind: Text = ""
    who: Text = ""
    q: Text = ""
    since: Text = ""
    until: Text = ""
    before: Text = ""

    def address(self, **changes: str) -> str:
        """The address of the same log with something changed."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__} | changes
        return "/audit?" + urlencode({name: value for name, value in given.items() if value})

    def filter(self, guest: Guest) -> LogFilter:
        """The filter of the use case. Raises Invalid, NotFound."""
        is_kind = self.kind.isdecimal() and int(self.kind) in {each.value for each in EntryKind}
        people = persons_of(guest.site.app.reading(), [self.who]) if self.who else {}
        until = midnight(self.until)
        return LogFilter(
            kind=EntryKind(int(self.kind)) if is_kind else None,
            actor=people.get(self.who),
            text=self.q,
            since=midnight(self.since),
            until=until + timedelta(days=1) if until else None,
            before=int(self.before) if self.before.isdecimal() and len(self.before) < 16 else None,
        )


def midnight(text: str) -> datetime | None:
    """The beginning in China of a day that was typed; None for nothing. Raises Invalid."""
    day = day_in(text, "日期")
    return datetime.combine(day, time(0), LOCAL) if day else None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the page shows it; `changes` holds what changed, what stood before, and what stands after."""

    line: LogLine
    label: str
    who: str
    ended: str
    changes: tuple[tuple[str, str, str], ...]


@router.get("/audit")
def log(guest: AnyGuest, asked: Annotated[Asked, Depends()]) -> Response:
    """The log, newest first. That it was read is entered."""
    page = inspect_log(inspector(guest), asked.filter(guest))
    found = standing(guest.site.app.reading())
    return guest.page(
        "audit/log.html.j2",
        asked=asked,
        rows=[_row(line, page) for line in page.lines],
        further=page.before,
        kinds=ENTRY_KINDS,
        standing=found,
        printed=printed(found.head),
    )


def inspector(guest: Guest) -> Inspector:
    """The guest, as whoever looks into the history."""
    app = guest.site.app
    return Inspector(app.reading, app.writing, guest.now, guest.asker)


def _row(line: LogLine, page: LogPage) -> Row:
    changes = (
        (
            attribute(each.name, line.definition),
            value(each.name, each.before, line.definition, page.names),
            value(each.name, each.after, line.definition, page.names),
        )
        for each in worth_showing(line.changes)
    )
    who = "系统" if line.entry.actor == NOBODY else line.actor_name
    return Row(line, label_told(line), who, ended_told(line, page.names), tuple(changes))


@router.get("/audit/{index}.tlog-proof")
def entry_proof(guest: AnyGuest, index: int) -> Response:
    """The proof of one entry, as a file; for whoever may read that entry."""
    proven = prove_entry(inspector(guest), index)
    return _file(f"{index}.tlog-proof", "text/plain; charset=utf-8", proven.text.encode())


@router.get("/audit/growth")
def growth(guest: AnyGuest, since: Text = "") -> Response:
    """The proof that the newest checkpoint continues an older one, as a file."""
    old = int(since) if since.isdecimal() and len(since) < 16 else 0
    proof = prove_growth(inspector(guest), old)
    return _file(f"growth-{old}.txt", "text/plain; charset=utf-8", proof.encode())


@router.get("/items/{number}/proof")
def item_proof(guest: AnyGuest, number: str) -> Response:
    """A proof for each entry of an item, in one archive, for whoever may see the item."""
    proofs = prove_item(inspector(guest), number)
    return _file(f"{number}-proof.zip", "application/zip", _packed(proofs))


def _packed(proofs: list[Proven]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for proven in proofs:
            archive.writestr(f"{proven.entry.index}.tlog-proof", proven.text)
    return made.getvalue()


def _file(name: str, kind: str, content: bytes) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
