"""uvicorn's HTTP over one connection, with the limits and the patience that it has not itself."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from taskengine.client.wire.form import to_json
from taskengine.http.answers import refusal_body
from taskengine.http.limits import Limits
from taskengine.http.reason import EXTENSION, SET_REASON, as_reason
from taskengine.http.turned_away import TurnedAway
from taskengine.http.wire import Wire

# uvicorn's own belongs to the whole process, and it warns of each caller that is not understood:
# whoever can call could fill the log.
_log = logging.getLogger(__name__)
_log.setLevel(logging.ERROR)
_MALFORMED = TurnedAway(400, "The request is not HTTP as it should be")


class Connection(HttpToolsProtocol):
    """One caller. `admit` is asked about it first, and raises TurnedAway to keep it out."""

    def __init__(
        self,
        config: Config,
        state: ServerState,
        limits: Limits,
        admit: Callable[["Connection"], None],
    ) -> None:
        super().__init__(config, state, {}, asyncio.get_running_loop())
        self.logger = _log
        self.access_log = False
        self._limits = limits
        self._admit = admit
        self._deadline: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None
        self._fault = _MALFORMED
        self._is_turned_away = False
        self._is_deaf = False
        self._in_head = False
        self._head_size = 0
        self._fed_to_head = 0
        self._body_is_due = False

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle  # which uvicorn's types pass over
        return cycle is None or cycle.response_complete

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing to answer, nor anything of an answer left to send."""
        return self.is_idle and not self._wire.left

    @property
    def is_streaming(self) -> bool:
        """Whether an answer is under way of which more is to come."""
        return not self.is_idle and self.cycle.response_started

    # What asyncio calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take up a caller, or turn it away."""
        used, self._wire = Wire.around(transport)
        self.gone: asyncio.Future[None] = self.loop.create_future()
        super().connection_made(used)
        self._give(self._limits.head_seconds, self._lose_patience)
        try:
            self._admit(self)
        except TurnedAway as error:
            self.turn_away(error)
            self.transport.close()  # a crowd of those who may not even come in must not linger

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        if self._is_deaf:
            return
        is_new = self.is_idle and not (self._in_head or self._body_is_due)
        if is_new:
            self._wait_no_more()
        was_in_head, self._fed_to_head = self._in_head, self._fed_to_head + len(data)
        super().data_received(data)
        if was_in_head and self._in_head and self._fed_to_head > self._limits.head:
            self._refuse(self._too_large())
        elif is_new and self._deadline is None and self.is_idle:  # its head is not whole yet
            self._give(self._limits.head_seconds, self._lose_patience)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the caller."""
        self._wait_no_more()
        if self._taking:
            self._taking.cancel()
        super().connection_lost(exc)
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        """Let answers wait until the caller takes what was sent, but not for ever."""
        super().pause_writing()
        self._expect_taking()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin with a request's head."""
        super().on_message_begin()
        self._in_head, self._head_size, self._fed_to_head = True, 0, 0
        # An extension's value is a dict of its own, by ASGI's rules.
        self.scope["extensions"] = {EXTENSION: {SET_REASON: self._wire.set_reason}}

    def on_url(self, url: bytes) -> None:
        """Take a part of what is called."""
        self._weigh(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. One that comes after the body, where nobody looks out for it, is none."""
        self._weigh(len(name) + len(value))
        if not self._in_head:
            return
        super().on_header(name, value)
        if len(self.headers) > self._limits.headers:
            raise self._fail(self._too_large())

    def on_headers_complete(self) -> None:
        """Begin to answer, if what is called is a path: a URL there would name another server
        than the `Host` does.
        """
        if not self.url.startswith(b"/"):
            raise self._fail(TurnedAway(400, "The request's target is no path"))
        super().on_headers_complete()
        self._in_head, self._body_is_due = False, True
        self._wait_no_more()

    def on_message_complete(self) -> None:
        """Have a request whole."""
        super().on_message_complete()
        self._body_is_due = False
        if self.is_idle:  # it was answered before all of it was there
            self._await_next()

    # What uvicorn calls.

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of this one, or until the answer is taken."""
        self._wire.flush()
        super().on_response_complete()
        self._unset_keepalive_if_required()
        if self._wire.left:
            self._expect_taking()
        if self.transport.is_closing():
            return
        if self.is_idle and self._body_is_due:
            self._give(self._limits.drain_seconds, self.transport.abort)
        elif self.is_idle:
            self._await_next()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's is for programs
        """Turn away whoever does not speak HTTP, or not as it is allowed here."""
        self._refuse(self._fault)

    def _unsupported_upgrade_warning(self) -> None:
        """Answer as if no upgrade had been asked for. What comes after that can't be read."""
        if self.cycle is not None:
            self.cycle.keep_alive = False

    # What the server calls.

    def turn_away(self, error: TurnedAway) -> None:
        """Answer with a refusal and hear no more, but let the caller read it."""
        self._is_turned_away = self._is_deaf = True
        if not self.is_idle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(_in_bytes(error))
        self.transport.write_eof()
        self.flow.resume_reading()
        self._give(self._limits.drain_seconds, self.transport.abort)

    def end(self) -> None:
        """Close the connection, after its answer if one is under way."""
        if self.is_idle or self._is_turned_away:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def abort(self) -> None:
        """Close the connection, whatever is under way."""
        self.transport.abort()

    def _refuse(self, error: TurnedAway) -> None:
        """Turn away a request, unless that would be taken for the answer to the one before it:
        that is still given, and nothing more is heard.
        """
        if self.is_idle or (self._body_is_due and not self.is_streaming):
            self.turn_away(error)
        elif self.is_streaming or self._body_is_due:
            self.abort()
        else:
            self._is_deaf = True
            self.end()

    def _await_next(self) -> None:
        self._give(self._limits.idle_seconds, self._end_of_idleness)

    def _end_of_idleness(self) -> None:
        if self._wire.left:  # it has not begun yet
            self._await_next()
        else:
            self._close()

    def _close(self) -> None:
        self.transport.close()
        self._expect_taking()

    def _expect_taking(self) -> None:
        """See to it that an answer is taken, however slowly: a caller who never takes any more
        would be here for good.
        """
        if self._taking is None:
            self._look_again(self._wire.taken)

    def _look_again(self, taken: int) -> None:
        self._taking = self.loop.call_later(self._limits.flush_seconds, self._see_taking, taken)

    def _see_taking(self, before: int) -> None:
        self._taking = None
        if self._wire.left and self._wire.taken == before:
            self.transport.abort()
        elif self._wire.left:
            self._look_again(self._wire.taken)

    def _lose_patience(self) -> None:
        if self._in_head:
            seconds = self._limits.head_seconds
            self.turn_away(TurnedAway(408, f"The request's head took longer than {seconds:g} s"))
        else:
            self._close()

    def _give(self, seconds: float, then: Callable[[], Any]) -> None:
        self._wait_no_more()
        self._deadline = self.loop.call_later(seconds, then)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _weigh(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self._limits.head:
            raise self._fail(self._too_large())

    def _fail(self, fault: TurnedAway) -> TurnedAway:
        """Remember what is wrong: the parser turns what is raised into an error of its own."""
        self._fault = fault
        return fault

    def _too_large(self) -> TurnedAway:
        limits = self._limits
        return TurnedAway(
            431,
            f"The request's head is larger than {limits.head:,} bytes, or has more than"
            f" {limits.headers} headers",
        )


def _in_bytes(error: TurnedAway) -> bytes:
    body = to_json(refusal_body(error.status, "", str(error)))
    head = (
        f"HTTP/1.1 {error.status} {as_reason(str(error))}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode("latin-1") + body
