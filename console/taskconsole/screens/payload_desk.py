"""What is typed as payloads: the editor goes with the chosen task, and what is typed is kept."""

import asyncio
import contextlib
from collections.abc import Sequence

from taskconsole.drafts import EMPTY, Drafts, as_text
from taskconsole.keeping import Keeper
from taskconsole.phrases import plain
from taskconsole.widgets.payload_check import PayloadFault, parse_payload
from taskconsole.widgets.payload_fields import located
from taskconsole.widgets.payload_tab import PayloadTab
from taskengine.client.handle import Handle
from taskengine.client.views import TaskView
from taskengine.errors import TaskError
from taskengine.payload.skeleton import skeleton
from taskengine.records import StateKind
from taskengine.run import Payload

_WAIT = 0.3  # seconds for earlier payloads, before it is told that they are waited for


class PayloadDesk:
    """Feeds the tab that holds the payload. The tab is asked for when there is one."""

    def __init__(self, handle: Handle) -> None:
        self.keeper = Keeper(handle, StateKind.DRAFT)
        self.task: str | None = None
        self._handle = handle
        self._drafts = Drafts(handle.kept(StateKind.DRAFT))
        self._past_of: str | None = None
        self._past: asyncio.Task[list[Payload]] | None = None

    def use(self, tab: PayloadTab) -> None:
        """Feed this tab from now on."""
        self._tab = tab

    def change_task(self, task: str | None) -> None:
        """Show the text of another task."""
        if task == self.task:
            return
        self.note()
        self.task = task
        if task:
            self._tab.show_text(self._drafts.text(task))

    def show_schema(self, view: TaskView) -> None:
        """Begin with what the task's type wants; what was typed stays."""
        self.note()
        self._drafts.start_with(view.name, _beginning(view))
        self._tab.show_text(self._drafts.text(view.name))
        self._tab.set_schema(view.schema)

    def note(self) -> None:
        """Take over what is typed, and keep it when no more is typed for a moment."""
        if self.task:
            self._drafts.keep(self.task, self._tab.text)
            self.keeper.keep_soon(self.task, self._drafts.typed(self.task))

    def insert(self, text: str, words: str) -> None:
        """Put a text into the editor, one step back from what was typed, with a word on it."""
        if self.task:
            self.note()
            self._drafts.insert(self.task, text)
            self._tab.put(text)
            self._tab.say(words)

    async def recall(self, step: int) -> None:
        """Go back to an earlier payload, or forth again."""
        if task := self.task:
            try:
                past = await self._past_payloads(task)
            except TaskError as error:
                self._tab.say(plain(str(error)))
                return
            if task == self.task:
                self._show_recalled(task, step, past)

    def _show_recalled(self, task: str, step: int, past: Sequence[Payload]) -> None:
        self.note()
        before = self._drafts.place(task)
        self._tab.put(self._drafts.recall(task, step, past))
        place = self._drafts.place(task)
        if place == before and step > 0:
            self._tab.say("there is no older payload" if before else "no payload was given yet")
        elif place:
            self._tab.say(f"earlier payload {place} of {self._drafts.steps(task, past)}")

    async def _past_payloads(self, task: str) -> list[Payload]:
        """Those there were at the first step back, as long as the user goes through them."""
        is_under_way = self._past is not None and not self._past.done()
        begins = self._drafts.place(task) == 0 and not is_under_way
        if self._past is None or begins or self._past_of != task:
            self._past_of, self._past = task, asyncio.create_task(self._fetch(task))
        past = self._past
        await asyncio.wait({past}, timeout=_WAIT)
        if not past.done() and task == self.task:
            self._tab.say("looking for earlier payloads …")
        return await past

    async def _fetch(self, task: str) -> list[Payload]:
        return [payload for payload in await self._handle.past_payloads(task) if payload]

    async def check(self, text: str) -> None:
        """Find out whether a text is what the task's type wants."""
        task = self.task
        # A fault is told already; an engine that does not answer is told above.
        with contextlib.suppress(PayloadFault, TaskError):
            payload = await asyncio.to_thread(parse_payload, text)
            found = await self._handle.check_payload(task or "", payload)
            faults = await asyncio.to_thread(located, text, found)
            if (task, text) == (self.task, self._tab.text):
                self._tab.show_faults(faults, is_checked=True)


def _beginning(view: TaskView) -> str:
    """What the editor of a task begins with."""
    if view.schema is None:
        return EMPTY
    try:
        return as_text(skeleton(view.schema))
    except Exception:  # noqa: BLE001 - a schema may be of the user's own making, and of any shape
        return EMPTY
