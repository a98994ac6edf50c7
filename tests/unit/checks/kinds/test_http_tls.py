"""What an http check says when TLS fails: never the words of the system for a number that is none of it.

Modules: checks.os_errors, checks.nginx.kept_connection, checks.http.trust.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import HttpCheck, NginxCheck
from sidecar.plan.endpoints import HttpUrl
from tests.unit.checks.hostile import certify
from tests.unit.checks.stage import first_result, results


@contextlib.contextmanager
def speaking(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """Serve connections one by one with blocking sockets: those of asyncio send no alert before the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, contextlib.suppress(OSError):
                        serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def over(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as secured:
            try:
                secured.do_handshake()
            except ssl.SSLError:
                # Closing with a request unread would be a reset, which overtakes the alert.
                socket.socket.recv(secured, 4096)
                raise
            secured.recv(4096)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    return serve


def ask(serve: Callable[[socket.socket], object], **keys: Any) -> CheckResult:
    with speaking(serve) as port:
        where = HttpUrl(True, "127.0.0.1", port, "/")
        check = HttpCheck("it", where, **{"verify": False, "timeout": 5.0, "every": 5.0, **keys})
        return asyncio.run(first_result(check))


def wants_a_certificate(folder: Path, version: ssl.TLSVersion) -> ssl.SSLContext:
    file, context = certify(folder, "localhost")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(file)
    context.maximum_version = version
    return context


@pytest.mark.parametrize(
    ("version", "detail"),
    [
        (ssl.TLSVersion.TLSv1_2, "TLS failed: sslv3 alert handshake failure"),
        # Here the handshake is over for the client before the server has refused it.
        (ssl.TLSVersion.TLSv1_3, "TLS failed: tlsv13 alert certificate required"),
    ],
)
def test_a_server_that_wants_a_certificate_says_so_in_both_versions(
    version: ssl.TLSVersion, detail: str, tmp_path: Path
) -> None:
    result = ask(over(wants_a_certificate(tmp_path, version)))
    assert (result.outcome, result.detail) == (Outcome.FAIL, detail)


def test_a_server_that_knows_no_site_of_the_name_says_so(tmp_path: Path) -> None:
    _, context = certify(tmp_path, "localhost")
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    result = ask(over(context))
    assert (result.outcome, result.detail) == (Outcome.FAIL, "TLS failed: tlsv1 unrecognized name")


def test_a_proxy_without_a_server_behind_it_closes_before_the_handshake() -> None:
    result = ask(lambda connection: connection.recv(4096))
    assert (result.outcome, result.detail) == (Outcome.FAIL, "closed the connection")


@pytest.mark.parametrize("name", ["localhost", "localhost."])
def test_a_final_dot_is_no_part_of_the_name_of_a_certificate(name: str, tmp_path: Path) -> None:
    file, context = certify(tmp_path, "localhost")
    asked: list[str | None] = []
    context.sni_callback = lambda _, sni, __: asked.append(sni)
    result = ask(over(context), host=name, verify=True, ca=str(file))
    assert result.outcome is Outcome.PASS, result
    assert asked == ["localhost"]


def test_authorities_that_were_replaced_are_believed_without_a_reload(tmp_path: Path) -> None:
    ca, old, new = (tmp_path / name for name in ("ca.pem", "old", "new"))
    for folder in (old, new):
        folder.mkdir()
    ca.write_bytes(certify(old, "localhost")[0].read_bytes())
    file, context = certify(new, "localhost")

    async def scenario(port: int) -> list[tuple[Outcome, str]]:
        where = HttpUrl(True, "127.0.0.1", port, "/")
        stream = results(HttpCheck("it", where, host="localhost", ca=str(ca), every=0.2, timeout=20.0))
        seen = []
        for content in (None, b"half of one", file.read_bytes()):
            if content is not None:
                replacement = tmp_path / "next"
                replacement.write_bytes(content)
                replacement.replace(ca)
            seen += [await anext(stream), await anext(stream)]
        # A probe that was under way may have read the file just before it was replaced. After a pass there is
        # no next one soon: the server serves one by one, and then the idle connection for ten seconds.
        if seen[-1].outcome is Outcome.FAIL:
            seen.append(await anext(stream))
        await stream.aclose()  # type: ignore[attr-defined]
        return [(result.outcome, result.detail.partition(":")[0].partition(" in ")[0]) for result in seen]

    with speaking(over(context)) as port:
        seen = asyncio.run(scenario(port))
    assert set(seen[:5]) == {(Outcome.FAIL, "bad certificate")}
    assert seen[-1] == (Outcome.PASS, "200")


@pytest.mark.parametrize("kind", ["http", "nginx"])
def test_authorities_of_the_system_that_were_replaced_are_believed_too(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they are one file. A folder is read as needed: here there is none."""
    system, old, new = (tmp_path / name for name in ("system.pem", "old", "new"))
    for folder in (old, new):
        folder.mkdir()
    system.write_bytes(certify(old, "localhost")[0].read_bytes())
    file, context = certify(new, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))

    async def scenario(port: int) -> list[str]:
        where = HttpUrl(True, "localhost", port, "/")
        check = (
            HttpCheck("it", where, every=0.2, timeout=20.0)
            if kind == "http"
            else NginxCheck("it", where, every=0.2, timeout=20.0)
        )
        stream, seen = results(check), []
        for content in (None, file.read_bytes()):
            if content is not None:
                replacement = tmp_path / "next"
                replacement.write_bytes(content)
                replacement.replace(system)
            seen += [await anext(stream), await anext(stream)]
        # As above: one of them may have been under way.
        if seen[-1].detail.startswith("bad certificate"):
            seen.append(await anext(stream))
        await stream.aclose()  # type: ignore[attr-defined]
        return [result.detail.partition(":")[0].partition(" in ")[0] for result in seen]

    with speaking(over(context)) as port:
        seen = asyncio.run(scenario(port))
    assert set(seen[:3]) == {"bad certificate"}
    assert not seen[-1].startswith("bad certificate")


def test_the_nginx_check_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = wants_a_certificate(tmp_path, ssl.TLSVersion.TLSv1_3)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    with speaking(over(context)) as port:
        where = HttpUrl(True, "localhost", port, "/stub_status")
        result = asyncio.run(first_result(NginxCheck("it", where, timeout=5.0, every=5.0)))
    assert (result.outcome, result.detail) == (Outcome.FAIL, "TLS failed: tlsv13 alert certificate required")
