"""Every use case that writes, one after the other, on one database."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from engine.model.actor import Grant, Role
from engine.model.criticism import Verdict
from engine.model.ids import DefinitionRef, PostCode
from engine.model.item import NewItem
from engine.model.transition import Attempt
from engine.usecases import sweep as sweeping
from engine.usecases.calendars import LoadCalendar, load_calendar, reproject
from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.criticism import DecideCriticism, decide_criticism
from engine.usecases.definitions import publish_definitions
from engine.usecases.deliver import deliver
from engine.usecases.duties import NilReturn, open_duties, sign_nil
from engine.usecases.items import move_items, open_items
from engine.usecases.migration import Migrate, migrate
from engine.usecases.operations import note_operation
from engine.usecases.people import Recall, grant_post, recall_post
from engine.usecases.redaction import Redact, redact
from tests.builders import NOON, UNIT, an_actor
from tests.faults.traps import contents
from tests.integration.house import PLAIN, definitions, person_in
from tests.integration.next_version import (
    ADMINISTRATOR,
    SECURITY,
    a_plan,
    next_version,
    with_administrator,
    with_security,
)
from tests.integration.test_calendar_change import COUNTY
from tests.integration.test_delivery import Box
from tests.lives import ENDS, LIFE
from workflows.campaign import read_campaign

PLAN = Path(__file__).parents[2] / "workflows" / "campaigns" / "fazhi-2020"
FEW = 4
"""Deadlines of a sweep in one transaction: to fail at each statement of a long one takes the square of its length."""


@dataclass(frozen=True)
class Step:
    """One use case; `run` takes what gives fresh units of work. A keyed one may be sent again after a lost answer."""

    name: str
    run: Callable
    is_keyed: bool = False
    again: Callable = lambda stage: None


class Story:
    """Gives the steps in order; each follows from what the one before has stored."""

    def __init__(self, stage):
        self._stage = stage
        self._actors = {
            post: stage.actor(post) for post in ("officer", "head", "office", "director", "leader")
        }
        self._count = 0

    def __iter__(self):
        yield from self._installation()
        yield from self._one_life()
        yield from self._many_ends()
        yield from self._duties()
        yield from self._migration()
        yield from self._surroundings()

    def _installation(self):
        plan, shipped = read_campaign(PLAN), list(definitions().values())
        task = replace(plan.tasks[0], lead=UNIT, assisting=())
        small = replace(PLAIN, id="second", phases=plan.phases[-1:], tasks=(task,), duties=plan.duties[:2])
        command = LoadCampaign(small, shipped, an_actor(8, Role.ADMINISTRATOR))
        yield Step("load campaign", lambda begin: load_campaign(begin(), NOON, command))
        new = [replace(one, ref=DefinitionRef(one.ref.id, 7)) for one in shipped]
        publisher = an_actor(8, Role.ADMINISTRATOR)
        yield Step("publish", lambda begin: publish_definitions(begin(), NOON, new, publisher))
        grant = Grant(
            person=person_in("legal"), post=PostCode("head"), from_on=date(2020, 6, 1), until_on=None
        )
        officer = an_actor(9, Role.SECURITY_OFFICER)
        yield Step("grant post", lambda begin: grant_post(begin(), NOON, grant, officer))
        recall = Recall(grant=grant, until_on=date(2020, 7, 1), reason="另有任用")
        yield Step("recall post", lambda begin: recall_post(begin(), NOON, recall, officer))
        yield Step("note operation", lambda begin: note_operation(begin(), NOON, "restore", {"entries": 1}))

    def _one_life(self):
        yield self._opening(1)
        (item,) = self._newest(1)
        for move in LIFE:
            yield self._moving([item], *move)

    def _many_ends(self):
        for moves in ENDS:
            yield self._opening(1)
            (item,) = self._newest(1)
            for move in moves:
                yield self._moving([item], *move)
        yield self._opening(3)
        one, *others = self._newest(3)
        yield self._moving([one, *others], "submit", "officer", {})
        yield self._moving([one], "merge", "office", {"other": others[0]})

    def _duties(self):
        june = NOON + timedelta(days=30)
        yield Step("open duties", lambda begin: list(open_duties(begin, june)))
        head = self._actors["head"]
        nil = NilReturn(campaign="second", duty="monthly", unit=UNIT, period="2020-06", actor=head, key="nil")
        yield Step("sign nil", lambda begin: sign_nil(begin(), june, nil), is_keyed=True)

    def _migration(self):
        with self._stage.begin() as uow:
            uow.people.add(with_administrator(PLAIN.roster))
            keeper, new = uow.people.actor(ADMINISTRATOR, NOON.date()), next_version()
            uow.commit()
        plan = replace(a_plan(definitions()["item"], new, self_checked="checked"), campaign=PLAIN.id)
        yield Step("publish again", lambda begin: publish_definitions(begin(), NOON, [new], keeper))
        yield self._opening(2)
        yield Step("migrate", lambda begin: migrate(begin(), NOON, Migrate(plan, keeper)))

    def _surroundings(self):
        keeper = an_actor(8, Role.ADMINISTRATOR)
        yield Step("load calendar", lambda begin: load_calendar(begin(), NOON, LoadCalendar(COUNTY, keeper)))
        yield Step("reproject", lambda begin: list(reproject(begin, NOON, keeper)))
        for days in (3, 60, 140):
            yield from self._sweeping(NOON + timedelta(days=days))
        yield self._criticising()
        send = {"worker": "one", "limit": 2, "jitter": lambda: 0.5}
        yield Step("deliver", lambda begin: deliver(begin, NOON, Box(), **send), again=_as_queued_just_now)

    def _sweeping(self, now):
        while self._is_due(now):
            yield Step("sweep", lambda begin: sweeping._chunk(begin(), now, FEW))

    def _is_due(self, now):
        with self._stage.begin() as uow:
            return bool(uow.deadlines.due(now, 1))

    def _criticising(self):
        with self._stage.begin() as uow:
            mark = next(iter(uow.criticisms.scan()))
            number = uow.items.get([mark.item])[mark.item].number
        command = DecideCriticism(
            number=number, verdict=Verdict.DROPPED, reason="情况有变", actor=self._actors["director"]
        )
        return Step("criticise", lambda begin: decide_criticism(begin(), NOON, command))

    def erasing(self):
        """An item is opened, and what it says of its problem is erased."""
        yield self._opening(1)
        (item,) = self._newest(1)
        with self._stage.begin() as uow:
            uow.people.add(with_security(PLAIN.roster))
            actor, number = uow.people.actor(SECURITY, NOON.date()), uow.items.get([item])[item].number
            uow.commit()
        command = Redact(target=f"{number}:problem", reason="当事人申请", basis="有关规定", actor=actor)
        yield Step("redact", lambda begin: redact(begin(), NOON, command))

    def _opening(self, count):
        actor = self._actors["officer"]
        return Step(f"open {count}", lambda begin: open_items(begin(), NOON, [an_opening()] * count, actor))

    def _newest(self, count):
        with self._stage.begin() as uow:
            items = sorted(uow.items.of_campaign(PLAIN.id, "item"), key=lambda item: item.number)
        return [item.id for item in items[-count:]]

    def _moving(self, items, verb, post, asked):
        self._count += 1
        actor = self._actors[post]
        attempts = [
            Attempt(
                item=item,
                verb=verb,
                actor=actor,
                key=f"{self._count}/{item}",
                **{"reason": "情况有变", **asked},
            )
            for item in items
        ]
        return Step(verb, lambda begin: move_items(begin(), NOON, attempts), is_keyed=True)


def an_opening():
    """An item to open."""
    return NewItem(
        definition=PLAIN.definitions["item"],
        campaign=PLAIN.id,
        unit=UNIT,
        title="记录不全",
        fields={"problem": "记录不全"},
    )


def _as_queued_just_now(stage):
    """Give back what a worker had claimed when it failed; returns what is then stored."""
    with stage.database.engine.connect() as connection:
        connection.exec_driver_sql(
            "UPDATE delivery SET status = 'pending', attempts = 0, not_before = 0, worker = NULL, sent_at = NULL"
        )
    return contents(stage)
