"""`deploy/prepare.sh`: real certificates, a real TLS handshake, our own client."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from stack.client import connect, engine_errors
from stack.errors import EngineError
from stack.settings import ROOT, load_settings

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on the path")


def _prepare(folder: Path, *names: str) -> str:
    folders = [folder / name for name in ("authority", "certificates", "snapshots")]
    for each in folders:
        each.mkdir(parents=True, exist_ok=True)
    command = ["sh", ROOT / "deploy" / "prepare.sh", *folders, "-", *names]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextmanager
def _engine(folder: Path) -> Iterator[int]:
    """A port that answers over TLS as a node with these certificates does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps({"version": {"number": "3.5.0"}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificates" / "node.pem", folder / "certificates" / "node-key.pem")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def _ask(port: int, folder: Path, host: str = "localhost") -> str:
    settings = load_settings(opensearch_url=f"https://{host}:{port}", opensearch_ca=folder / "authority" / "ca.pem")
    with connect(settings) as client, engine_errors():
        return str(client.info()["version"]["number"])


def test_our_client_trusts_the_node_by_its_authority_and_no_other(tmp_path: Path) -> None:
    ours, other = tmp_path / "ours", tmp_path / "other"
    for folder in (ours, other):
        _prepare(folder, "engine", "localhost")
    with _engine(ours) as port:
        assert _ask(port, ours) == "3.5.0"
        with pytest.raises(EngineError, match=r"is not trusted. Set SOUK_OPENSEARCH_CA"):
            _ask(port, other)


def test_a_name_that_is_not_in_the_certificate_is_refused(tmp_path: Path) -> None:
    _prepare(tmp_path, "engine")
    with _engine(tmp_path) as port, pytest.raises(EngineError, match="is not trusted"):
        _ask(port, tmp_path)


def test_it_keeps_good_ones_and_makes_others_when_the_names_change(tmp_path: Path) -> None:
    assert _prepare(tmp_path, "engine") == "Certificates for DNS:engine,IP:127.0.0.1\n"
    first = (tmp_path / "authority" / "ca.pem").read_text()
    assert _prepare(tmp_path, "engine") == "The certificates are good: kept\n"
    assert (tmp_path / "authority" / "ca.pem").read_text() == first
    _prepare(tmp_path, "engine", "opensearch-2")
    assert (tmp_path / "authority" / "ca.pem").read_text() != first


def test_only_the_engine_may_read_the_key_and_the_authority_has_none_left(tmp_path: Path) -> None:
    _prepare(tmp_path, "engine")
    assert (tmp_path / "certificates" / "node-key.pem").stat().st_mode & 0o777 == 0o400
    assert [path.name for path in (tmp_path / "authority").iterdir()] == ["ca.pem"]
    assert sorted(path.name for path in (tmp_path / "certificates").iterdir()) == ["names", "node-key.pem", "node.pem"]
