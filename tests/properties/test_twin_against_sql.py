"""Whatever is asked of the twin and of SQLite in the same order is answered alike."""

import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from engine.model.errors import Error
from engine.model.views import ReportRow
from tests.contract.stores import InDatabase, InMemory, migrated
from tests.properties.requests import HISTORIES


def answered(ask, *arguments):
    """What was answered, in some order where none is promised; the name of the error otherwise."""
    try:
        answer = ask(*arguments)
    except Error as error:
        return type(error).__name__
    if isinstance(answer, Iterator):
        return list(answer)
    if isinstance(answer, list) and answer and isinstance(answer[0], ReportRow):
        return sorted(answer, key=lambda row: row.number)
    return answer


def asked(uow, calls):
    for (repository, method), arguments in calls:
        yield answered(getattr(getattr(uow, repository), method), *arguments)


def until_an_error(answers):
    """What may still be asked in a unit after an error differs from store to store."""
    for answer in answers:
        yield answer
        if isinstance(answer, str):
            break


def worked(store, steps, is_committed, pages):
    with store.begin() as uow:
        answers = list(until_an_error(asked(uow, steps)))
        if is_committed:
            answers.append(answered(uow.commit))
    with store.begin(write=False) as uow:
        return [*answers, *asked(uow, pages), uow.views.integrity()]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "duban.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(history=HISTORIES)
@settings(max_examples=50, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
def test_both_stores_answer_alike(history, template):
    twin = InMemory()
    sql = InDatabase(f"sqlite:///{shutil.copy(template, template.with_name('copy.db'))}")
    try:
        for unit in history:
            assert worked(twin, *unit) == worked(sql, *unit)
    finally:
        sql.close()
