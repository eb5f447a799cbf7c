"""What erasing leaves to do outside the transaction: files of evidence, and older states of the database on disk."""

from engine.model.redaction import Erasure
from engine.rules.redaction import files_erased
from runtime.evidence import place_of
from runtime.wiring import App
from storage.scrub import scrub

_ALWAYS = ("entry", "redaction")


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
