"""Personal data goes, and every proof stays (G-DATA-6): doctor, verifier, proofs; who may not, what is found."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from engine.model.errors import Conflict, Invalid, NotFound, NotPermitted, Refused
from engine.model.redaction import MARK
from engine.model.transition import Attempt
from engine.rules.proofs import consistency_proof, inclusion_proof
from engine.rules.tree import is_extended, is_included
from engine.usecases.checkpoints import head_of
from engine.usecases.doctor import examine_deeply
from engine.usecases.inspecting import Inspector
from engine.usecases.items import move_item
from engine.usecases.operations import note_operation
from engine.usecases.past import Page, board_as_of
from engine.usecases.proofs import examine_checkpoints
from engine.usecases.redaction import Redact, redact, try_redaction
from runtime.bundle import pack_history
from runtime.keys import verify as verify_signature
from runtime.redaction import forget
from runtime.wiring import build
from storage.dialects import open_database
from storage.transfer import copy_whole
from tests.audit.bureau import VALUES
from tests.audit.life import walked
from tests.contract.stores import fresh
from tools.verify_export import OK, TAMPERED, read_note, read_vkey, verify

NAME = "欧阳某某"


def wanted(bureau, target, *words, **changes):
    given = {"reason": "当事人申请", "basis": "个人信息保护法第四十七条", "actor": bureau.actor("security")}
    return Redact(target=target, words=words, **(given | changes))


@pytest.fixture
def filled(bureau):
    """A bureau in which an item tells of somebody: in a field, in a notice, and in what an auditor looked for."""
    bureau.adopt()
    bureau.live(4)
    bureau.item = walked(bureau)
    back = Attempt(
        item=bureau.item.id,
        verb="return",
        actor=bureau.actor("office"),
        key="back",
        reason=f"{NAME}未到场",
        target="returned",
    )
    bureau.item = move_item(bureau.app.writing(), bureau.tick(), back)
    auditor = Inspector(bureau.app.reading, bureau.app.writing, bureau.tick(), bureau.actor("auditor"))
    with auditor.look("log", {"asked": f"text={NAME}"}):
        pass
    note_operation(bureau.app.writing(), bureau.tick(), "backup", {"entries": 1})
    bureau.kept = bureau.sign()
    return bureau


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def anywhere(request, filled):
    """The same in either database."""
    if request.param == "postgresql":
        moved = open_database(fresh(request.getfixturevalue("postgres_server")))
        copy_whole(filled.app.database, moved)
        filled.app.close()
        filled.app = replace(filled.app, database=moved)
    return filled


def checked(bureau):
    """What both readings of the history say."""
    file = bureau.folder / f"{bureau.now:%H%M%S}.zip"
    pack_history(bureau.app.reading(), bureau.app.settings.evidence, file)
    found = [
        *examine_deeply(bureau.app.reading()),
        *examine_checkpoints(bureau.app.reading(), verify_signature),
    ]
    return found, verify(file, [read_vkey(bureau.signer.vkey)], [read_note(bureau.kept.note)])


def stored(bureau):
    """Every byte that the database has on disk."""
    if bureau.app.database.is_sqlite:
        path = bureau.folder / "duban.db"
        return path.read_bytes() + path.with_name("duban.db-wal").read_bytes()
    with bureau.app.database.engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        pages = "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE relname IN "
        found = connection.exec_driver_sql(f"{pages} ('entry', 'notice', 'item')")
        return b"".join(bytes(row[0]) for row in found)


def test_a_word_is_gone_from_everywhere_and_everything_still_holds(anywhere):
    filled = anywhere
    with filled.app.reading() as uow:
        before, size = [*uow.history.scan()], uow.history.head().size
        old = head_of(uow)
        rows = json.dumps([dict(n.facts) for n in uow.notices.scan()], ensure_ascii=False)
    assert NAME in rows
    assert NAME.encode() in stored(filled)

    done = redact(filled.app.writing(), filled.tick(), wanted(filled, f"{before[-3].index}", NAME))

    assert forget(filled.app, done)
    assert NAME.encode() not in stored(filled)
    assert (len(done.indexes), done.entry, done.backups) == (2, size, 1)
    assert done.rows["notice.facts"] > 0
    with filled.app.reading() as uow:
        after, new = [*uow.history.scan()], head_of(uow)
        assert [entry.leaf for entry in after[:size]] == [entry.leaf for entry in before]
        assert is_extended(old, new, consistency_proof(size, new.size, uow.history.hashes))
        for index in done.indexes:
            assert is_included(
                after[index].leaf, index, inclusion_proof(index, new.size, uow.history.hashes), new
            )
    found, report = checked(filled)
    assert (found, report.code) == ([], OK), report.wrong
    assert f"第 {done.indexes[0]} 条的文字由第 {done.entry} 条抹去，其余为抹去时所述" in report.known
    assert json.loads(after[done.indexes[0]].told)["reason"] == f"{MARK}未到场"


def test_a_field_is_erased_on_its_item_and_not_on_others(filled):
    other = filled.open()
    done = redact(filled.app.writing(), filled.tick(), wanted(filled, f"{filled.item.number}:problem"))

    assert len(done.indexes) == 1
    with filled.app.reading() as uow:
        items = uow.items.get([filled.item.id, other.id])
    assert items[filled.item.id].fields["problem"] == MARK
    assert items[other.id].fields["problem"] == VALUES["problem"]
    found, report = checked(filled)
    assert (found, report.code) == ([], OK), report.wrong
    filled.live(5)
    assert checked(filled)[0] == []


def test_what_was_erased_is_judged_and_looked_back_on_by_what_is_left(filled):
    by = Inspector(filled.app.reading, filled.app.writing, filled.tick(), filled.actor("auditor"))
    before = board_as_of(by, filled.now, Page())

    for entry in range(1, before.entries, 3):
        try:
            redact(filled.app.writing(), filled.tick(), wanted(filled, f"{entry}"))
        except (Refused, Conflict):
            continue

    after = board_as_of(by, filled.now, Page())
    assert after.counts == before.counts
    assert [row.state for row in after.rows] == [row.state for row in before.rows]
    assert checked(filled)[0] == []


def test_a_file_of_evidence_goes_with_its_name(filled):
    with filled.app.reading() as uow:
        (piece,) = uow.evidence.of_item(filled.item.id)
    place = filled.app.evidence_at(piece.sha256)
    assert place.is_file()

    done = redact(
        filled.app.writing(), filled.tick(), wanted(filled, f"{filled.item.number}:{piece.sha256[:8]}")
    )
    forget(filled.app, done)

    assert (done.files, place.exists()) == ((piece.sha256,), False)
    with filled.app.reading() as uow:
        assert [each.name for each in uow.evidence.of_item(filled.item.id)] == [MARK]
    found, report = checked(filled)
    assert (found, report.code) == ([], OK), report.wrong
    assert f"佐证文件 {piece.sha256[:12]}… 已登记抹去" in report.known
    with pytest.raises(Conflict, match="没有可抹去"):
        redact(filled.app.writing(), filled.tick(), wanted(filled, f"{filled.item.number}:{piece.sha256}"))


def test_a_trial_changes_nothing(filled):
    with filled.app.reading() as uow:
        before = [*uow.history.scan()]

    tried = try_redaction(
        filled.app.writing(), filled.tick(), wanted(filled, f"{filled.item.number}:problem")
    )

    assert tried.indexes
    with filled.app.reading() as uow:
        assert [*uow.history.scan()] == before


def test_what_was_left_can_be_erased_later(filled):
    other = filled.open()
    redact(filled.app.writing(), filled.tick(), wanted(filled, f"{filled.item.number}:problem", "笔录"))
    again = redact(filled.app.writing(), filled.tick(), wanted(filled, f"{filled.item.number}:problem"))

    with filled.app.reading() as uow:
        assert uow.items.get([filled.item.id])[filled.item.id].fields["problem"] == MARK
        left = uow.items.get([other.id])[other.id].fields["problem"]
    assert left == VALUES["problem"].replace("笔录", MARK)  # the same text of another item is its own
    assert again.rows["redaction.remains"] > 0
    found, report = checked(filled)
    assert (found, report.code) == ([], OK), report.wrong


def test_what_was_told_anew_twice_is_erased_by_words(filled):
    target = f"{filled.item.number}:problem"
    for words in (("笔录",), ("三份",)):
        redact(filled.app.writing(), filled.tick(), wanted(filled, target, *words))

    with pytest.raises(Conflict, match="又改述过"):
        redact(filled.app.writing(), filled.tick(), wanted(filled, target))
    assert redact(filled.app.writing(), filled.tick(), wanted(filled, target, "起止时间")).indexes
    found, report = checked(filled)
    assert (found, report.code) == ([], OK), report.wrong


def test_who_may_not_and_what_may_not(filled):
    target = f"{filled.item.number}:problem"
    with filled.app.reading() as uow:
        key = next(entry.index for entry in uow.history.scan() if entry.what == "signing_key")
    for login in ("administrator", "auditor", "supervisor", "head_a"):
        with pytest.raises(NotPermitted):
            redact(filled.app.writing(), filled.tick(), wanted(filled, target, actor=filled.actor(login)))
    with pytest.raises(Refused, match="没有写明理由"):
        redact(filled.app.writing(), filled.tick(), wanted(filled, target, reason=" "))
    with pytest.raises(Refused, match="没有写明依据"):
        redact(filled.app.writing(), filled.tick(), wanted(filled, target, basis=""))
    with pytest.raises(Refused, match="不能抹去"):
        redact(filled.app.writing(), filled.tick(), wanted(filled, f"{key}", "duban.example"))
    with pytest.raises(Invalid):
        redact(filled.app.writing(), filled.tick(), wanted(filled, target, "笔"))
    with pytest.raises(Invalid):
        redact(filled.app.writing(), filled.tick(), wanted(filled, target, "笔录", reason="抹去笔录"))
    for nothing in (
        "9999",
        "x",
        f"{filled.item.number}:nothing",
        f"{filled.item.number}:abcdef123",
        "ZG-2020-999999:title",
    ):
        with pytest.raises(NotFound):
            redact(filled.app.writing(), filled.tick(), wanted(filled, nothing))


def test_an_eraser_without_the_post_and_the_hand_of_its_own_are_told(filled, monkeypatch):
    """Whoever changed the program on the server: both readings find it."""
    monkeypatch.setattr("engine.usecases.redaction.ERASERS", ("office",))
    monkeypatch.setattr("engine.usecases.redaction._require_erasable", lambda *_: None)
    office = filled.actor("office")

    done = redact(filled.app.writing(), filled.tick(), wanted(filled, "0", NAME, actor=office))

    found, report = checked(filled)
    assert {f.code for f in found} == {"I11", "I12"}
    texts = {index: text.partition("：")[2] for index, _, text in report.wrong}
    assert texts[done.entry] == "抹去内容的人当时不是安全管理员"
    assert texts[done.indexes[0]] == f"由办理人自己抹去（第 {done.entry} 条）"


def forged(bureau, *statements):
    """Change the file as somebody would who can drop the triggers."""
    with closing(sqlite3.connect(bureau.folder / "duban.db")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def erased(bureau):
    """A bureau with one erased entry, and which."""
    bureau.adopt()
    bureau.live(8)
    bureau.item = walked(bureau)
    bureau.kept = bureau.sign()
    with bureau.app.reading() as uow:
        bureau.before = [*uow.history.scan()]
    bureau.done = redact(bureau.app.writing(), bureau.tick(), wanted(bureau, f"{bureau.item.number}:problem"))
    return bureau


def test_an_erasure_without_an_entry_is_tampering(erased):
    index = erased.done.indexes[0] + 1
    forged(erased, f"UPDATE entry SET payload = NULL, salt = NULL WHERE position = {index}")

    found, report = checked(erased)

    assert ("I4", f"第 {index} 条", "内容被抹去，却没有抹去的记录") in {
        (f.code, f.subject, f.text) for f in found
    }
    assert (report.code, report.first) == (TAMPERED, (index, index))


def test_the_entry_of_an_erasure_cannot_be_lost(erased):
    forged(erased, f"UPDATE entry SET payload = NULL, salt = NULL WHERE position = {erased.done.entry}")

    found, report = checked(erased)

    assert {f.subject for f in found} >= {f"第 {erased.done.entry} 条", f"第 {erased.done.indexes[0]} 条"}
    assert report.first == (erased.done.indexes[0], erased.done.indexes[0])


def test_what_is_left_cannot_be_rewritten_beside_the_history(erased):
    forged(erased, "UPDATE redaction SET remains = '{}'")

    assert "抹去后留下的内容" in checked(erased)[0][0].text


def test_an_old_copy_put_back_under_an_erasure_is_told(erased):
    """What a backup still held comes back into the table: both readings say so."""
    index = erased.done.indexes[0]
    kept = erased.before[index]
    values = f"payload = X'{kept.payload.hex()}', salt = X'{kept.salt.hex()}'"
    forged(erased, f"UPDATE entry SET {values} WHERE position = {index}")

    found, report = checked(erased)

    assert any("内容却还在" in f.text for f in found)
    assert report.first == (index, index)


@pytest.mark.storm
def test_a_thousand_erasures_leave_every_proof_valid(bureau, rounds):
    """G-DATA-6."""
    count = min(rounds or 12, 1000)
    bureau.adopt()
    items = [bureau.open() for _ in range(count)]
    bureau.kept = bureau.sign()
    with bureau.app.reading() as uow:
        leaves, old = uow.history.hashes(0, 0, 10**9), head_of(uow)
    for item in items:
        assert redact(bureau.app.writing(), bureau.tick(), wanted(bureau, f"{item.number}:problem")).indexes

    with bureau.app.reading() as uow:
        new = head_of(uow)
        assert uow.history.hashes(0, 0, len(leaves)) == leaves
        assert is_extended(old, new, consistency_proof(old.size, new.size, uow.history.hashes))
        for entry in uow.history.scan(0, old.size):
            assert is_included(
                entry.leaf, entry.index, inclusion_proof(entry.index, new.size, uow.history.hashes), new
            )
    found, report = checked(bureau)
    assert (found, report.code) == ([], OK), report.wrong


def test_another_program_of_the_same_database_sees_the_same(erased):
    with closing(build(erased.app.settings)) as again:
        assert [*examine_deeply(again.reading())] == []
