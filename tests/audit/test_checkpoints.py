"""When the history is signed, by which key, and what the signer refuses; every checkpoint and anchor is an entry."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from engine.model.checkpoint import AnchorWay
from engine.model.entry import EntryKind
from engine.model.errors import Broken, Conflict, NotFound, NotPermitted, Unavailable
from engine.rules.notes import COSIGNER, LOG, is_signed, read_checkpoint, read_note, read_vkey, signed
from engine.rules.printed import printed
from engine.rules.proofs import consistency_proof
from engine.rules.tree import is_extended
from engine.usecases.anchors import Anchor, enter_anchor, enter_cosignature, tell_leaders
from engine.usecases.checkpoints import Sealing, adopt_key, cause_due, make_checkpoint, standing
from engine.usecases.doctor import examine_deeply
from engine.usecases.proofs import examine_checkpoints
from runtime.keys import SigningKey, new_key, verify
from runtime.sealing import sign_what_is_due
from runtime.signer import FileSigner, signature_of


def entries(bureau, what):
    with bureau.app.reading() as uow:
        return [(e, json.loads(e.payload)) for e in uow.history.scan() if e.what == what]


def sealing(bureau, *signers):
    return Sealing(
        reading=bureau.app.reading, writing=bureau.app.writing, signers=signers or (bureau.signer,)
    )


def test_a_checkpoint_signs_the_head_and_is_an_entry(bureau):
    bureau.adopt()
    bureau.live(5)
    before = standing(bureau.app.reading())

    made = bureau.sign()

    ((entry, payload),) = entries(bureau, "checkpoint")
    assert made.head == before.head
    assert (made.position, entry.kind) == (before.head.size, EntryKind.CHECKPOINT)
    assert payload["note"] == made.note
    assert read_checkpoint(read_note(made.note).text) == (bureau.key.name, made.head)
    assert is_signed(read_note(made.note), read_vkey(bureau.signer.vkey), verify)
    after = standing(bureau.app.reading())
    assert (after.newest, after.unsigned) == (made, 1)
    assert list(examine_deeply(bureau.app.reading())) == []


def test_checkpoints_are_consistent_with_each_other(bureau):
    bureau.adopt()
    made = []
    for _ in range(3):
        bureau.live(3)
        made.append(bureau.sign())
    with bureau.app.reading() as uow:
        for old, new in pairwise(made):
            proof = consistency_proof(old.head.size, new.head.size, uow.history.hashes)
            assert is_extended(old.head, new.head, proof)
        assert uow.checkpoints.every() == made


def test_one_is_due_each_day_and_when_a_phase_moves(bureau):
    bureau.adopt()
    sealed = sealing(bureau)

    assert sign_what_is_due(sealed, bureau.tick()).cause.startswith("daily/2020-04-20")
    assert sign_what_is_due(sealed, bureau.tick()) is None
    bureau.open()
    assert sign_what_is_due(sealed, bureau.tick()) is None
    start_phase(bureau)
    assert sign_what_is_due(sealed, bureau.tick()).cause.startswith("phase/")
    assert sign_what_is_due(sealed, bureau.tick()) is None
    assert sign_what_is_due(sealed, bureau.tick(24)).cause.startswith("daily/2020-04-21")


def start_phase(bureau):
    from engine.model.transition import Attempt
    from engine.usecases.items import move_item

    bureau.tick(48)
    with bureau.app.reading() as uow:
        (phase,) = uow.items.of_campaign("small", "phase")
        moves = uow.definitions.get(phase.definition).moves_from(phase.state)
    for move in moves:
        for login in ("office", "director", "leader"):
            try:
                attempt = Attempt(
                    item=phase.id, verb=move.verb, actor=bureau.actor(login), key="k", reason="x"
                )
                return move_item(bureau.app.writing(), bureau.tick(-48), attempt)
            except NotPermitted:
                continue
    raise AssertionError("the phase cannot be started")


def test_of_what_was_copied_its_own_head_is_signed_unless_more_was_signed_meanwhile(bureau):
    bureau.adopt()
    bureau.live(3)
    copied = standing(bureau.app.reading()).head
    bureau.live(3)

    first = make_checkpoint(sealing(bureau), bureau.tick(), "after-backup/1", copied=copied)
    later = bureau.sign()
    second = make_checkpoint(sealing(bureau), bureau.tick(), "after-backup/2", copied=copied)

    assert first.head == copied
    assert later.head.size > copied.size
    assert second.head.size == later.position + 1
    for wrong in (replace(second.head, root=bytes(32)), replace(second.head, size=10**6)):
        with pytest.raises(Broken, match="备份里的历史与现有的不同"):
            make_checkpoint(sealing(bureau), bureau.tick(), f"after-backup/{wrong.size}", copied=wrong)
    assert list(examine_checkpoints(bureau.app.reading(), verify)) == []


def test_two_processes_make_one_checkpoint_for_one_cause(bureau):
    bureau.adopt()

    assert bureau.sign("daily/x") is not None
    assert bureau.sign("daily/x") is None
    assert len(entries(bureau, "checkpoint")) == 1


def test_nothing_is_signed_with_a_key_that_is_not_in_force(bureau):
    with pytest.raises(Unavailable, match="还没有"):
        bureau.sign()
    bureau.adopt()
    other = FileSigner(new_key(bureau.key.name, LOG), bureau.folder / "other.last")
    with pytest.raises(Unavailable, match="没有启用"):
        make_checkpoint(sealing(bureau, other), bureau.tick(), "x")


def test_only_the_security_officer_puts_a_key_in_force_and_once(bureau):
    with pytest.raises(NotPermitted):
        adopt_key(bureau.app.writing(), bureau.tick(), bureau.signer.vkey, bureau.actor("administrator"))
    bureau.adopt()
    with pytest.raises(Conflict):
        bureau.adopt()
    ((entry, payload),) = entries(bureau, "signing_key")
    assert (entry.kind, payload["vkey"], payload["replaces"]) == (EntryKind.ACCOUNT, bureau.signer.vkey, None)


def test_a_new_key_is_signed_in_by_both(bureau):
    bureau.adopt()
    bureau.sign()
    old, new = bureau.signer, FileSigner(new_key(bureau.key.name, LOG), bureau.folder / "new.last")
    adopt_key(bureau.app.writing(), bureau.tick(), new.vkey, bureau.actor("security"))

    made = make_checkpoint(sealing(bureau, old, new), bureau.tick(), "key")

    note = read_note(made.note)
    assert [is_signed(note, read_vkey(signer.vkey), verify) for signer in (old, new)] == [True, True]
    with pytest.raises(Unavailable):
        bureau.sign()


def test_a_restored_backup_is_not_signed(bureau):
    bureau.adopt()
    bureau.live(4)
    bureau.app.close()
    file = bureau.app.settings.file
    shutil.copy(file, bureau.folder / "backup.db")
    bureau.live(4)
    bureau.sign()
    bureau.app.close()
    shutil.copy(bureau.folder / "backup.db", file)

    with pytest.raises(Broken, match="上次签名时有"):
        bureau.sign()
    bureau.items = []
    bureau.live(12)
    with pytest.raises(Broken, match="不同"):
        bureau.sign()
    assert entries(bureau, "checkpoint") == []


def test_an_anchor_is_an_entry(bureau):
    bureau.adopt()
    made = bureau.sign()

    enter_anchor(
        bureau.app.writing(), bureau.tick(), bureau.actor("auditor"), Anchor(made, AnchorWay.PAPER, "月报")
    )
    with pytest.raises(NotPermitted):
        enter_anchor(
            bureau.app.writing(), bureau.tick(), bureau.actor("officer_a"), Anchor(made, AnchorWay.PAPER, "x")
        )

    ((_, payload),) = entries(bureau, "anchor")
    assert (payload["way"], payload["size"], payload["root"]) == (
        "paper",
        made.head.size,
        made.head.root.hex(),
    )


def test_leaders_are_told_the_head_once(bureau):
    bureau.adopt()
    made = bureau.sign()

    assert tell_leaders(bureau.app.writing(), bureau.tick(), bureau.actor("auditor"), made) == 1
    tell_leaders(bureau.app.writing(), bureau.tick(), bureau.actor("auditor"), made)

    with bureau.app.reading() as uow:
        (notice,) = [n for n in uow.notices.scan() if n.kind == "checkpoint_anchored"]
    assert notice.facts["note"] == made.note
    assert printed(made.head) in notice.facts["reason"]
    assert bureau.signer.vkey in notice.facts["reason"]
    assert len(entries(bureau, "anchor")) == 2


def test_a_cosignature_is_entered_below_its_checkpoint(bureau):
    bureau.adopt()
    made = bureau.sign()
    auditor = SigningKey("auditor.example", COSIGNER, bytes(range(32)))
    text = read_note(made.note).text
    cosigned = read_note(
        signed(text, *read_note(made.note).signatures, signature_of(auditor, text, bureau.now))
    )

    found = enter_cosignature(
        bureau.app.writing(), bureau.tick(), bureau.actor("auditor"), auditor.public, cosigned
    )

    ((_, payload),) = entries(bureau, "cosignature")
    assert (found, payload["size"]) == (made, made.head.size)
    foreign = text.replace(bureau.key.name, "elsewhere.example")
    other = read_note(signed(foreign, signature_of(auditor, foreign, bureau.now)))
    with pytest.raises(NotFound):
        enter_cosignature(bureau.app.writing(), bureau.tick(), bureau.actor("auditor"), auditor.public, other)


def test_a_checkpoint_that_was_signed_and_not_entered_does_no_harm(bureau):
    bureau.adopt()
    with bureau.app.reading() as uow:
        assert cause_due(bureau.app.reading(), bureau.now) is not None
        head = standing(bureau.app.reading()).head
        bureau.signer.sign(
            head, lambda old: consistency_proof(old, head.size, uow.history.hashes), bureau.now
        )
    bureau.now += timedelta(hours=1)

    assert bureau.sign().head == head
