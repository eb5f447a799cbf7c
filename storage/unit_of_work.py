"""One transaction over every repository."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from sqlalchemy.pool import PoolProxiedConnection

from engine import ports
from engine.model.calendar import Calendar
from engine.model.causes import in_chinese
from engine.model.definition import Definition
from engine.model.errors import Error, Unavailable
from engine.model.ids import DefinitionRef
from storage.accounts import Sealing, SqlAccounts
from storage.calendars import SqlCalendars
from storage.campaigns import SqlCampaigns
from storage.checkpoints import SqlCheckpoints
from storage.criticisms import SqlCriticisms
from storage.deadlines import SqlDeadlines
from storage.definitions import ReadDefinition, SqlDefinitions
from storage.deliveries import SqlDeliveries
from storage.dialects import Database
from storage.dump import SqlDump
from storage.evidence import SqlEvidence
from storage.filters import SqlFilters
from storage.gates import SqlGates
from storage.history import SqlHistory
from storage.items import SqlItems
from storage.levels import SqlLevels
from storage.notices import SqlNotices
from storage.people import SqlPeople
from storage.prepared import Session
from storage.redaction import SqlRedactions
from storage.refusals import OVER
from storage.replies import SqlReplies
from storage.tokens import SqlTokens
from storage.views import SqlViews
from storage.workers import SqlWorkers


class SqlUnitOfWork(ports.UnitOfWork):
    """Fulfils `UnitOfWork`. The connection is taken when it is entered and given back when it is left."""

    def __init__(  # noqa: PLR0913 - what a transaction is made of
        self,
        database: Database,
        entropy: ports.Entropy,
        calendar: Calendar,
        read_definition: ReadDefinition,
        channels: Sequence[str] = (),
        *,
        write: bool = True,
        known: dict[DefinitionRef, Definition] | None = None,
        sealing: Sealing | None = None,
    ) -> None:
        self.entropy = entropy
        self._shipped = calendar
        self.channels = channels
        self._database = database
        self._read_definition = read_definition
        self._write = write
        self._sealing = sealing
        self._known = {} if known is None else known
        self._connection: PoolProxiedConnection | None = None
        self._session: Session | None = None

    def __enter__(self) -> Self:
        """Begin."""
        try:
            session = self._begin()
        except Unavailable:
            if self._database.is_sqlite:
                raise
            self._database.close()  # the server was restarted: every connection of the pool is dead
            session = self._begin()
        self._session = session
        self._open(session)
        return self

    @property
    def calendar(self) -> Calendar:
        """The calendar in force in this transaction."""
        return self.calendars.in_force()

    def _begin(self) -> Session:
        self._connection = self._connect()
        driver: Any = self._database.engine.dialect.loaded_dbapi
        dialect = self._database.engine.dialect.name
        session = Session(self._connection.driver_connection, dialect, driver, write=self._write)
        try:
            session.plain(self._database.begin(write=self._write))
        except BaseException:
            self._connection.invalidate()
            raise
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed."""
        session, connection = self._session, self._connection
        self._session = self._connection = None
        if connection is None:
            return
        try:
            if session is not None:
                session.roll_back()
        except Error:
            connection.invalidate()
        except BaseException:  # a transaction that is still open holds up everybody
            connection.invalidate()
            raise
        else:
            connection.close()

    def commit(self) -> None:
        """Make everything durable at once, or raise and leave nothing."""
        if self._session is None:
            raise Unavailable(OVER)
        self._session.commit()
        self._session = None

    def _connect(self) -> PoolProxiedConnection:
        try:
            return self._database.engine.raw_connection()
        except self._database.engine.dialect.loaded_dbapi.Error as error:
            raise Unavailable(f"数据库打不开：{in_chinese(error)}") from error

    def _open(self, session: Session) -> None:
        self.items = SqlItems(session)
        self.history = SqlHistory(session)
        self.redactions = SqlRedactions(session)
        self.checkpoints = SqlCheckpoints(session)
        self.dump = SqlDump(session)
        self.deadlines = SqlDeadlines(session)
        self.levels = SqlLevels(session)
        self.criticisms = SqlCriticisms(session)
        self.notices = SqlNotices(session)
        self.deliveries = SqlDeliveries(session)
        self.gates = SqlGates(session)
        self.people = SqlPeople(session)
        self.accounts = SqlAccounts(session, self._sealing)
        self.tokens = SqlTokens(session)
        self.filters = SqlFilters(session)
        self.definitions = SqlDefinitions(session, self._read_definition, self._known)
        self.campaigns = SqlCampaigns(session)
        self.calendars = SqlCalendars(session, self._shipped)
        self.replies = SqlReplies(session)
        self.evidence = SqlEvidence(session)
        self.views = SqlViews(session)
        self.workers = SqlWorkers(session)
