"""A store in this process, and one transaction over every repository of it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import Final, Self

from engine import ports
from engine.model.calendar import Calendar
from engine.model.errors import Unavailable
from storage.memory.accounts import MemoryAccounts
from storage.memory.calendars import MemoryCalendars
from storage.memory.campaigns import MemoryCampaigns
from storage.memory.checkpoints import MemoryCheckpoints
from storage.memory.criticisms import MemoryCriticisms
from storage.memory.deadlines import MemoryDeadlines
from storage.memory.definitions import MemoryDefinitions
from storage.memory.deliveries import MemoryDeliveries
from storage.memory.dump import MemoryDump
from storage.memory.evidence import MemoryEvidence
from storage.memory.filters import MemoryFilters
from storage.memory.gates import MemoryGates
from storage.memory.history import MemoryHistory
from storage.memory.items import MemoryItems
from storage.memory.levels import MemoryLevels
from storage.memory.notices import MemoryNotices
from storage.memory.people import MemoryPeople
from storage.memory.redaction import MemoryRedactions
from storage.memory.replies import MemoryReplies
from storage.memory.tables import Tables
from storage.memory.tokens import MemoryTokens
from storage.memory.views import MemoryViews
from storage.memory.work import Work
from storage.memory.workers import MemoryWorkers
from storage.refusals import OVER

WAIT_SECONDS: Final = 30.0
"""How long a writer waits for the one before it."""


class Memory:
    """What is committed, and whose turn it is to write. `clock` is the one that its workers share."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.committed = Tables()
        self._turn = Lock()

    def begin(self, *, write: bool) -> Work:
        """A transaction over what is committed now; writers wait for each other. Raises Unavailable."""
        if write and not self._turn.acquire(timeout=WAIT_SECONDS):
            raise Unavailable("别的操作占用太久，没有等到", hint="请稍后再办")
        return Work(self.committed, write=write)

    def commit(self, work: Work) -> None:
        """Let what a writer has written be seen by all who begin from now on. Raises Broken."""
        tables = work.checked()
        if work.write:
            self.committed = tables

    def end(self, work: Work) -> None:
        """Forget what was not committed, and let the next writer in."""
        work.close()
        if work.write:
            self._turn.release()


class MemoryUnitOfWork(ports.UnitOfWork):
    """Fulfils `UnitOfWork`. A reader sees what was committed when it began; writers take turns."""

    def __init__(
        self,
        memory: Memory,
        entropy: ports.Entropy,
        calendar: Calendar,
        channels: Sequence[str] = (),
        *,
        write: bool = True,
    ) -> None:
        self.entropy = entropy
        self.channels = channels
        self._shipped = calendar
        self._memory = memory
        self._write = write
        self._work: Work | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._work = self._memory.begin(write=self._write)
        self._open(self._work)
        return self

    @property
    def calendar(self) -> Calendar:
        """The calendar in force."""
        return self.calendars.in_force()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed."""
        if self._work is not None:
            self._end(self._work)

    def commit(self) -> None:
        """Make everything durable at once, or raise and leave nothing."""
        if self._work is None:
            raise Unavailable(OVER)
        self._memory.commit(self._work)
        self._end(self._work)

    def _end(self, work: Work) -> None:
        self._work = None
        self._memory.end(work)

    def _open(self, work: Work) -> None:
        self.items = MemoryItems(work)
        self.history = MemoryHistory(work)
        self.redactions = MemoryRedactions(work)
        self.checkpoints = MemoryCheckpoints(work)
        self.deadlines = MemoryDeadlines(work)
        self.levels = MemoryLevels(work)
        self.criticisms = MemoryCriticisms(work)
        self.notices = MemoryNotices(work)
        self.deliveries = MemoryDeliveries(work)
        self.gates = MemoryGates(work, self._memory.clock)
        self.people = MemoryPeople(work)
        self.accounts = MemoryAccounts(work)
        self.tokens = MemoryTokens(work)
        self.filters = MemoryFilters(work)
        self.definitions = MemoryDefinitions(work)
        self.campaigns = MemoryCampaigns(work)
        self.calendars = MemoryCalendars(work, self._shipped)
        self.replies = MemoryReplies(work)
        self.evidence = MemoryEvidence(work)
        self.views = MemoryViews(work)
        self.workers = MemoryWorkers(work)
        self.dump = MemoryDump(work)
