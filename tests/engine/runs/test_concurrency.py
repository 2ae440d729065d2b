"""What becomes of a call while runs of the same key go on: queue, parallel, skip, and keys."""

import asyncio
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, InvalidPayload, RunState, TaskSkipped
from taskengine.events import CatalogChanged, RunEnded, RunJoined, RunQueued, RunStarted

WAITS = """
import asyncio
await asyncio.to_thread(event.context.extra["gate"].wait)
return event.payload.get("n")
"""


class Gates:
    """A gate for each run, by the `n` of its payload."""

    def __init__(self, engine: Engine, task: str = "job") -> None:
        self._engine = engine
        self._task = task
        self.gates: list[threading.Event] = []

    async def start(self, **payload: object) -> int:
        """Begin a run and give back its number."""
        self.gates.append(threading.Event())
        payload = {"n": len(self.gates) - 1, **payload}
        run = await self._engine.start_run(self._task, payload, {"gate": self.gates[-1]})
        return run.id

    def open_all(self) -> None:
        for gate in self.gates:
            gate.set()


async def test_queued_runs_go_one_after_the_other_in_the_order_of_their_calls(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS, options="concurrency='queue'")
    events = Events(engine)
    await engine.start()
    gates = Gates(engine)
    runs = [await gates.start() for _ in range(4)]

    assert (await events.next(RunStarted)).run.id == runs[0]
    waiting = [run.state for run in engine.active_runs_of("job")]
    gates.open_all()
    results = [(await engine.wait(run)).result for run in runs]

    assert waiting[1:] == [RunState.QUEUED] * 3
    assert results == [0, 1, 2, 3]
    told = [event.run.id for event in events.seen if isinstance(event, RunStarted | RunEnded)]
    assert told == [run for run in runs for _ in range(2)]


async def test_each_queued_call_has_its_own_payload_and_result(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "return event.payload['n']", options="concurrency='queue'")
    await engine.start()

    results = await asyncio.gather(*(engine.run_task("job", {"n": n}) for n in range(20)))

    assert results == list(range(20))


async def test_no_more_than_the_limit_go_on_in_parallel(project: Project, engine: Engine) -> None:
    project.task("job.py", WAITS, options="concurrency='parallel', limit=2")
    events = Events(engine)
    await engine.start()
    gates = Gates(engine)
    runs = [await gates.start() for _ in range(4)]

    started = {(await events.next(RunStarted)).run.id for _ in range(2)}
    assert started == set(runs[:2])
    assert len(events.of(RunStarted)) == 2
    gates.gates[1].set()
    assert (await events.next(RunEnded)).run.id == runs[1]
    assert (await events.next(RunStarted)).run.id == runs[2]
    gates.open_all()

    assert [(await engine.wait(run)).result for run in runs] == [0, 1, 2, 3]


async def test_without_a_limit_any_number_goes_on_in_parallel(
    project: Project, engine: Engine
) -> None:
    project.task(
        "job.py",
        "event.context.extra['meet'].wait(20)",
        options="concurrency='parallel'",
        kind="def",
    )
    await engine.start()
    meet = threading.Barrier(10)

    await asyncio.gather(*(engine.run_task("job", None, {"meet": meet}) for _ in range(10)))


async def test_a_skipped_call_is_refused_and_leaves_a_record(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS, options="concurrency='skip'")
    events = Events(engine)
    await engine.start()
    gates = Gates(engine)
    running = await gates.start()

    with pytest.raises(TaskSkipped, match=f"Task `job` was skipped: run #{running}") as refused:
        await engine.run_task("job", {"n": 7})
    with pytest.raises(TaskSkipped):
        await engine.start_run("job", {"n": 8})
    gates.open_all()
    await engine.wait(running)

    assert (refused.value.status_code, refused.value.running_id) == (409, running)
    record = engine.history.run(refused.value.run_id)
    assert record is not None
    assert (record.state, record.payload, record.started_at) == (RunState.SKIPPED, {"n": 7}, None)
    assert record.error is not None
    assert record.error.type == "TaskSkipped"
    told = [event for event in events.seen if getattr(event, "run", None) == record]
    assert [type(event) for event in told] == [RunEnded]
    assert await engine.wait(record.id) == record


async def test_a_call_after_the_end_is_not_skipped(project: Project, engine: Engine) -> None:
    project.task("job.py", "return event.context.run_id", options="concurrency='skip'")
    await engine.start()

    assert [await engine.run_task("job") for _ in range(3)] == [1, 2, 3]


async def test_runs_of_different_keys_go_on_side_by_side(project: Project, engine: Engine) -> None:
    project.task(
        "job.py", "event.context.extra['meet'].wait(20)", options="key='customer.id'", kind="def"
    )
    await engine.start()
    meet = threading.Barrier(3)

    await asyncio.gather(
        *(
            engine.run_task("job", {"customer": {"id": customer}}, {"meet": meet})
            for customer in ("a", "b", 3)
        )
    )

    assert {run.key for run in engine.history.recent("job", 10)} == {"a", "b", "3"}


async def test_calls_of_one_key_join_whatever_else_they_say(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS, options="key=lambda payload: payload['customer']")
    events = Events(engine)
    await engine.start()
    gates = Gates(engine)

    runs = [await gates.start(customer=customer) for customer in ("a", "b", "a")]
    gates.open_all()

    assert runs[0] == runs[2] != runs[1]
    assert (await events.next(RunJoined)).caller.payload_used is False


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("'customer'", "customer: is missing"),
        ("lambda payload: payload['customer']", "key function failed: KeyError: 'customer'"),
        ("lambda payload: exit(1)", "key function failed: SystemExit: 1"),
    ],
)
async def test_a_call_whose_key_cannot_be_found_runs_nothing(
    project: Project, engine: Engine, key: str, message: str
) -> None:
    project.task("job.py", "return 1", options=f"key={key}")
    events = Events(engine)
    await engine.start()

    with pytest.raises(InvalidPayload, match=message):
        await engine.run_task("job")
    assert events.of(RunQueued) == []


async def test_a_key_function_cannot_change_the_payload(project: Project, engine: Engine) -> None:
    project.task("job.py", "return event.payload", options="key=lambda payload: payload.clear()")
    await engine.start()

    assert await engine.run_task("job", {"n": 1}) == {"n": 1}


async def test_calls_with_a_key_function_are_admitted_in_their_order(
    project: Project, engine: Engine
) -> None:
    project.write(
        "tasks/job.py",
        """
        import threading
        from taskengine import task

        first = threading.Event()

        def key(payload):
            if payload["n"] == 0:
                first.wait(20)
            return "same"

        @task(key=key, concurrency="queue")
        def run(event):
            return event.payload["n"]

        """,
    )
    project.task("open.py", "from tasks import job\njob.first.set()")
    events = Events(engine)
    await engine.start()
    await events.live()

    calls = [asyncio.create_task(engine.run_task("job", {"n": n})) for n in range(10)]
    await engine.run_task("open")
    await asyncio.gather(*calls)

    ended = [event.run for event in events.of(RunEnded) if event.run.task == "job"]
    assert [run.result for run in ended] == list(range(10))


async def test_a_key_function_that_hangs_holds_up_its_own_task_only(
    project: Project, engine: Engine
) -> None:
    project.write(
        "tasks/stuck.py",
        """
        import threading
        from taskengine import task

        gate = threading.Event()

        @task(key=lambda payload: gate.wait())
        def run(event):
            return "went on"
        """,
    )
    project.task("other.py", "return 1", options="key=lambda payload: 'k'")
    project.task("open.py", "from tasks import stuck\nstuck.gate.set()")
    await engine.start()

    stuck = asyncio.create_task(engine.run_task("stuck"))
    assert await engine.run_task("other") == 1
    await engine.run_task("open")

    assert await stuck == "went on"


async def test_a_call_never_joins_a_run_that_was_told_to_stop(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "event.context.extra['gate'].wait()\nreturn 'again'", kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    first = await engine.start_run("job", None, {"gate": gate})
    await events.next(RunStarted)
    await engine.cancel_run(first.id)

    second = await engine.start_run("job", None, {"gate": gate})
    third = await engine.start_run("job", None, {"gate": gate})
    gate.set()

    assert (second.state, second.id) == (RunState.QUEUED, third.id)
    assert (await engine.wait(first.id)).state is RunState.CANCELLED
    assert (await engine.wait(second.id)).result == "again"


async def test_a_reload_from_parallel_to_queue_never_lets_two_go_on_again(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS, options="concurrency='parallel'")
    events = Events(engine)
    await engine.start()
    await events.live()
    gates = Gates(engine)
    old = [await gates.start() for _ in range(2)]
    for _ in old:
        await events.next(RunStarted)

    project.task("job.py", WAITS, options="concurrency='queue'")
    await events.next(CatalogChanged)
    new = [await gates.start() for _ in range(2)]
    gates.gates[0].set()
    assert (await events.next(RunEnded)).run.id == old[0]
    gates.gates[1].set()
    assert (await events.next(RunEnded)).run.id == old[1]
    assert (await events.next(RunStarted)).run.id == new[0]
    gates.open_all()
    await engine.wait(new[1])

    told = [event.run.id for event in events.seen if isinstance(event, RunStarted | RunEnded)]
    assert told[-4:] == [new[0], new[0], new[1], new[1]]


async def test_a_reload_from_queue_to_skip_lets_those_in_line_go_on(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS, options="concurrency='queue'")
    events = Events(engine)
    await engine.start()
    await events.live()
    gates = Gates(engine)
    runs = [await gates.start() for _ in range(3)]

    project.task("job.py", WAITS, options="concurrency='skip'")
    await events.next(CatalogChanged)
    with pytest.raises(TaskSkipped):
        await gates.start()
    gates.open_all()

    assert [(await engine.wait(run)).result for run in runs] == [0, 1, 2]
    assert await engine.run_task("job", {"n": 9}, {"gate": gates.gates[0]}) == 9


async def test_a_higher_limit_counts_for_calls_after_the_reload(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", WAITS, options="concurrency='parallel', limit=1")
    events = Events(engine)
    await engine.start()
    await events.live()
    gates = Gates(engine)
    first = await gates.start()
    await events.next(RunStarted)

    project.task("job.py", WAITS, options="concurrency='parallel', limit=2")
    await events.next(CatalogChanged)
    second = await gates.start()

    assert (await events.next(RunStarted)).run.id == second
    gates.open_all()
    await engine.wait(first)
