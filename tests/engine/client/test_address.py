"""What people type to say where an engine is."""

from pathlib import Path

import pytest

from taskengine.client.address import parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/run/user/1000/app.sock", Path("/run/user/1000/app.sock")),
        ("unix:/run/app.sock", Path("/run/app.sock")),
        ("unix:///run/app.sock", Path("/run/app.sock")),
        ("UNIX:run/app", Path("run/app")),
        ("app.sock", Path("app.sock")),
        ("./app", Path("app")),
        ("/run/a b:80/app.sock", Path("/run/a b:80/app.sock")),
        ("~/app.sock", Path.home() / "app.sock"),
        ("http://localhost:3000", "http://localhost:3000"),
        (" http://localhost:3000/ ", "http://localhost:3000"),
        ("HTTPS://jobs.example.org/tasks/", "https://jobs.example.org/tasks"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("localhost:3000", "http://localhost:3000"),
        ("[::1]:3000", "http://[::1]:3000"),
        ("10.0.0.7:80", "http://10.0.0.7:80"),
        (":3000", "http://localhost:3000"),
        ("3000", "http://localhost:3000"),
    ],
)
def test_an_address_is_a_socket_or_a_url(text: str, address: Path | str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "missing"),
        ("localhost", "no address"),
        ("unix:", "no socket"),
        ("/run/\0/x", "no socket"),
        ("ftp://localhost", "ftp://"),
        ("http://", "no host"),
        ("http://a b:3000", "no host"),
        ("http://localhost:three", "no host"),
        ("http://me:secret@localhost:3000", "password"),
        ("http://localhost:3000/?token=x", "leave out"),
        ("http://localhost:70000", "65535"),
        (":0", "65535"),
        ("localhost:999999", "65535"),
        (":" + "9" * 5000, "65535"),
    ],
)
def test_what_is_no_address_is_refused_in_words(text: str, word: str) -> None:
    with pytest.raises(ValueError, match=word) as raised:
        parse_address(text)
    assert len(str(raised.value)) < 6_000
    assert "secret" not in str(raised.value)
