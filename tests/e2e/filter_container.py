"""The filter as a container of the very engine that it stands before, as both compose files run it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.own_engine import OwnEngine
from tests.e2e.proxy import FILES

IMAGE = "filter"
NAME = "docker-proxy"
_PROGRAMS = ("/bin/sh", "/bin/sleep", "/bin/rm", "/usr/bin/stat", "/usr/sbin/nginx")
_FILES = ("/etc/passwd", "/etc/group", "/var/log/nginx", "/usr/share/nginx")


@contextmanager
def filter_container(engine: OwnEngine, folder: Path) -> Iterator[str]:
    """Run it; yields the URL of its socket, which is in `folder`. It has the engine's socket as a file."""
    engine.load(IMAGE, _PROGRAMS, _FILES)
    engine.docker(
        *(
            "run",
            "--detach",
            "--name",
            NAME,
            "--restart",
            "unless-stopped",
            "--network",
            "none",
            "--read-only",
        ),
        *("--cap-drop", "ALL", "--cap-add", "SETGID", "--security-opt", "no-new-privileges"),
        *("--tmpfs", "/tmp:size=16m"),  # noqa: S108 - the container's
        *("--volume", f"{FILES}/run.sh:/etc/nginx/run.sh:ro"),
        *("--volume", f"{FILES}/nginx.conf:/etc/nginx/nginx.conf:ro"),
        *("--volume", f"{FILES}/restart-0.conf:/etc/nginx/restart.conf:ro"),
        *("--volume", f"{FILES}/reload-0.conf:/etc/nginx/reload.conf:ro"),
        *("--volume", f"{engine.socket}:/var/run/docker.sock:ro"),
        *("--volume", f"{folder}:/run/docker-proxy"),
        *("--entrypoint", "sh", IMAGE, "/etc/nginx/run.sh"),
    )
    yield f"unix://{folder}/docker.sock"
