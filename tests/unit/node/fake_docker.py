"""A Docker daemon that has no containers: the answers of Docker Engine's HTTP API, over a Unix socket.

Shapes, statuses and messages are those of the API's specification, version 1.50, and of a daemon 28; the real SDK talks
to it. A started container's port is opened on loopback and answers `GET /_cluster/health` as OpenSearch 3.5.0 does.
"""

from __future__ import annotations

import json
import re
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

VERSION = {
    "Platform": {"Name": "Docker Engine - Community"}, "Version": "28.2.2", "ApiVersion": "1.50",
    "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64", "KernelVersion": "6.1.0", "GoVersion": "go1.24.3",
}  # fmt: skip
HEALTH = {
    "cluster_name": "souk", "status": "green", "timed_out": False, "number_of_nodes": 1, "number_of_data_nodes": 1,
    "discovered_cluster_manager": True, "active_primary_shards": 3, "active_shards": 3,
}  # fmt: skip
ID = "3176a2479c92e3a1f0c1a4f1bcdd17a2ac0f21b9c3b0c5f6f0a1b2c3d4e5f607"
LAYERS = [
    {"status": "Pulling from opensearchproject/opensearch", "id": "3.5.0"},
    {"status": "Pulling fs layer", "progressDetail": {}, "id": "a1"},
    {"status": "Downloading", "progressDetail": {"current": 250_000_000, "total": 1_000_000_000}, "id": "a1"},
    {"status": "Download complete", "progressDetail": {}, "id": "a1"},
    {"status": "Pull complete", "progressDetail": {}, "id": "a1"},
    {"status": "Status: Downloaded newer image for opensearchproject/opensearch:3.5.0"},
]


@dataclass
class FakeDocker:
    """What the daemon has and what it will do; `asked` is what it was asked, `made` how containers were made."""

    image: bool = True
    pull: list[dict[str, Any]] = field(default_factory=lambda: list(LAYERS))
    start_fails: str = ""
    dies: dict[str, Any] | None = None  # the State of a container that ends right after its start
    log: list[str] = field(default_factory=list)
    foreign: bool = False
    asked: list[str] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    container: dict[str, Any] | None = None
    _engine: HTTPServer | None = None

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        """(status, JSON, or bytes as they are, or a list of JSON lines)."""
        path = re.sub(r"^/v1\.\d+", "", path)
        self.asked.append(f"{method} {path}")
        for pattern, handler in self._routes():
            if found := re.fullmatch(pattern, f"{method} {path}"):
                return handler(query, body, *found.groups())
        return 404, {"message": "page not found"}

    def _routes(self) -> list[tuple[str, Callable[..., tuple[int, Any]]]]:
        return [
            ("GET /version", lambda *_: (200, VERSION)),
            ("GET /images/(.+)/json", self._image),
            ("POST /images/create", self._pull),
            ("POST /containers/create", self._create),
            (r"GET /containers/([\w-]+)/json", self._inspect),
            (r"POST /containers/([\w-]+)/start", self._start),
            (r"POST /containers/([\w-]+)/stop", self._stop),
            (r"GET /containers/([\w-]+)/logs", self._logs),
            (r"DELETE /containers/([\w-]+)", self._remove),
        ]

    def _image(self, _query: object, _body: bytes, name: str) -> tuple[int, Any]:
        if not self.image:
            return 404, {"message": f"No such image: {name}"}
        return 200, {"Id": "sha256:" + "0" * 64, "RepoTags": [name], "Architecture": "amd64", "Os": "linux"}

    def _pull(self, query: dict[str, list[str]], _body: bytes) -> tuple[int, Any]:
        assert (query["fromImage"], query["tag"]) == (["opensearchproject/opensearch"], ["3.5.0"])
        if self.pull == ["unknown"]:
            return 404, {"message": "manifest for opensearchproject/opensearch:3.5.0 not found: manifest unknown"}
        self.image = "error" not in self.pull[-1]
        return 200, self.pull

    def _create(self, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        wanted = json.loads(body)
        self.made.append(wanted)
        state = {"Status": "created", "Running": False, "OOMKilled": False, "Dead": False, "Pid": 0, "ExitCode": 0}
        self.container = {"Id": ID, "Name": f"/{query['name'][0]}", "State": state, "Config": wanted | {"Tty": False}}
        self.container["HostConfig"] = wanted["HostConfig"]
        return 201, {"Id": ID, "Warnings": []}

    def _inspect(self, _query: object, _body: bytes, name: str) -> tuple[int, Any]:
        if self.foreign:
            state = {"Status": "running", "Running": True}
            return 200, {"Id": ID, "Name": f"/{name}", "State": state, "Config": {"Labels": {}, "Image": "nginx"}}
        if self.container is None:
            return 404, {"message": f"No such container: {name}"}
        return 200, self.container

    def _start(self, _query: object, _body: bytes, _name: str) -> tuple[int, Any]:
        assert self.container is not None
        if self.start_fails:
            return 500, {"message": self.start_fails}
        if self.dies:
            self.container["State"] = self.dies
            return 204, b""
        self.container["State"] |= {"Status": "running", "Running": True, "Pid": 4242}
        (binding,) = self.container["HostConfig"]["PortBindings"]["9200/tcp"]
        self._engine = HTTPServer((binding["HostIp"], int(binding["HostPort"])), _Engine)
        threading.Thread(target=self._engine.serve_forever, args=(0.02,), daemon=True).start()
        return 204, b""

    def _stop(self, _query: object, _body: bytes, _name: str) -> tuple[int, Any]:
        assert self.container is not None
        self.end_engine()
        self.container["State"] |= {"Status": "exited", "Running": False, "ExitCode": 143}
        return 204, b""

    def _logs(self, _query: object, _body: bytes, _name: str) -> tuple[int, Any]:
        """Frames of standard output: one byte for the stream, three empty, four for the length."""
        return 200, b"".join(struct.pack(">BxxxL", 1, len(line) + 1) + line.encode() + b"\n" for line in self.log)

    def _remove(self, _query: object, _body: bytes, _name: str) -> tuple[int, Any]:
        self.end_engine()
        self.container = None
        return 204, b""

    def end_engine(self) -> None:
        if self._engine is not None:
            self._engine.shutdown()
            self._engine.server_close()
            self._engine = None


class _Engine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = json.dumps(HEALTH).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


@contextmanager
def listening(docker: FakeDocker, folder: Path) -> Iterator[str]:
    """The value of DOCKER_HOST while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = docker.answer(self.command, address.path, parse_qs(address.query), body)
            raw, events = isinstance(answer, bytes), isinstance(answer, list)
            content = answer if raw else b"".join(map(_chunk, answer)) + b"0\r\n\r\n" if events else _json(answer)
            self.send_response(status)
            self.send_header("Api-Version", "1.50")
            self.send_header("Content-Type", "application/vnd.docker.multiplexed-stream" if raw else "application/json")
            if events:  # what takes long comes in chunks, and the SDK counts on it
                self.send_header("Transfer-Encoding", "chunked")
            elif status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_HEAD = _any

        def address_string(self) -> str:
            return "unix"

        def log_message(self, *_: object) -> None: ...

    path = folder / "docker.sock"
    server = _UnixServer(str(path), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"unix://{path}"
    finally:
        docker.end_engine()
        server.shutdown()
        server.server_close()


def _json(answer: Any) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def _chunk(event: Any) -> bytes:
    content = json.dumps(event).encode() + b"\r\n"
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"
