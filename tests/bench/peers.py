"""Other engines on the same life: an item is opened and moved three times, each step durable, with its history.

They are measured where they are installed (`make peers`); what a peer does not do by itself (roles, separation of
duties, a hashed history) is not asked of it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from itertools import count, pairwise
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from engine.model.item import NewItem
from engine.model.transition import Attempt
from engine.usecases.items import move_item, open_items
from storage.dialects import open_database
from tests.bench.stage import LISTING, Stage
from tests.builders import UNIT
from tests.integration.house import PLAIN, person_in

LIVES = 60
STEPS = 4
Figure = tuple[str, float]
Life = Callable[[], None]


def figures(folder: Path) -> Iterator[Figure]:
    """Steps a second of each peer over those of duban; then those of duban over the best that does the same work."""
    makers = {name: make for name, (package, make) in PEERS.items() if find_spec(package)}
    seconds = _seconds({name: make(folder) for name, make in {"duban": _duban, **makers}.items()})
    yield from ((f"peer-{name}-vs-duban", seconds["duban"] / seconds[name]) for name in makers)
    if same_work := [seconds[name] for name in SAME_WORK if name in seconds]:
        yield "move-single-vs-best-peer", min(same_work) / seconds["duban"]


def _seconds(lives: Mapping[str, Life]) -> dict[str, float]:
    """The median time of a life, taken in turns: a busy moment of the disk meets everybody."""
    taken: dict[str, list[float]] = {name: [] for name in lives}
    for _ in range(LIVES):
        for name, life in lives.items():
            begun = perf_counter()
            life()
            taken[name].append(perf_counter() - begun)
    return {name: median(times) for name, times in taken.items()}


def _duban(folder: Path) -> Life:
    stage = Stage(open_database(f"sqlite:///{folder / 'lives.db'}"))
    stage.fill(0)
    officer, office, head = (stage.actor(post) for post in ("officer", "office", "head"))
    new = NewItem(
        definition=PLAIN.definitions["item"],
        campaign=PLAIN.id,
        unit=UNIT,
        title="记录缺少时间",
        fields={"problem": "抽查发现"},
    )

    def life() -> None:
        (item,) = open_items(stage.begin(), stage.now, [new], officer)
        steps: tuple[tuple[str, Any, dict[str, Any]], ...] = (
            ("submit", officer, {}),
            ("list", office, {"fields": LISTING}),
            ("assign", head, {"assignee": person_in("officer")}),
        )
        for verb, actor, asked in steps:
            attempt = Attempt(item=item.id, verb=verb, actor=actor, key=f"{verb}/{item.id}", **asked)
            move_item(stage.begin(), stage.now, attempt)

    return life


_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="life" targetNamespace="life">
<bpmn:process id="life" isExecutable="true"><bpmn:startEvent id="begin"/>{tasks}<bpmn:endEvent id="end"/>{flows}
</bpmn:process></bpmn:definitions>"""


def _bpmn() -> bytes:
    places = ["begin", *[f"step_{number}" for number in range(STEPS)], "end"]
    tasks = "".join(f'<bpmn:manualTask id="{place}" name="{place}"/>' for place in places[1:-1])
    flows = "".join(
        f'<bpmn:sequenceFlow id="flow_{number}" sourceRef="{start}" targetRef="{end}"/>'
        for number, (start, end) in enumerate(pairwise(places))
    )
    return _BPMN.format(tasks=tasks, flows=flows).encode()


def _spiff(folder: Path) -> Life:
    """SpiffWorkflow as a request uses it: restored, moved on and serialised at each step, stored as JSON."""
    from lxml import etree
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.util.task import TaskState

    parser, serializer = BpmnParser(), BpmnWorkflowSerializer()
    parser.add_bpmn_xml(etree.fromstring(_bpmn()))
    spec = parser.get_spec("life")
    database = _durable(folder / "spiff.db")
    database.execute("CREATE TABLE life (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    numbers = count()

    def life() -> None:
        number = next(numbers)
        begun = BpmnWorkflow(spec)
        begun.do_engine_steps()
        database.execute("INSERT INTO life VALUES (?, ?)", (number, serializer.serialize_json(begun)))
        for _ in range(STEPS - 1):
            (body,) = database.execute("SELECT body FROM life WHERE id = ?", (number,)).fetchone()
            running = serializer.deserialize_json(body)
            running.get_tasks(state=TaskState.READY)[0].run()
            running.do_engine_steps()
            database.execute(
                "UPDATE life SET body = ? WHERE id = ?", (serializer.serialize_json(running), number)
            )

    return life


def _durable(path: Path) -> Any:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


def _fsm(folder: Path) -> Life:
    """django-fsm-2 with its log, and rows for a notice and a limit beside it: the same rows as ours."""
    import django
    from django.conf import settings
    from django.db import connection

    options = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        "transaction_mode": "IMMEDIATE",
    }
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "fsm.db", "OPTIONS": options}
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django_fsm", "django_fsm_log"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DJANGO_FSM_LOG_STORAGE_METHOD="django_fsm_log.backends.SimpleBackend",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    models = _models()
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    return _fsm_life(*models)


def _models() -> tuple[Any, ...]:
    from django.db import models
    from django_fsm import FSMField, transition
    from django_fsm_log.decorators import fsm_log_by

    class Item(models.Model):
        state = FSMField(default="draft")
        version = models.IntegerField(default=0)

        @fsm_log_by
        @transition(field=state, source="draft", target="submitted")
        def submit(self, by: object = None) -> None: ...

        @fsm_log_by
        @transition(field=state, source="submitted", target="listed")
        def list(self, by: object = None) -> None: ...

        @fsm_log_by
        @transition(field=state, source="listed", target="assigned")
        def assign(self, by: object = None) -> None: ...

        class Meta:
            app_label = "django_fsm"

    class Told(models.Model):
        item = models.ForeignKey(Item, models.CASCADE)
        text = models.TextField()

        class Meta:
            app_label = "django_fsm"

    class Limit(models.Model):
        item = models.ForeignKey(Item, models.CASCADE)
        due_at = models.BigIntegerField(db_index=True)

        class Meta:
            app_label = "django_fsm"

    return Item, Told, Limit


def _fsm_life(item: Any, told: Any, limit: Any) -> Life:
    from django.db import transaction

    def life() -> None:
        with transaction.atomic():
            new = item.objects.create()
            told.objects.create(item=new, text="opened")
            limit.objects.create(item=new, due_at=1)
        for verb in ("submit", "list", "assign"):
            with transaction.atomic():
                found = item.objects.get(pk=new.pk)
                getattr(found, verb)()
                found.version += 1
                found.save()
                told.objects.create(item=found, text=verb)
                limit.objects.filter(item=found).update(due_at=2)

    return life


def _dbos(folder: Path) -> Life:
    """DBOS: one workflow of four steps, each recorded before the next."""
    from dbos import DBOS

    DBOS(
        config={
            "name": "life",
            "system_database_url": f"sqlite:///{folder / 'dbos.db'}",
            "run_admin_server": False,
        }
    )

    @DBOS.step()
    def step(number: int) -> int:
        return number

    @DBOS.workflow()
    def whole() -> None:
        for number in range(STEPS):
            step(number)

    DBOS.launch()
    return whole


PEERS: dict[str, tuple[str, Callable[[Path], Life]]] = {
    "spiff": ("SpiffWorkflow", _spiff),
    "fsm": ("django_fsm", _fsm),
    "dbos": ("dbos", _dbos),
}
SAME_WORK = ("fsm",)
"""Peers that, as used here, store the same rows at each step: item, history, notice and limit."""
