"""Judges a backup before it takes anybody's place, and moves a database to another one."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from engine.model.entry import TreeHead
from engine.model.errors import Broken, Conflict, Invalid, NotFound, Problem, Unavailable
from engine.rules.notes import read_checkpoint, read_note, read_vkey
from engine.usecases.checkpoints import head_of
from engine.usecases.doctor import examine_deeply
from engine.usecases.proofs import examine_checkpoints
from engine.usecases.rollback import newest_lost
from runtime.backups import Copy, inspect, scratch_of
from runtime.kept import evidence_beside, require_whole
from runtime.keys import read_key, verify
from runtime.manifests import Contents, check_manifest
from runtime.settings import Settings, read_settings
from runtime.signer import memory_of, remembered
from runtime.stores import Standing, open_store, standing_of, upgrade_store
from runtime.wiring import App, build
from storage.dialects import open_database
from storage.transfer import copy_whole


@dataclass(frozen=True, slots=True)
class Judged:
    """A backup beside what is known elsewhere. `is_certain`: see `check_manifest`; `lost`: see `newest_lost`."""

    copy: Copy
    is_certain: bool | None
    lost: TreeHead | None


def contents_of(copy: Copy) -> Contents:
    """What a manifest says of a copy."""
    evidence = evidence_beside(copy.file)
    return Contents(revision=copy.revision, entries=copy.entries, root=copy.root, evidence=evidence)


def judge(settings: Settings, backup: Path, notes: Sequence[Path]) -> Judged:
    """Compare a backup with its manifest and with every signed head that is known outside of it; changes nothing.

    Raises NotFound, Unavailable as `inspect`, Broken where it is not what its manifest says or another history.
    """
    copy = inspect(backup)
    known = [*_remembered(settings), *_stored(settings), *map(_saved, notes)]
    with _trial(backup) as app:
        with app.reading() as uow:
            stored = uow.checkpoints.keys()
        keys = [read_vkey(key.vkey) for key in stored]
        if settings.signing_key is not None:
            own = read_key(settings.signing_key, settings.signing_passphrase).public
            keys = [key for key in keys if key == own]
        contents = contents_of(copy)
        certain = check_manifest(backup, contents, keys)
        require_whole(backup, contents.evidence)
        return Judged(copy, certain, newest_lost(app.reading(), known))


def require_sound(backup: Path) -> None:
    """Replay the whole history of a backup. Raises Broken with what is wrong first."""
    with _trial(backup) as app:
        found = [
            *islice(examine_checkpoints(app.reading(), verify), 1),
            *islice(examine_deeply(app.reading()), 1),
        ]
    if found:
        raise Broken(f"备份里的数据有误：{found[0].subject} {found[0].text}", hint="未作改动。请换一份备份")


def dropped_from(kept: Path, copy: Copy) -> int | None:
    """How many entries the database that gave way held behind a copy; None where it cannot be read."""
    try:
        return max(inspect(kept).entries - copy.entries, 0)
    except (NotFound, Unavailable):
        return None


def move_store(source: Settings, target: Settings) -> TreeHead:
    """Copy everything into an empty database; returns the head of the log, the same in both.

    Raises Conflict where the target holds something, or where somebody wrote meanwhile.
    """
    with closing(open_store(source)) as old, closing(open_database(target.database)) as new:
        if standing_of(new)[0] is not Standing.EMPTY:
            raise Conflict(f"{target.place} 里已有数据，未作改动", hint="请给一个空的数据库")
        copy_whole(old, new)
    heads = [_head(source), _head(target)]
    if heads[0] != heads[1]:
        raise Conflict("搬迁期间有人办理，搬过去的不全", hint="请停用网页和 worker，清空目标数据库，再搬一次")
    return heads[1]


def _head(settings: Settings) -> TreeHead:
    with closing(build(settings)) as app, app.reading() as uow:
        return head_of(uow)


@contextmanager
def _trial(backup: Path) -> Iterator[App]:
    """An installation over a copy of a backup, brought to this version."""
    with scratch_of(backup) as scratch:
        settings = replace(read_settings({"database": f"{scratch}"}, {}, scratch.parent), signing_key=None)
        upgrade_store(settings)
        with closing(build(settings)) as app:
            yield app


def _remembered(settings: Settings) -> Iterator[TreeHead]:
    """What the signer of the settings has signed last."""
    if settings.signing_key is not None:
        key = read_key(settings.signing_key, settings.signing_passphrase)
        if note := remembered(memory_of(settings.signing_key), key.public):
            yield read_checkpoint(note.text)[1]


def _stored(settings: Settings) -> Iterator[TreeHead]:
    """The newest checkpoint of the database that would give way; nothing where it cannot be read."""
    try:
        app = build(settings)
    except Unavailable:
        return
    with closing(app), app.reading() as uow:
        if newest := uow.checkpoints.newest():
            yield newest.head


def _saved(note: Path) -> TreeHead:
    try:
        return read_checkpoint(read_note(note.read_text(encoding="utf-8")).text)[1]
    except (OSError, ValueError) as error:
        raise Invalid("核对备份", (Problem(where=f"{note}", text=f"检查点读不出来：{error}"),)) from error
