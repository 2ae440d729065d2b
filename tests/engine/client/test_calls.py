"""Calls to an engine from programs without an event loop."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.project import Project
from support.served import served
from taskengine import EngineUnreachable, InvalidPayload, Run, RunNotFound, TaskError, TaskNotFound
from taskengine.client.calls import Calls
from taskengine.client.wire.refusals import refusal_of
from taskengine.errors import EngineNotRunning, FieldFault, NotPossible, TaskNotImplemented
from taskengine.run import RunState

ODD = "a b:%2e?ü"


@contextmanager
def answering(path: Path, *answers: bytes) -> Iterator[None]:
    """A server that gives one of these answers to each connection, and hangs up after it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(20)

        def serve() -> None:
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(20)


@contextmanager
def hanging_up_when_called_again(path: Path, answer: bytes) -> Iterator[None]:
    """A server that answers each of two connections once, and takes another request of each."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(20)

        def serve() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(20)
                    connection.recv(65_536)
                    connection.sendall(answer)
                    connection.recv(65_536)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(20)


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_facts_and_refusals_come_back_as_they_are(project: Project) -> None:
    project.task(f"{ODD.replace(':', '/')}.py", "return event.payload")
    async with served(project, port=0) as server:
        assert server.server.socket

        def ask(address: Path | str) -> None:
            calls = Calls(address)
            body = {"task": ODD, "payload": {"ä": [1]}, "trigger": "cli"}
            run = calls.post_as(Run, "runs", body=body)
            whole = calls.get_as(Run, "runs", run.id, wait=20)
            assert (whole.state, whole.result) == (RunState.DONE, {"ä": [1]})
            assert calls.get("tasks", ODD)["view"]["name"] == ODD
            listed = calls.get("runs", state=["done", "failed"], task=None, since=run.queued_at)
            assert [one["id"] for one in listed["runs"]] == [run.id]
            assert calls.put("scheduling", body={"on": False}) is None
            with pytest.raises(TaskNotFound) as task:
                calls.get("tasks", "../other")
            assert task.value.name == "../other"
            with pytest.raises(RunNotFound):
                calls.get("runs", 999)
            with pytest.raises(TaskError) as wrong:
                calls.get("runs", limit="many")
            assert wrong.value.status_code == 400
            calls.close()

        await asyncio.to_thread(ask, server.server.socket)
        await asyncio.to_thread(ask, server.server.url)


def test_an_engine_that_has_hung_up_is_called_again(tmp_path: Path) -> None:
    calls = Calls(tmp_path / "s")
    with answering(tmp_path / "s", http("200 OK", b"[1]"), http("200 OK", b"[2]")):
        assert [calls.get("a"), calls.get("b")] == [[1], [2]]
    calls.close()


def test_one_that_hangs_up_just_as_it_is_called_is_called_again(tmp_path: Path) -> None:
    calls = Calls(tmp_path / "s")
    with hanging_up_when_called_again(tmp_path / "s", http("200 OK", b"1")):
        assert calls.get("a") == 1
        assert calls.get("b") == 1
        with pytest.raises(EngineUnreachable):  # nobody knows whether it was heard
            calls.post("c")
    calls.close()


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", http("200 OK", b"<html>")])
def test_what_is_no_answer_is_told_as_that(tmp_path: Path, answer: bytes) -> None:
    calls = Calls(tmp_path / "s")
    with answering(tmp_path / "s", answer), pytest.raises(EngineUnreachable) as error:
        calls.get("a")
    assert str(tmp_path / "s") in str(error.value)
    calls.close()


def test_nobody_there_is_told_with_the_address(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable, match="No such file or directory"):
        Calls(tmp_path / "s").get("a")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(EngineUnreachable, match=url):
        Calls(url).get("a")


def test_a_slow_engine_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        with pytest.raises(EngineUnreachable, match="too long"):
            Calls(tmp_path / "s", timeout=0.05).get("a")


def test_an_answer_is_made_into_the_error_that_it_stands_for() -> None:
    def made(status: int, **answer: object) -> TaskError:
        return refusal_of(status, json.dumps(answer).encode())

    faults = [{"path": "to", "message": "is missing"}]
    invalid = made(422, message="no Mail", faults=faults)
    assert isinstance(invalid, InvalidPayload)
    assert invalid.faults == (FieldFault("to", "is missing"),)
    assert isinstance(made(501, message="Task `a` is not implemented!"), TaskNotImplemented)
    assert isinstance(made(501, message="no"), NotPossible)
    assert isinstance(made(503, message="stopping"), EngineNotRunning)
    other = made(418, message="short and stout")
    assert (str(other), other.status_code) == ("short and stout", 418)
    for text in (b"", b"[]", b"\xff", b'{"faults": 1}'):
        assert refusal_of(502, text).status_code == 502
