"""Joins an installation to its signers, and signs what is due."""

from datetime import datetime

from engine.model.checkpoint import Checkpoint
from engine.ports.checkpoints import Signer
from engine.usecases.checkpoints import Sealing, cause_due, make_checkpoint
from runtime.signer import signer_of
from runtime.wiring import App


def sealing_of(app: App, *signers: Signer) -> Sealing:
    """What signing needs; the signer of the settings where none is given. Raises NotFound where there is none."""
    return Sealing(reading=app.reading, writing=app.writing, signers=signers or (signer_of(app.settings),))


def sign_what_is_due(sealing: Sealing, now: datetime) -> Checkpoint | None:
    """Make the checkpoint of the day, or of a phase that has moved."""
    cause = cause_due(sealing.reading(), now)
    return make_checkpoint(sealing, now, cause) if cause else None
