"""How many items stand where, counted with every opening and move, so that no board ever counts items."""

from collections import Counter
from collections.abc import Iterable
from types import ModuleType

from sqlalchemy import ClauseElement, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.prepared import Prepared, Row, Session
from storage.tables import tally

PLACE = ("campaign", "kind", "unit", "owner", "stage")


def _counting(dialect: ModuleType) -> ClauseElement:
    insertion = dialect.insert(tally)
    added: ClauseElement = insertion.on_conflict_do_update(
        index_elements=[*PLACE], set_={"count": tally.c.count + insertion.excluded.count}
    )
    return added


MORE = Prepared(_counting(sqlite), _counting(postgresql))
LESS = Prepared(
    update(tally)
    .where(*[tally.c[name] == bindparam(f"of_{name}") for name in PLACE])
    .values(count=tally.c.count - bindparam("by"))
)


def recount(session: Session, before: Iterable[Row], after: Iterable[Row]) -> None:
    """Count items that stood as `before` and stand as `after`; rows are those of the table of items.

    Places are taken in their order, so that two writers never wait for each other.
    """
    left, entered = [*map(_place, before)], [*map(_place, after)]
    if left == entered:
        return
    counts = Counter(entered)
    counts.subtract(left)
    moved = sorted((place, by) for place, by in counts.items() if by)
    session.many(LESS, [{**_named(place, "of_"), "by": -by} for place, by in moved if by < 0])
    session.many(MORE, [{**_named(place), "count": by} for place, by in moved if by > 0])


def _place(row: Row) -> tuple[str, ...]:
    return row["campaign"], row["definition_id"], row["unit"], row["owner"] or "", row["stage"]


def _named(place: tuple[str, ...], prefix: str = "") -> Row:
    return {f"{prefix}{name}": value for name, value in zip(PLACE, place, strict=True)}
