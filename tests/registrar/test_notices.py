"""Notices: each is sent once its review holds, by one notifier, until it was taken or given up."""

import email
import hashlib
import hmac
import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from protocol.envelope import short_number
from registrar.channels import Mail, Webhook, open_channels, tell, write_mail
from registrar.errors import UsageError
from registrar.intake import receive_envelope
from registrar.notices import UNDO_SECONDS, given_up
from registrar.notifier import MOST_ATTEMPTS, Notice, Notifier, NotSent, notifying, wait_after
from registrar.photos import Photos
from registrar.reviews import Reviews
from registrar.serve import Server
from registrar.settings import NoticeSettings, SmtpSettings, WebhookSettings
from registrar.storage.tables import NOTICE
from tests.town import TAKEN_AT, Town, record, submission

START = TAKEN_AT.timestamp()
SECRET = "the secret of both sides"


class Heard:
    """A channel that keeps what it is sent, or fails as it is told."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.fails: NotSent | None = None

    def send(self, notice: Notice) -> None:
        """Keep a notice, or fail."""
        if self.fails is not None:
            raise self.fails
        self.notices.append(notice)


class Clock:
    """A clock that goes on when it is told."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(Server(tmp_path / "registrar"), tmp_path / "booth", students=5)
    store = town.store
    store.photos = Photos(store.database, store.objects, ["webhook"])
    store.reviews = Reviews(store.database, ["webhook"])
    for number in (1, 2, 3):
        receive_envelope(store, town.server.keys, town.envelope(number), TAKEN_AT)
    yield town
    store.database.close()


def row(town: Town) -> Any:
    with town.store.database.connection() as db:
        return db.execute(select(NOTICE).order_by(NOTICE.c.id)).first()


def test_a_notice_goes_once_nobody_takes_the_review_back_any_more(town: Town) -> None:
    channel, clock = Heard(), Clock()
    notifier = Notifier(town.store.database, {"webhook": channel}, clock)
    town.refuse(1, "gaze")
    clock.at = START + UNDO_SECONDS - 1
    assert not notifier.send_one()
    clock.at = START + UNDO_SECONDS
    assert notifier.send_one()
    assert not notifier.send_one()
    (notice,) = channel.notices
    assert (notice.state, notice.refusal) == ("refused", "gaze")
    assert notice.submission_id == submission(1)
    assert notice.record == record(1)
    assert row(town).sent_at == clock.at


def test_who_was_refused_too_often_is_sent_to_the_registry_and_not_to_a_booth(town: Town) -> None:
    heard, clock, keys = Heard(), Clock(), town.server.keys
    for number in (11, 12, 13):
        envelope = town.envelope(number, of_student=4)
        assert receive_envelope(town.store, keys, envelope, TAKEN_AT).refused is None
        town.refuse(number)
    clock.at += UNDO_SECONDS + 1
    notifier = Notifier(town.store.database, {"webhook": heard}, clock)
    while notifier.send_one():
        pass
    newest = heard.notices[-1]
    assert newest.is_last
    assert "school registry" in tell(newest, "en")[1]
    assert "学籍部门" in tell(newest, "zh-CN")[1]


def test_what_was_taken_back_is_never_sent(town: Town) -> None:
    channel = Heard()
    town.approve(1)
    town.store.reviews.undo("staff-1", TAKEN_AT + timedelta(seconds=30))
    notifier = Notifier(town.store.database, {"webhook": channel}, lambda: START + 3600)
    assert not notifier.send_one()


def test_notifiers_at_once_send_each_notice_once(town: Town) -> None:
    channel = Heard()
    town.approve(1, 2, 3)

    def drain(_: int) -> None:
        notifier = Notifier(town.store.database, {"webhook": channel}, lambda: START + 100)
        while notifier.send_one():
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(drain, range(4)))
    assert sorted(notice.record.record_id for notice in channel.notices) == [
        "record-1",
        "record-2",
        "record-3",
    ]


def test_a_failed_attempt_is_made_again_later_and_later(town: Town) -> None:
    channel, clock = Heard(), Clock()
    channel.fails = NotSent("answered 503")
    notifier = Notifier(town.store.database, {"webhook": channel}, clock, lambda: 1.0)
    town.approve(1)
    waits = []
    for _ in range(4):
        clock.at = row(town).next_at
        notifier.send_one()
        waits.append(row(town).next_at - clock.at)
    assert waits == [30.0, 60.0, 120.0, 240.0]
    assert row(town).fault == "answered 503"
    channel.fails = None
    clock.at = row(town).next_at
    notifier.send_one()
    assert row(town).fault is None
    assert row(town).attempts == 5


def test_pauses_are_drawn_and_bounded() -> None:
    assert wait_after(1, 0.0) == 15.0
    assert wait_after(1, 1.0) == 30.0
    assert wait_after(1000, 1.0) == 6 * 3600


@pytest.mark.parametrize(("hopeless", "attempts"), [(True, 1), (False, MOST_ATTEMPTS)])
def test_a_notice_is_given_up_in_the_end_and_the_desk_counts_it(
    town: Town, hopeless: bool, attempts: int
) -> None:
    channel, clock = Heard(), Clock()
    channel.fails = NotSent("answered 400", hopeless=hopeless)
    notifier = Notifier(town.store.database, {"webhook": channel}, clock)
    town.approve(1)
    for _ in range(attempts):
        clock.at = row(town).next_at
        notifier.send_one()
    assert row(town).next_at is None
    with town.store.database.connection() as db:
        assert given_up(db) == 1


def test_a_notifier_that_was_killed_leaves_its_notice_to_the_next(town: Town) -> None:
    clock, channel = Clock(), Heard()

    class Killed(Heard):
        def send(self, notice: Notice) -> None:
            raise KeyboardInterrupt

    town.approve(1)
    clock.at += 100
    with pytest.raises(KeyboardInterrupt):
        Notifier(town.store.database, {"webhook": Killed()}, clock).send_one()
    again = Notifier(town.store.database, {"webhook": channel}, clock)
    assert not again.send_one()
    clock.at += 121
    assert again.send_one()
    assert len(channel.notices) == 1


def test_logs_of_notices_name_nobody(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    channel = Heard()
    channel.fails = NotSent("answered 503")
    town.approve(1)
    with caplog.at_level(logging.INFO):
        Notifier(town.store.database, {"webhook": channel}, lambda: START + 100).send_one()
    assert "answered 503" in caplog.text
    for said in ("学生1", "2022000001", "record-1", "code-1"):
        assert said not in caplog.text


def test_mail_goes_to_those_whose_address_the_roster_has(town: Town) -> None:
    town.store.records.import_records([record(2, email="s2@example.edu.cn")])
    town.store.reviews = Reviews(town.store.database, ["webhook", "smtp"])
    town.approve(1, 2)
    with town.store.database.connection() as db:
        rows = db.execute(select(NOTICE.c.channel).order_by(NOTICE.c.id)).scalars().all()
    assert rows == ["webhook", "webhook", "smtp"]


def test_a_thread_sends_what_is_due(town: Town) -> None:
    sent = threading.Event()

    class Telling(Heard):
        def send(self, notice: Notice) -> None:
            sent.set()

    town.approve(1)  # long ago, by this machine's clock
    with notifying(town.store.database, {"webhook": Telling()}):
        assert sent.wait(10)


@contextmanager
def institution(status: int) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """The institution's own system: its address, and what it was told."""
    told: list[tuple[dict[str, str], bytes]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((dict(self.headers.items()), body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/photos?of=2026", told
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "webhook.secret"
    path.write_text(SECRET + "\n")
    return path


REFUSED = Notice(
    7,
    "refused",
    "eyes_closed",
    datetime(2026, 6, 1, tzinfo=UTC),
    submission(1),
    record(1, email="s1@example.edu.cn"),
)


def test_the_institutions_system_hears_why_and_what_to_do_and_who_says_so(secret: Path) -> None:
    with institution(204) as (url, told):
        Webhook(WebhookSettings(url=url, secret_file=secret)).send(REFUSED)
    ((headers, body),) = told
    said = json.loads(body)
    assert (said["notice"], said["state"], said["reason"]) == (7, "refused", "eyes_closed")
    assert said["title"]["zh-CN"] == "审核未通过"
    assert "眼睛未睁开" in said["text"]["zh-CN"]
    assert "eyes open" in said["text"]["en"]
    assert "学生1" not in body.decode()
    signed = f"{headers['X-Registrar-Time']}.".encode() + body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Registrar-Signature"] == f"sha256={digest}"


@pytest.mark.parametrize(("status", "hopeless"), [(503, False), (429, False), (400, True)])
def test_what_the_institutions_system_does_not_take_is_told(
    secret: Path, status: int, hopeless: bool
) -> None:
    with institution(status) as (url, _), pytest.raises(NotSent, match=str(status)) as refused:
        Webhook(WebhookSettings(url=url, secret_file=secret)).send(REFUSED)
    assert refused.value.hopeless is hopeless


def test_a_system_that_drips_its_answer_ends_at_the_deadline(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registrar.channels.DEADLINE", 0.2)
    stop = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            while not stop.wait(0.02):
                try:
                    connection.send(b"H")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(NotSent):
            Webhook(WebhookSettings(url=url, secret_file=secret)).send(REFUSED)
        stop.set()
        thread.join()


def test_a_system_that_is_not_there_is_tried_again(secret: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    with pytest.raises(NotSent, match="cannot be reached") as refused:
        Webhook(WebhookSettings(url=url, secret_file=secret)).send(REFUSED)
    assert not refused.value.hopeless


class MailServer:
    """A mail server of few words, on a socket of its own."""

    def __init__(self, recipient: bytes = b"250 ok") -> None:
        self._recipient = recipient
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.data = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "MailServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._server.close()

    def _serve(self) -> None:
        connection, _ = self._server.accept()
        answers = {b"EHLO": b"250 hello", b"RCPT": self._recipient, b"DATA": b"354 go on"}
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 here\r\n")
            for line in lines:
                word = line[:4].upper()
                connection.sendall(answers.get(word, b"250 ok") + b"\r\n")
                if word == b"DATA":
                    for text in lines:
                        if text == b".\r\n":
                            break
                        self.data += text
                    connection.sendall(b"250 taken\r\n")
                if word == b"QUIT":
                    return

    def message(self) -> Message:
        return email.message_from_bytes(self.data)


def mail(port: int) -> Mail:
    return Mail(
        SmtpSettings(host="127.0.0.1", port=port, tls="none", sender="photos@example.edu.cn")
    )


def test_a_student_gets_a_mail_in_both_languages() -> None:
    with MailServer() as server:
        mail(server.port).send(REFUSED)
    message = server.message()
    assert message["To"] == "s1@example.edu.cn"
    assert message["Message-ID"] == write_mail(REFUSED, "photos@example.edu.cn")["Message-ID"]
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    assert "眼睛未睁开" in text
    assert "eyes closed" in text
    assert short_number(submission(1)) in text


@pytest.mark.parametrize(("answer", "hopeless"), [(b"550 nobody", True), (b"450 busy", False)])
def test_an_address_that_nobody_has_is_given_up_and_a_busy_one_is_not(
    answer: bytes, hopeless: bool
) -> None:
    with MailServer(answer) as server, pytest.raises(NotSent, match="address") as refused:
        mail(server.port).send(REFUSED)
    assert refused.value.hopeless is hopeless
    assert "s1@" not in str(refused.value)


def test_channels_are_opened_as_configured(secret: Path, tmp_path: Path) -> None:
    webhook = {"url": "https://example.edu.cn/hook", "secret_file": str(secret)}
    settings = NoticeSettings.model_validate({"webhook": webhook})
    assert settings.channels == ("webhook",)
    assert list(open_channels(settings)) == ["webhook"]
    lost = {"url": "https://example.edu.cn/hook", "secret_file": str(tmp_path / "none")}
    with pytest.raises(UsageError, match="secret for notices cannot be read"):
        open_channels(NoticeSettings.model_validate({"webhook": lost}))
