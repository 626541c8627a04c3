"""Sources: a folder and a web server, which may break off, lie and talk without end."""

import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.manifest import LARGEST_TEXT, File
from kiosk.release.source import CHUNK_BYTES, Source, open_source

CONTENT = bytes(range(256)) * 2_400

FILE = File(bytes=len(CONTENT), sha256=hashlib.sha256(CONTENT).digest())


class Server(ThreadingHTTPServer):
    """Serves what `answers` holds, with ranges where it `resumes`."""

    answers: dict[str, bytes]
    resumes = True
    breaks_off_after: int | None = None
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        data = self.server.answers.get(self.path)
        if data is None:
            self.send_error(404)
            return
        first = 0
        if self.server.resumes and (found := re.fullmatch(r"bytes=(\d+)-", wanted)):
            first = int(found[1])
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        self.wfile.write(data[first:][: self.server.breaks_off_after])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), _Handler) as server:
        server.answers, server.asked = {"/r/a.tar.gz": CONTENT}, []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def web(server: Server) -> Source:
    return open_source(f"http://127.0.0.1:{server.server_port}/r/")


def bring(source: Source, to: Path, file: File = FILE) -> bytes:
    source.bring("a.tar.gz", file, to, lambda _: None)
    return to.read_bytes()


def test_a_file_comes_from_the_web_or_a_folder(web: Source, tmp_path: Path) -> None:
    assert bring(web, tmp_path / "web") == CONTENT
    (tmp_path / "a.tar.gz").write_bytes(CONTENT)
    assert bring(open_source(str(tmp_path)), tmp_path / "copied") == CONTENT


@pytest.mark.parametrize("resumes", [True, False])
def test_a_download_that_broke_off_is_gone_on_with(
    server: Server, web: Source, tmp_path: Path, resumes: bool
) -> None:
    server.breaks_off_after, server.resumes = 300_000, resumes
    with pytest.raises(ReleaseError, match="what has come is kept"):
        bring(web, tmp_path / "a")
    server.breaks_off_after = None
    assert bring(web, tmp_path / "a") == CONTENT
    assert server.asked == ["", f"bytes={CHUNK_BYTES}-"]


def test_what_is_not_what_was_signed_is_thrown_away(
    server: Server, web: Source, tmp_path: Path
) -> None:
    server.answers["/r/a.tar.gz"] = CONTENT[:-1] + b"?"
    (tmp_path / "a.tar.gz").write_bytes(CONTENT[:-1] + b"?")
    for source in (web, open_source(str(tmp_path))):
        with pytest.raises(ReleaseError, match="not what was signed"):
            bring(source, tmp_path / "a")
    server.answers["/r/a.tar.gz"] = CONTENT
    assert bring(web, tmp_path / "a") == CONTENT


def test_more_than_was_signed_is_not_taken(server: Server, web: Source, tmp_path: Path) -> None:
    server.answers["/r/a.tar.gz"] = CONTENT * 3
    with pytest.raises(ReleaseError, match=r"more than the 614,400 bytes"):
        bring(web, tmp_path / "a")
    (tmp_path / "a.tar.gz").write_bytes(CONTENT * 3)
    with pytest.raises(ReleaseError, match="not what was signed"):
        bring(open_source(str(tmp_path)), tmp_path / "b")
    assert (tmp_path / "b").stat().st_size < 1_000_000


def test_a_text_without_end_is_not_read_to_it(server: Server, web: Source, tmp_path: Path) -> None:
    server.answers["/r/index.json"] = bytes(LARGEST_TEXT + 1)
    (tmp_path / "index.json").write_bytes(bytes(LARGEST_TEXT + 1))
    for source in (web, open_source(str(tmp_path))):
        with pytest.raises(ReleaseError, match="is longer than"):
            source.read("index.json")


def test_what_is_not_there_is_said(web: Source, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="404"):
        web.read("index.json")
    with pytest.raises(ReleaseError, match="no folder with releases"):
        open_source(str(tmp_path)).read("index.json")
    with pytest.raises(ReleaseError, match="is the stick mounted"):
        open_source(str(tmp_path / "stick"))
    with pytest.raises(ReleaseError, match="did not come"):
        open_source("http://127.0.0.1:9/").read("index.json")


@pytest.mark.parametrize("address", ["", "http://example.org/", "ftp://example.org/", "file:///x"])
def test_only_https_and_folders_are_sources(address: str) -> None:
    with pytest.raises(UsageError):
        open_source(address)
