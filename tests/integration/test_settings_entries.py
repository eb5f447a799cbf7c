"""Settings that decide what people are told are entries: when a worker starts with others than before, by hash."""

import json
from dataclasses import replace
from datetime import timedelta

from engine.usecases.operations import SETTINGS
from runtime.ways import Smtp, Ways
from runtime.work import Work
from tests.audit.bureau import Bureau


def entered(bureau):
    with bureau.app.reading() as uow:
        return [json.loads(e.payload) for e in uow.history.scan() if e.what == SETTINGS]


def ring(bureau, password="secret", templates=None, **changed):
    smtp = Smtp(host="mail", sender="duban@example", domain="example", password=password, **changed)
    settings = replace(bureau.app.settings, channels=("file",), ways=Ways(smtp=smtp), templates=templates)
    work = Work(replace(bureau.app, settings=settings), every=timedelta(seconds=60), clock=bureau.tick)
    work.once(bureau.tick())
    work.once(bureau.tick())


def test_settings_are_entered_when_they_change_and_without_secrets(tmp_path):
    bureau = Bureau(tmp_path)

    ring(bureau)
    ring(bureau)
    assert len(entered(bureau)) == 1
    ring(bureau, password="another")
    assert len(entered(bureau)) == 1
    ring(bureau, port=26)
    first, second = entered(bureau)
    assert first["ways"] != second["ways"]
    assert (first["channels"], first["templates"]) == (["file"], second["templates"])
    assert "secret" not in json.dumps([first, second])
    bureau.close()


def test_words_of_the_bureau_are_entered_whenever_they_change(tmp_path):
    bureau, words = Bureau(tmp_path), tmp_path / "words"
    words.mkdir()

    for text in ("请尽快办理", "请尽快办理", "请于今日办理"):
        (words / "urged.txt.j2").write_text(text, encoding="utf-8")
        ring(bureau, templates=words)

    first, second = entered(bureau)
    assert first["templates"] != second["templates"]
    assert first["ways"] == second["ways"]
    bureau.close()
