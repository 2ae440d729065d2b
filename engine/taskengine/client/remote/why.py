"""Why an engine elsewhere did not answer, in words."""

import errno
import socket
import ssl
from collections.abc import Iterator

import httpx

_WORDS = {
    errno.ENOENT: "there is no such socket",
    errno.ECONNREFUSED: "nobody listens there",
    errno.EACCES: "it belongs to another user",
    errno.EPERM: "it belongs to another user",
    errno.ENOTSOCK: "it is no socket",
    errno.ECONNRESET: "it broke off the connection",
    errno.EPIPE: "it broke off the connection",
}


def why(error: BaseException) -> str:
    """What kept a call from being answered: the end of "The engine at X does not answer: "."""
    if isinstance(error, httpx.TimeoutException):
        is_new = isinstance(error, httpx.ConnectTimeout)
        return "there is no connection to it" if is_new else "it has been silent for too long"
    words = next(filter(None, map(_words_of_system, _causes(error))), "")
    return words or _words_of(error)


def _words_of_system(error: BaseException) -> str:
    if isinstance(error, socket.gaierror):
        return "there is no host of that name"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"it speaks no TLS, or none that is known here ({error.reason})"
    if isinstance(error, OSError) and error.errno is not None:
        return _WORDS.get(error.errno) or error.strerror or str(error)
    return ""


def _words_of(error: BaseException) -> str:
    text = str(error)
    is_cut = not text or "without" in text or "incomplete" in text or "peer closed" in text
    if is_cut and isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return "it broke off the connection"
    return text or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it was raised from or that it holds, the innermost last."""
    pending = [error]
    while pending:
        one = pending.pop(0)
        yield one
        if isinstance(one, BaseExceptionGroup):
            pending.extend(one.exceptions)
        if cause := one.__cause__ or one.__context__:
            pending.append(cause)
