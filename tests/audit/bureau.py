"""A small bureau with everything in its history, and a life that dice decide."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from engine.model.actor import Actor, Grant
from engine.model.calendar import LOCAL
from engine.model.checkpoint import Checkpoint
from engine.model.definition import MoveDef
from engine.model.errors import Conflict, Refused
from engine.model.ids import ItemId, PostCode
from engine.model.item import Item, NewItem
from engine.model.transition import Attempt, Evidence
from engine.rules.notes import LOG
from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.checkpoints import Sealing, adopt_key, make_checkpoint
from engine.usecases.items import move_item, open_items
from engine.usecases.people import Recall, grant_post, recall_post
from engine.usecases.sweep import sweep
from runtime.clock import fixed_clock
from runtime.entropy import SeededEntropy
from runtime.keys import SigningKey
from runtime.settings import read_settings
from runtime.signer import FileSigner
from runtime.wiring import App, build
from tests.contract.stores import migrated_file
from tests.integration.house import definitions
from workflows.campaign import read_campaign
from workflows.values import person_id

PLAN = read_campaign(Path(__file__).parent / "plan")
START = datetime(2020, 4, 20, 1, 0, tzinfo=UTC)
NAME = "duban.example/small"
VALUES = {
    "problem": "抽查三份笔录，起止时间未填写",
    "goal": "记录完整",
    "standard": "抽查无缺",
    "measures": "培训并抽查",
    "due_on": "2020-06-30",
    "progress": "已培训一次",
    "conclusion": "已整改",
    "result": "抽查十份，均已填写",
    "reply": "已督促，见整改清单",
}
NEVER = frozenset({"merge", "split"})
RARELY = frozenset({"attach", "transfer", "withdraw", "void", "reject", "hand_over", "suspend"})
REASONS = ("按要求办理", "材料不齐，请补充", "“引号”与换行\n再看", "𠮷野家 e\u0301")


class Bureau:
    """An installation in a folder, with a clock of its own that every act moves on."""

    def __init__(self, folder: Path, seed: int = 2020) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        settings = read_settings({"database": str(folder / "duban.db")}, {}, folder)
        (folder / "duban.db").write_bytes(migrated_file())
        self.now = START
        self.dice = random.Random(seed)
        self.app: App = build(settings, clock=fixed_clock(START), entropy=SeededEntropy(seed))
        self.key = SigningKey(NAME, LOG, sha256(f"{seed}".encode()).digest())
        self.signer = FileSigner(self.key, folder / "signer.last")
        self.items: list[ItemId] = []
        load_campaign(self.app.writing(), self.now, LoadCampaign(PLAN, tuple(definitions().values())))

    def tick(self, hours: int = 0) -> datetime:
        """A little later, and later by some hours."""
        self.now += timedelta(seconds=self.dice.randrange(1, 900), hours=hours)
        return self.now

    def actor(self, login: str) -> Actor:
        with self.app.reading() as uow:
            return uow.people.actor(person_id(login), self.now.date())

    def adopt(self) -> None:
        adopt_key(self.app.writing(), self.tick(), self.signer.vkey, self.actor("security"))

    def sign(self, cause: str | None = None) -> Checkpoint | None:
        sealing = Sealing(reading=self.app.reading, writing=self.app.writing, signers=(self.signer,))
        return make_checkpoint(sealing, self.tick(), cause or f"manual/{self.now.isoformat()}")

    def open(self) -> Item:
        team = self.dice.choice("ab")
        new = NewItem(
            definition=PLAN.definitions["item"],
            campaign=PLAN.id,
            unit=PLAN.roster.units[1 + "ab".index(team)].code,
            title="记录不全",
            category="1",
            fields={"problem": VALUES["problem"]},
        )
        (item,) = open_items(self.app.writing(), self.tick(), [new], self.actor(f"officer_{team}"))
        self.items.append(item.id)
        return item

    def live(self, acts: int) -> int:
        """Let people do what they may; returns how many acts were done."""
        done = 0
        for _ in range(acts * 6):
            if done == acts:
                break
            done += self._act()
        return done

    def _act(self) -> bool:
        if not self.items or self.dice.random() < 0.12:
            self.open()
            return True
        if self.dice.random() < 0.03:
            return bool([*sweep(self.app.writing, self.tick(24 * 20))])
        if self.dice.random() < 0.03:
            self.substitute()
            return True
        return self._move()

    def _move(self) -> bool:
        with self.app.reading() as uow:
            item = uow.items.get([self.dice.choice(self.items)]).popitem()[1]
            moves = uow.definitions.get(item.definition).moves_from(item.state)
        barred = NEVER if self.dice.random() < 0.2 else NEVER | RARELY
        moves = [move for move in moves if move.verb not in barred]
        if not moves:
            return False
        move = self.dice.choice(moves)
        for login in self._candidates(item, move):
            try:
                move_item(self.app.writing(), self.tick(), self._attempt(item, move, self.actor(login)))
            except (Refused, Conflict):
                continue
            return True
        return False

    def _candidates(self, item: Item, move: MoveDef) -> Sequence[str]:
        logins = [person.login for person in PLAN.roster.persons if person.login != "auditor"]
        named = [login for login in logins if person_id(login) in (item.owner, item.reviewer, item.opener)]
        fitting = [p.code for p in PLAN.roster.posts if p.roles & {*move.who}]
        chosen = [*named, *fitting]
        self.dice.shuffle(chosen)
        return chosen[:4]

    def _attempt(self, item: Item, move: MoveDef, actor: Actor) -> Attempt:
        team = "a" if item.unit == "team_a" else "b"
        evidence = (
            (self.evidence(),) if "evidence" in f"{move.guards}".lower() or move.verb == "attach" else ()
        )
        return Attempt(
            item=item.id,
            verb=move.verb,
            actor=actor,
            key=f"{self.now.isoformat()}/{move.verb}",
            reason=self.dice.choice(REASONS),
            fields={name: VALUES[name] for name in move.sets if name in VALUES},
            evidence=evidence,
            target=self.dice.choice(move.to) if len(move.to) > 1 else None,
            assignee=person_id(self.dice.choice([f"officer_{team}", "officer_a2", "supervisor"])),
            unit=PLAN.roster.units[self.dice.randrange(1, 3)].code,
            until_on=(self.now + timedelta(days=9)).date(),
            due_on=self.dice.choice([None, datetime(2020, 8, 30, tzinfo=UTC).date()]),
            claimed_on=self.dice.choice([None, (self.now - timedelta(days=2)).date()]),
        )

    def attach(self) -> None:
        """Let somebody attach a file to an item of theirs."""
        item = self.open()
        opener = "officer_a" if item.unit == "team_a" else "officer_b"
        attempt = Attempt(
            item=item.id, verb="attach", actor=self.actor(opener), key=item.id, evidence=(self.evidence(),)
        )
        move_item(self.app.writing(), self.tick(), attempt)

    def evidence(self) -> Evidence:
        path = self.folder / f"佐证{self.dice.randrange(5)}.txt"
        path.write_text(f"第 {path.stem} 份", encoding="utf-8")
        return replace(self.app.attach_evidence(path), made_on=self.now.date())

    def substitute(self) -> None:
        grant = Grant(
            person=person_id("officer_a2"),
            post=PostCode(self.dice.choice(["head_a", "legal_a"])),
            from_on=self.now.date(),
            until_on=self.now.date() + timedelta(days=self.dice.randrange(1, 40)),
            on_behalf_of=person_id("head_a"),
        )
        try:
            grant_post(self.app.writing(), self.tick(), grant, self.actor("security"))
            if self.dice.random() < 0.3:
                now = self.tick()
                recall = Recall(grant=grant, until_on=now.astimezone(LOCAL).date(), reason="代理结束")
                recall_post(self.app.writing(), now, recall, self.actor("security"))
        except Conflict:
            return

    def close(self) -> None:
        self.app.close()
