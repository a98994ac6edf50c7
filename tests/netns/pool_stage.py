"""A stage for pools: a host with a real nginx and the sidecar, application servers, a client of the VIP.

Host a holds the VIP and proxies; hosts b and c are the application servers.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from tests.netns.journal import Journal
from tests.netns.lab import wait_until
from tests.netns.lan import VIP, Lan, address
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.sightings import Answer
from tests.netns.vrrp_daemon import ROOT, status
from tests.netns.webserver import PORT, await_listening

APP_PORT = 8080
_HERE = Path(__file__).parent
_NGINX = """\
daemon off;
user root;
worker_processes 2;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 1024; }}
http {{
  log_format tried '$msec $status $upstream_addr $request_time';
  access_log access.log tried;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
  uwsgi_temp_path temp; scgi_temp_path temp;
  include pools/*.conf;
  {more}
  server {{
    listen {port} backlog=4096;
    location / {{
      proxy_pass http://app;
      proxy_connect_timeout 500ms;
      proxy_read_timeout 1s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
    }}
  }}
}}
"""
FIRST_FILE = "upstream app { server 127.0.0.1:1 down; }\n"
"""The file of an image of nginx, so that it can start before the sidecar has written anything."""


class PoolStage:
    """Use as a context manager. Everything runs inside; the sidecar from `start` on.

    `pool` are keys of the pool that differ from the stage's, `others` further pools
    of the nginx. If the block fails, the logs are attached.
    """

    def __init__(
        self,
        *,
        every: float = 0.01,
        apps: str = "bc",
        reload_timeout: str = "5s",
        others: Mapping[str, Mapping[str, Any]] | None = None,
        **pool: Any,
    ) -> None:
        self._stack = ExitStack()
        self._every = every
        self._names = apps
        self._others = dict(others or {})
        self._reload_timeout = reload_timeout
        self._pool = pool

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vip-pools-")))
            self.lan = Lan(stack, ("a", *self._names))
            self.host: Namespace = self.lan.members["a"]
            self.apps = {name: self._app(name, stack) for name in self._names}
            self.nginx = self._nginx(stack)
            self.sidecar = self._sidecar(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                for file in ("sidecar.log", "nginx/error.log", "nginx/pools/app.conf", "nginx/output.log"):
                    path = self.folder / file
                    text = path.read_text(errors="replace") if path.exists() else "(absent)"
                    error.add_note(f"--- {file}\n" + "\n".join(text.splitlines()[-40:]))

    @property
    def pool_file(self) -> Path:
        return self.folder / "nginx" / "pools" / "app.conf"

    def address(self, name: str) -> str:
        """Address and port of an application server."""
        return f"{address(name)}:{APP_PORT}"

    def _app(self, name: str, stack: ExitStack) -> Service:
        folder = self.folder / name
        folder.mkdir()
        argv = [sys.executable, str(_HERE / "app_server.py"), address(name), str(APP_PORT), name]
        app = Service(self.lan.members[name], [*argv, str(folder / "mode")], folder / "app.log")
        app.start()
        stack.callback(app.kill)
        return app

    def set_mode(self, name: str, mode: str) -> None:
        """Make an application server answer otherwise."""
        (self.folder / name / "mode").write_text(mode)

    def _nginx(self, stack: ExitStack) -> Service:
        folder = self.folder / "nginx"
        (folder / "pools").mkdir(parents=True)
        self.write_nginx_config()
        self.pool_file.write_text(FIRST_FILE)
        nginx = Service(self.host, ["nginx", *self._options()], folder / "output.log")
        nginx.start()
        stack.callback(nginx.kill)
        await_listening(self.host, nginx)
        return nginx

    def _options(self) -> list[str]:
        return ["-e", "error.log", "-p", str(self.folder / "nginx"), "-c", "nginx.conf"]

    def write_nginx_config(self, more: str = "") -> None:
        """Write the configuration of nginx, with further lines."""
        (self.folder / "nginx" / "nginx.conf").write_text(_NGINX.format(port=PORT, more=more))

    @contextmanager
    def occupied(self, port: int) -> Iterator[None]:
        """Somebody else listens on a port of the host."""
        argv = [sys.executable, str(_HERE / "app_server.py"), address("a"), str(port), "x", "/nonexistent"]
        other = Service(self.host, argv, self.folder / "other.log")
        other.start()
        wait_until(lambda: "serving" in other.log.read_text(), 5, "somebody else listens")
        try:
            yield
        finally:
            other.kill()

    def _sidecar(self, stack: ExitStack) -> Service:
        config = {
            "node": "a",
            "virtual_routers": {
                "web": {
                    "interface": "eth0",
                    "vrid": 51,
                    "priority": 250,
                    "addresses": [f"{VIP}/32"],
                    "advert_interval": "100ms",
                }
            },
            "pools": {
                "app": self._pool_config(**self._pool),
                **{name: self._other(name, keys) for name, keys in self._others.items()},
            },
            "http": {"listen": "127.0.0.1:9650"},
            "control": {"socket": str(self.folder / "control.sock")},
            "log": {"format": "json"},
        }
        file = self.folder / "sidecar.yaml"
        file.write_text(yaml.safe_dump(config, sort_keys=False))
        argv = [sys.executable, "-m", "sidecar", "run", "-c", str(file)]
        sidecar = Service(self.host, argv, self.folder / "sidecar.log", PYTHONPATH=str(ROOT))
        stack.callback(sidecar.kill)
        return sidecar

    def _other(self, name: str, keys: Mapping[str, Any]) -> dict[str, Any]:
        own = {"upstream": name, "file": str(self.pool_file.with_name(f"{name}.conf"))}
        return self._pool_config(**own, **keys)

    def _pool_config(self, **keys: Any) -> dict[str, Any]:
        return {
            "upstream": "app",
            "servers": [self.address(name) for name in self._names],
            "check": {"http": "/healthz", "every": "200ms", "timeout": "200ms"},
            "file": str(self.pool_file),
            "reload": {
                "pid_file": str(self.folder / "nginx" / "nginx.pid"),
                "test": ["nginx", "-t", *self._options()],
                "timeout": self._reload_timeout,
            },
            "slow_start": "0s",
            **keys,
        }

    def start(self) -> None:
        """Start the sidecar; wait until it holds the VIP and nginx serves every server. Start the client."""
        self.sidecar.start()
        self.await_serving(*self._names, within=15)
        wait_until(self._logged, 5, "the log tells of it, too: tests count its lines")
        self.start_client()

    def _logged(self) -> bool:
        generation = self.pool().get("generation")
        lines = [line for line in self.log("pool_changed") if line["pool"] == "app"]
        return bool(lines) and lines[-1]["generation"] == generation

    def start_client(self) -> None:
        """Start the client; wait for an answer through the VIP."""
        argv = [sys.executable, str(_HERE / "client.py"), VIP, str(PORT), str(self._every), "3"]
        self.client = Journal(self.lan.members["client"].spawn(argv, subprocess.PIPE), Answer)
        self._stack.callback(self.client.close)
        self.client.wait(lambda answer: bool(answer.who), 5, what="an answer through the VIP")

    def pool(self, name: str = "app") -> dict[str, Any]:
        """A pool in the sidecar's status; empty while it cannot be asked."""
        try:
            code, body = status(self.host)
        except OSError:
            return {}
        pools = json.loads(body)["pools"] if code == 200 else []
        return next((pool for pool in pools if pool["name"] == name), {})

    def counted(self, series: str) -> float:
        """The value of one series of the sidecar's metrics."""
        _, body = status(self.host, "/metrics")
        return float(next(line.split()[-1] for line in body.splitlines() if line.startswith(f"{series} ")))

    def serving(self) -> set[str]:
        """The application servers that nginx was last proven to serve, by name."""
        serving = {server["server"] for server in self.pool().get("servers", []) if server["in_service"]}
        return {name for name in self._names if self.address(name) in serving}

    def await_serving(self, *names: str, within: float = 5.0) -> None:
        """Wait until nginx is proven to serve exactly these."""
        wait_until(
            lambda: self.serving() == set(names) and self.pool().get("state") == "live",
            within,
            f"nginx serves {names}",
        )

    def log(self, event: str) -> list[dict[str, Any]]:
        """The sidecar's log lines of one kind."""
        return [line for line in self.sidecar.said() if line["event"] == event]

    def await_last(self, event: str, **about: object) -> dict[str, Any]:
        """Wait until the last log line of a kind says this: the status may be ahead of the log."""

        def last() -> dict[str, Any]:
            return (self.log(event) or [{}])[-1]

        wait_until(lambda: about.items() <= last().items(), 5, f"{event} {about}")
        return last()

    def await_all(self, event: str, key: str, values: list[str]) -> None:
        """Wait until all log lines of a kind have these values, in order."""
        wait_until(
            lambda: [line[key] for line in self.log(event)] == values, 5, f"all {event} with {key} {values}"
        )

    @staticmethod
    def logged_at(line: Mapping[str, Any]) -> float:
        """When a log line was written: seconds of the wall clock."""
        return datetime.fromisoformat(line["timestamp"]).timestamp()

    def verdict(self, name: str, *, up: bool) -> float:
        """When the sidecar last came to a verdict on a server: seconds of the wall clock."""

        def ours() -> list[float]:
            changes = self.log("server_up" if up else "server_down")
            return [self.logged_at(line) for line in changes if line["server"] == self.address(name)]

        wait_until(lambda: bool(ours()), 5, f"a verdict on {name} in the log")
        return max(ours())

    def last_tried(self, name: str) -> float:
        """When the last request began that nginx sent to a server: seconds of the wall clock, 0 if none."""
        lines = (self.folder / "nginx" / "access.log").read_text().splitlines()
        tried = [line.split() for line in lines if self.address(name) in line]
        # The line is written at the end of the request.
        return max((float(words[0]) - float(words[-1]) for words in tried), default=0.0)

    def failures(self, since: int) -> list[Answer]:
        """Requests after a mark that ended without an answer."""
        return [answer for answer in self.client.since(since) if not answer.who]

    def watch_for(self, seconds: float) -> None:
        """Let time pass in order to see that something does not happen."""
        time.sleep(seconds)
