"""The channels of notices: a webhook of the institution's own system, and mail by SMTP."""

import hashlib
import hmac
import http.client
import json
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

from protocol.envelope import short_number
from registrar.desk.words import LANGUAGES, words_of
from registrar.errors import UsageError
from registrar.notifier import Channel, Notice, NotSent
from registrar.settings import NoticeSettings, SmtpSettings, WebhookSettings

TIMEOUT = 10.0
"""Seconds that one step of a conversation may take."""

DEADLINE = 45.0
"""Seconds that all of one may take, however slowly the other side speaks."""

SIGNATURE_HEADER, TIME_HEADER = "X-Registrar-Signature", "X-Registrar-Time"


def open_channels(settings: NoticeSettings) -> dict[str, Channel]:
    """The channels that are configured; raises UsageError where a secret cannot be read."""
    channels: dict[str, Channel] = {}
    if settings.webhook is not None:
        channels["webhook"] = Webhook(settings.webhook)
    if settings.smtp is not None:
        channels["smtp"] = Mail(settings.smtp)
    return channels


def tell(notice: Notice, language: str) -> tuple[str, str]:
    """A notice's title and text in a language; whose photo it is, the receipt's number says."""
    words = next(words_of(known) for known in LANGUAGES if known == language)
    number = short_number(notice.submission_id)
    if notice.state == "approved":
        return words("notice.approved_title"), words("notice.approved_text", number=number)
    refusal = notice.refusal or "other"
    reason = words.any(f"refusal.{refusal}", words("refusal.other"))
    todo = words.any(f"refusal.{refusal}_todo", words("refusal.other_todo"))
    if notice.is_last:
        todo = words("notice.last_todo")
    text = words("notice.refused_text", number=number, reason=reason, todo=todo)
    return words("notice.refused_title"), text


class Webhook:
    """Posts each notice as JSON, signed by a secret that both sides have.

    The signature is HMAC-SHA256 of the time, a point, and the body; `notice` is the same however
    often it comes. Any status 2xx takes the notice.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self._url = urlsplit(settings.url)
        self._secret = _read_secret(settings.secret_file).encode()

    def send(self, notice: Notice) -> None:
        """Send a notice; NotSent where it was not taken."""
        told = {language: tell(notice, language) for language in LANGUAGES}
        body = json.dumps(
            {
                "notice": notice.number,
                "state": notice.state,
                "reason": notice.refusal,
                "at": notice.made_at.isoformat(),
                "receipt": short_number(notice.submission_id),
                "record_id": notice.record.record_id,
                "student_no": notice.record.student_no,
                "institution_code": notice.record.institution_code,
                "title": {language: title for language, (title, _) in told.items()},
                "text": {language: text for language, (_, text) in told.items()},
            },
            ensure_ascii=False,
        ).encode()
        at = str(int(time.time()))
        signature = hmac.new(self._secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            TIME_HEADER: at,
            SIGNATURE_HEADER: f"sha256={signature}",
        }
        status = self._post(body, headers)
        if not 200 <= status < 300:
            # What the other side refuses as it is, it will refuse again; but not what it is too
            # busy for.
            hopeless = 400 <= status < 500 and status not in (401, 403, 404, 408, 425, 429)
            raise NotSent(f"answered {status}", hopeless=hopeless)

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        kind = (
            http.client.HTTPSConnection
            if self._url.scheme == "https"
            else http.client.HTTPConnection
        )
        path = self._url.path or "/"
        path += f"?{self._url.query}" if self._url.query else ""
        with _told_plainly():
            connection = kind(self._url.hostname or "", self._url.port, timeout=TIMEOUT)
            with _deadline(lambda: connection.sock):
                try:
                    connection.request("POST", path, body, headers)
                    return connection.getresponse().status
                finally:
                    connection.close()


class Mail:
    """Mails each notice to the student's address, in Chinese and English."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        path = settings.password_file
        self._password = None if path is None else _read_secret(path)

    def send(self, notice: Notice) -> None:
        """Send a notice; NotSent where it was not taken."""
        message = write_mail(notice, self._settings.sender)
        with _told_plainly():
            server = self._connect()
            with _deadline(lambda: server.sock):
                try:
                    if self._settings.tls == "starttls":
                        server.starttls(context=ssl.create_default_context())
                    if self._settings.username is not None:
                        server.login(self._settings.username, self._password or "")
                    server.send_message(message)
                finally:
                    with suppress(smtplib.SMTPException, OSError):
                        server.quit()

    def _connect(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.tls == "implicit":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
        return smtplib.SMTP(host, port, timeout=TIMEOUT)


def write_mail(notice: Notice, sender: str) -> EmailMessage:
    """Write a notice as a mail: always the same one, so that who gets it twice sees it once."""
    told = [tell(notice, language) for language in LANGUAGES]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = notice.record.email
    message["Subject"] = " / ".join(title for title, _ in told)
    message["Date"] = formatdate(notice.made_at.timestamp())
    message["Message-ID"] = (
        f"<notice-{notice.number}-{notice.submission_id}@{sender.partition('@')[2]}>"
    )
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(text for _, text in told) + "\n")
    return message


@contextmanager
def _deadline(find_socket: Callable[[], socket.socket | None]) -> Iterator[None]:
    """End a conversation that drags on: what waits on its socket then fails."""

    def end() -> None:
        found = find_socket()
        if found is not None:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(DEADLINE, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What went wrong between two machines, as NotSent, in words that name nobody."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        hopeless = bool(codes) and all(500 <= code < 600 for code in codes)
        raise NotSent("the student's address was refused", hopeless=hopeless) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"the mail server answered {error.smtp_code}") from error
    except (smtplib.SMTPException, http.client.HTTPException) as error:
        raise NotSent(f"the other side's answer was none ({type(error).__name__})") from error
    except TimeoutError as error:
        raise NotSent("the other side did not answer in time") from error
    except OSError as error:
        raise NotSent(f"the other side cannot be reached ({type(error).__name__})") from error


def _read_secret(path: Path) -> str:
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the secret for notices cannot be read ({error})") from error
    if not secret:
        raise UsageError(f"{path}: the secret for notices is empty")
    return secret
