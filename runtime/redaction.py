"""What erasing leaves to do outside the transaction: files of evidence, and older states of the database on disk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from engine.model.redaction import Erasure
from engine.rules.redaction import files_erased
from engine.usecases.redaction import Redact, redact
from runtime.evidence import place_of
from runtime.wiring import App
from storage.scrub import scrub

_ALWAYS = ("entry", "redaction")
PLACES: Final[Mapping[str, str]] = {
    "item.title": "事项标题",
    "item.body": "事项各栏",
    "notice.facts": "通知和外发正文",
    "delivery.last_error": "外发的错误回复",
    "gate.last_error": "渠道的错误回复",
    "evidence.name": "佐证名称",
    "criticism.label": "通报批评候选",
    "saved_filter.query": "存下的筛选",
    "saved_filter.name": "存下的筛选的名称",
    "redaction.remains": "以前抹去后留下的内容",
}
"""What the columns are called in which words were erased."""


def erase_for_good(app: App, now: datetime, command: Redact) -> tuple[Erasure, bool]:
    """Erase, in the history and on disk; returns what was erased, and what `forget` does. Raises as `redact`."""
    forget_files(app)
    done = redact(app.writing(), now, command)
    return done, forget(app, done)


def whereabouts(found: Erasure) -> list[tuple[str, str, str]]:
    """Where words were or would be erased, how often, and the first entries or the file, for a table."""
    rows = [("历史", f"{len(found.indexes)} 条", "、".join(f"{index}" for index in found.indexes[:20]))]
    rows += [(PLACES[name], f"{count} 处", "") for name, count in found.rows.items()]
    return [*rows, *(("佐证文件", "1 份", digest) for digest in found.files)]


def forget_files(app: App) -> list[str]:
    """Remove every file of evidence that the history says is erased; returns those that were still there."""
    with app.reading() as uow:
        digests = files_erased(uow.redactions.told())
    places = {digest: place_of(app.settings.evidence, digest) for digest in sorted(digests)}
    found = [digest for digest, place in places.items() if place.is_file()]
    for digest in found:
        places[digest].unlink()
    return found


def forget(app: App, *erasures: Erasure) -> bool:
    """Leave nothing of what was erased on disk; returns False where the database is read just now and keeps some."""
    forget_files(app)
    tables = {name.partition(".")[0] for erasure in erasures for name in erasure.rows}
    return scrub(app.database, [*_ALWAYS, *sorted(tables - {*_ALWAYS})])
