"""Real Prometheus and Alertmanager over pairs of hosts whose time is divided, and the pager that is called.

The hosts are those of `recording`, with names and labels of a real exposition; here somebody scrapes them.
"""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any, Final

import pytest
import yaml

from tests.monitoring import compressed
from tests.monitoring.compressed import FACTOR
from tests.monitoring.promtool import TICK
from tests.monitoring.recording import Host, Pair
from tests.unit.telemetry.http_client import fetch
from tests.unit.telemetry.test_servers import free_port

_STARTS: Final = 60.0
SCRAPE: Final = f"{TICK * 1000 // FACTOR}ms"


@dataclass(frozen=True)
class Page:
    """A message that has arrived: what the person on call sees of it."""

    cluster: str
    instance: str
    alert: str
    summary: str
    runbook: str


class LivePair(Pair):
    """Host a serves, host b waits, in a cluster of that name. Its time is as fast as the rules are short."""

    def __init__(self, name: str, longest: int = 3600) -> None:
        """No pause is longer than so many seconds, before they are divided."""
        super().__init__()
        self.name = name
        self._longest = longest

    def run(self, seconds: int) -> "LivePair":
        """Time passes."""
        time.sleep(min(seconds, self._longest) / FACTOR)
        return self

    def targets(self) -> Iterator[tuple[dict[str, str], Host]]:
        """Yield every host with its labels, which no other pair has."""
        for number, host in enumerate(self.hosts):
            cluster = {"cluster": self.name} if host.target["cluster"] else {}
            yield {**cluster, "instance": f"{self.name}-{number}:9650"}, host


class Stage:
    """Scraped pairs, and the pages that have arrived."""

    def __init__(self, pairs: list[LivePair], folder: Path) -> None:
        self.pairs = pairs
        self.pages: list[Page] = []
        self.prometheus = 0
        self._folder = folder
        self._gone: set[str] = set()
        self._listed = ""
        self._listing = threading.Lock()

    def gone(self, pair: LivePair) -> None:
        """Scrape this pair no more: its hour is over."""
        self._gone.add(pair.name)
        self.list_targets()

    def list_targets(self) -> None:
        """Tell Prometheus whom to scrape; it looks at the file by itself."""
        with self._listing:
            listed = json.dumps(
                [self._target(labels) for pair in self.pairs for labels in self._labels(pair)]
            )
            if listed != self._listed:
                self._listed = listed
                # Renamed into its place: nobody reads half of it.
                (self._folder / "new").write_text(listed, encoding="utf-8")
                (self._folder / "new").rename(self._folder / "targets.json")

    def _labels(self, pair: LivePair) -> list[dict[str, str]]:
        return [] if pair.name in self._gone else [labels for labels, _ in pair.targets()]

    def _target(self, labels: dict[str, str]) -> dict[str, Any]:
        path = {"__metrics_path__": f"/{labels['instance']}"}
        return {"targets": [f"127.0.0.1:{self.port}"], "labels": labels | path}

    def exposition(self, path: str) -> str | None:
        """What the host of that path tells, None if it does not answer."""
        for pair in self.pairs:
            for labels, host in pair.targets():
                if path == f"/{labels['instance']}":
                    return host.exposition() if host.up else None
        return None

    def arrived(self, message: Any) -> None:
        """Take a message of Alertmanager."""
        for each in message["alerts"]:
            labels, notes = each["labels"], each["annotations"]
            if each["status"] == "firing":
                self.pages.append(
                    Page(
                        labels.get("cluster", ""),
                        labels.get("instance", ""),
                        labels["alertname"],
                        notes["summary"],
                        notes["runbook_url"],
                    )
                )

    port = 0


@contextmanager
def stage(folder: Path, pairs: list[LivePair]) -> Iterator[Stage]:
    """Start everything; it is over with the block."""
    programs = {name: which(name) for name in ("prometheus", "prometheus-alertmanager")}
    for name, program in programs.items():
        if program is None:
            pytest.skip(f"{name} is not installed; apt-get install {name} enables this test")
    with ExitStack() as stack:
        made = Stage(pairs, folder)
        made.port = stack.enter_context(_serving(made))
        made.list_targets()
        alerting, scraping = free_port(), free_port()
        (folder / "alertmanager.yml").write_text(
            yaml.safe_dump(compressed.routes(f"http://127.0.0.1:{made.port}/pager"))
        )
        (folder / "prometheus.yml").write_text(yaml.safe_dump(_scraping(folder, alerting)))
        stack.enter_context(
            _running(
                folder,
                alerting,
                str(programs["prometheus-alertmanager"]),
                f"--config.file={folder}/alertmanager.yml",
                f"--storage.path={folder}/alerts",
                f"--web.listen-address=127.0.0.1:{alerting}",
                "--cluster.listen-address=",
            )
        )
        made.prometheus = scraping
        stack.enter_context(
            _running(
                folder,
                scraping,
                str(programs["prometheus"]),
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/series",
                f"--web.listen-address=127.0.0.1:{scraping}",
            )
        )
        yield made


def _scraping(folder: Path, alerting: int) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": SCRAPE},
        "rule_files": [str(file) for file in compressed.write(folder)],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alerting}"]}]}]},
        "scrape_configs": [
            {"job_name": "vip-sidecar", "file_sd_configs": [{"files": [f"{folder}/targets.json"]}]}
        ],
    }


@contextmanager
def _running(folder: Path, port: int, *argv: str) -> Iterator[None]:
    """Run a program from the moment at which it answers."""
    with (folder / f"{Path(argv[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            ends = time.monotonic() + _STARTS
            while not _answers(port):
                assert process.poll() is None, Path(log.name).read_text()
                assert time.monotonic() < ends, Path(log.name).read_text()
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int) -> bool:
    try:
        return fetch(port, "/-/ready")[0] == HTTPStatus.OK
    except (OSError, HTTPException):
        return False


@contextmanager
def _serving(stage: Stage) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        # Connections stay: a hundred scrapes a second need no thread each.
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            text = stage.exposition(self.path)
            body = (text or "").encode()
            with suppress(OSError):  # Prometheus has not waited
                self.send_response(503 if text is None else 200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def do_POST(self) -> None:
            stage.arrived(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
