"""apprise as a way out: of the schemes and at the hosts that are allowed, in time, and nowhere else."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine.model.errors import InDoubt, Unavailable
from notifications.address import Place
from notifications.channels.apprise import AppriseChannel, scheme_of
from notifications.outgoing import NotTaken
from tests.integration.receivers import Receiver, hang, misbehaving, receiving
from tests.integration.test_post import OUTGOING

pytest.importorskip("apprise", reason="apprise is an extra")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def channel(port: int, **more: Any) -> AppriseChannel:
    given = {
        "url": f"json://127.0.0.1:{port}/hook",
        "schemes": {"json"},
        "allowed": {Place(host="127.0.0.1", port=port)},
        "longest": 30.0,
    }
    return AppriseChannel(**(given | more))


def test_what_is_allowed_arrives(receiver: Receiver) -> None:
    channel(receiver.port).send(OUTGOING)

    (got,) = receiver.received
    assert got.path == "/hook"
    assert got.json["message"].startswith("致示例民警：")


@pytest.mark.parametrize("schemes", [set(), {"jsons"}, {"xml"}])
def test_a_scheme_that_nobody_allowed_starts_nothing(
    receiver: Receiver, schemes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.Popen", None)

    with pytest.raises(Unavailable, match="不在允许之列"):
        channel(receiver.port, schemes=schemes).send(OUTGOING)


def test_a_host_that_nobody_allowed_is_not_spoken_to(receiver: Receiver) -> None:
    elsewhere = {Place(host="127.0.0.1", port=receiver.port + 1), Place(host="gateway.invalid", port=1)}

    for url in (f"json://127.0.0.1:{receiver.port}", f"json://localhost:{receiver.port}"):
        with pytest.raises(Unavailable, match="不在允许之列") as caught:
            channel(receiver.port, url=url, allowed=elsewhere).send(OUTGOING)
        assert type(caught.value) is Unavailable
    assert receiver.received == []


def test_a_redirection_leads_nowhere_else(receiver: Receiver) -> None:
    with receiving() as other:
        receiver.status, receiver.headers = 307, {"Location": f"http://127.0.0.1:{other.port}/x"}
        with pytest.raises((Unavailable, NotTaken)):
            channel(receiver.port).send(OUTGOING)

    assert (len(receiver.received), other.received) == (1, [])


def test_a_server_that_hangs_is_left_in_doubt() -> None:
    with misbehaving(hang) as server:
        start = time.monotonic()
        with pytest.raises(InDoubt):
            channel(server.port, longest=2.5).send(OUTGOING)
    assert time.monotonic() - start < 20


def test_a_refusal_may_be_tried_again_and_an_odd_address_never_leaves(receiver: Receiver) -> None:
    receiver.status = 500
    with pytest.raises(NotTaken):
        channel(receiver.port).send(OUTGOING)
    assert [scheme_of(url) for url in ("JSON://a", " json://a", "json://a b", "json:a", "", "a\n://b")] == [
        ""
    ] * 6
