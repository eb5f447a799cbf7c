"""Joins an installation to its signers, and signs what is due."""

from contextlib import closing
from datetime import datetime

from engine.model.checkpoint import Checkpoint
from engine.ports.checkpoints import Signer
from engine.usecases.checkpoints import Sealing, cause_due, make_checkpoint, sign_head
from runtime.clock import Clock
from runtime.entropy import SystemEntropy
from runtime.settings import Settings
from runtime.signer import signer_of
from runtime.stores import Standing, standing_of
from runtime.wiring import App
from storage.dialects import open_database


def sealing_of(app: App, *signers: Signer) -> Sealing:
    """What signing needs; the signer of the settings where none is given. Raises NotFound where there is none."""
    return Sealing(reading=app.reading, writing=app.writing, signers=signers or (signer_of(app.settings),))


def sign_what_is_due(sealing: Sealing, now: datetime) -> Checkpoint | None:
    """Make the checkpoint of the day, or of a phase that has moved."""
    cause = cause_due(sealing.reading(), now)
    return make_checkpoint(sealing, now, cause) if cause else None


def sign_before_upgrade(settings: Settings, clock: Clock) -> str | None:
    """The signed head of a history as an older version has left it; None where there is no older one, or no key.

    No migration makes the log anew, so it is read as it lies. It is entered once it can be written.
    Raises Broken, NotFound, Unavailable where it cannot be signed.
    """
    if settings.signing_key is None or (settings.file is not None and not settings.file.exists()):
        return None
    with closing(open_database(settings.database)) as database:
        if standing_of(database)[0] is not Standing.OLDER:
            return None
        older = App(settings=settings, database=database, now=clock, entropy=SystemEntropy())
        with older.reading() as uow:
            return sign_head(uow, (signer_of(settings),), clock())
