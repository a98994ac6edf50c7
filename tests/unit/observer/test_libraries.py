"""What the observer leaves out when it loads its libraries, and has again when it is needed.

Modules: checks.http.openssl, checks.http.trust.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.netns.vrrp_daemon import ROOT
from tests.unit.checks.hostile import certify

LIBRARIES: Final = [each for each in sys.path if each.endswith("site-packages")]

TLS: Final = """
import sys
from sidecar.observer import libraries
libraries.load()
assert not {"ssl", "_ssl", "_hashlib", "http.server"} & set(sys.modules), sys.modules.keys()

import asyncio
from sidecar.checks.dial import Dial
from sidecar.checks.http.trust import Trust, tls_context
from sidecar.checks.kinds.http import HttpProbe
from sidecar.checks.probe import ProbeProgress
from sidecar.checks.resolve import Resolver
from sidecar.plan.request import Expect
assert "ssl" not in sys.modules

async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    await writer.drain()
    writer.close()

async def main(certificate, key):
    trusting, doubting = Trust(verify=True, ca=certificate), Trust(verify=True)
    import ssl
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=own)
    port = server.sockets[0].getsockname()[1]
    for trust in (trusting, doubting, None):
        dial = Dial("127.0.0.1", port, Resolver(), None, "localhost")
        probe = HttpProbe(dial, b"GET / HTTP/1.1\\r\\n\\r\\n", Expect(), trust)
        found = await probe(ProbeProgress())
        print(found.outcome.value, found.detail)

asyncio.run(main(*sys.argv[1:3]))
"""

WHOLE: Final = """
import sys
from sidecar.observer import libraries
libraries.load()
import prometheus_client, http.server
assert prometheus_client.REASON == "OK"
assert http.server.__file__
"""


def run(code: str, *arguments: str, first: str = "") -> list[str]:
    done = subprocess.run(
        # Without site: what the environment imports at start is not ours.
        [sys.executable, "-S", "-B", "-c", f"import sys; sys.path += {LIBRARIES!r}\n{code}", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{first}:{ROOT}"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_tls_is_spoken_as_ever_once_a_check_wants_it(tmp_path: Path) -> None:
    certificate, _ = certify(tmp_path, "localhost")
    trusted, doubted, plain = run(TLS, str(certificate), str(certificate.with_suffix(".key")))
    assert trusted == "pass 200"
    assert doubted == "fail bad certificate: self-signed certificate"
    assert plain.startswith("fail ")


def test_a_library_that_needs_more_than_names_of_what_is_left_out_is_loaded_whole(tmp_path: Path) -> None:
    package = tmp_path / "prometheus_client"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from http.server import BaseHTTPRequestHandler\nREASON = BaseHTTPRequestHandler.responses[200][0]\n"
    )
    run(WHOLE, first=str(tmp_path))
