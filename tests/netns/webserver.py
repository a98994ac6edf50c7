"""The real nginx of one host."""

import socket
import time
from pathlib import Path

from tests.netns.bounds import SLOWER
from tests.netns.namespace import Namespace
from tests.netns.service import Service

PORT = 8088
_CONFIG = """\
daemon off;
user root;
worker_processes 2;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
  uwsgi_temp_path temp; scgi_temp_path temp;
  server {{
    listen {port};
    listen [::]:{port};
    root html;
    error_page 500 502 503 504 /50x.html;
    location = /stub_status {{ stub_status; }}
  }}
}}
"""


def nginx(namespace: Namespace, host: str, folder: Path) -> Service:
    """An nginx on port 8088 whose index page names the host. Not started."""
    (folder / "html").mkdir(parents=True)
    (folder / "html" / "index.html").write_text(f"{host}\n", encoding="ascii")
    (folder / "html" / "50x.html").write_text("An error occurred.\n", encoding="ascii")
    (folder / "nginx.conf").write_text(_CONFIG.format(port=PORT), encoding="ascii")
    argv = ["nginx", "-e", "error.log", "-p", str(folder), "-c", "nginx.conf"]
    return Service(namespace, argv, folder / "output.log")


def await_listening(namespace: Namespace, service: Service, port: int = PORT, within: float = 5.0) -> None:
    """Wait until something accepts connections on the host's loopback."""
    deadline = time.monotonic() + SLOWER * within
    while True:
        with namespace.network(), socket.socket() as attempt:
            attempt.settimeout(0.5)
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        if not service.running or time.monotonic() > deadline:
            raise RuntimeError(f"nothing listens on {port}:\n{service.log.read_text()}")
        time.sleep(0.005)
