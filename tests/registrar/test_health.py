"""Who watches is told whether the registrar serves, and how much; and of nobody in particular."""

import json
import logging
import logging.config
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from registrar.errors import StoreError
from registrar.health import Readiness
from registrar.logs import JsonFormatter, TextFormatter, log_config
from registrar.serve import Server
from tests.town import Town, picture, question


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        yield Town(server, tmp_path / "booth", students=3)


def get(town: Town, path: str, **headers: str) -> requests.Response:
    return requests.get(town.server.url + path, headers=headers, timeout=10)


def test_it_is_alive_and_ready_and_tells_no_more(town: Town) -> None:
    alive, ready = get(town, "healthz"), get(town, "readyz")
    assert (alive.status_code, alive.text) == (200, "alive\n")
    assert (ready.status_code, ready.text) == (200, "ready\n")


def test_it_is_alive_and_not_ready_while_its_database_is_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreError("postgresql://secret")

    monkeypatch.setattr(town.store.database, "connection", away)
    answer = get(town, "readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")
    assert get(town, "healthz").status_code == 200


def test_a_part_that_never_answers_is_asked_once_and_holds_nobody_up() -> None:
    asked, release = [], threading.Event()

    def hang() -> None:
        asked.append(1)
        release.wait()

    time = iter(range(0, 100, 2))
    ready = Readiness({"vault": hang, "database": lambda: None}, 0.02, lambda: next(time))
    try:
        assert ready.faults() == ["vault"]
        assert ready.faults() == ["vault"]
        assert len(asked) == 1
    finally:
        release.set()


def test_an_answer_stands_for_a_moment_whoever_asks() -> None:
    asked: list[int] = []
    ready = Readiness({"database": lambda: asked.append(1)}, 1.0, lambda: 0.0)
    assert [ready.faults() for _ in range(50)] == [[]] * 50
    assert len(asked) == 1


def test_metrics_count_photos_and_requests_and_name_no_student(town: Town) -> None:
    client = town.client()
    client.send(town.envelope(1))
    client.send(town.envelope(1, photo=picture(1)))
    get(town, "photos/record-1")
    text = get(town, "metrics").text
    assert 'registrar_photos_total{became="held"}' in text
    assert 'route="/api/v1/submissions"' in text or 'submissions"' in text
    assert "registrar_review_waiting 1.0" in text
    assert "record-1" not in text
    assert "学生" not in text


def test_metrics_are_for_this_machine_alone(town: Town) -> None:
    assert get(town, "metrics").status_code == 200
    through_a_proxy = {"X-Forwarded-For": "192.0.2.1"}
    assert get(town, "metrics", **through_a_proxy).status_code == 404


@pytest.mark.one_file
def test_metrics_are_for_who_has_the_token(tmp_path: Path) -> None:
    folder, token = tmp_path / "registrar", tmp_path / "token"
    token.write_text("a-token\n")
    folder.mkdir(mode=0o700)
    (folder / "registrar.toml").write_text(f'[metrics]\ntoken_file = "{token}"\n')
    with Server(folder) as server:
        town = Town(server, tmp_path / "booth")
        assert get(town, "metrics").status_code == 404
        assert get(town, "metrics", Authorization="Bearer another").status_code == 404
        through_a_proxy = {"X-Forwarded-For": "192.0.2.1"}
        allowed = get(town, "metrics", Authorization="Bearer a-token", **through_a_proxy)
        assert allowed.status_code == 200


def logged(formatter: logging.Formatter, name: str) -> str:
    try:
        try:
            int(name)
        except ValueError as error:
            raise RuntimeError(f"{name} is no number") from error
    except RuntimeError as error:
        told = (type(error), error, error.__traceback__)
        record = logging.LogRecord("uvicorn.error", 40, "", 0, "failed %d", (7,), told)
        return formatter.format(record)
    raise AssertionError


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter("%(message)s")])
def test_a_log_line_says_where_it_failed_and_quotes_nobody(formatter: logging.Formatter) -> None:
    line = logged(formatter, "张三")
    assert "张三" not in line
    assert "failed 7" in line
    assert "RuntimeError" in line
    assert "test_health.py" in line


def test_a_log_line_is_one_object_of_json() -> None:
    line = json.loads(logged(JsonFormatter(), "张三"))
    assert (line["level"], line["logger"], line["said"]) == ("error", "uvicorn.error", "failed 7")
    assert line["raised"][0] == "RuntimeError"
    assert "\n" not in logged(JsonFormatter(), "张三")


@pytest.fixture
def own_logging() -> Iterator[None]:
    """What a test sets of the registrar's log does not reach the next."""
    loggers = [logging.getLogger(name) for name in log_config("json")["loggers"]]
    before = [(log.handlers[:], log.level, log.propagate) for log in loggers]
    yield
    for log, (handlers, level, propagate) in zip(loggers, before, strict=True):
        log.handlers, log.propagate = handlers, propagate
        log.setLevel(level)


@pytest.mark.one_file
@pytest.mark.usefixtures("own_logging")
def test_what_booths_and_browsers_send_leaves_nobody_in_the_log(
    town: Town, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logging.config.dictConfig(log_config("json"))

    def fail(*_: object, **__: object) -> None:
        raise ValueError("学生1 2022000001")

    town.client().send(town.envelope(1))
    get(town, "students?q=学生1")
    get(town, "students/record-1?q=2022000001")
    monkeypatch.setattr(town.store.records, "resolve", fail)
    monkeypatch.setattr(town.store.photos, "add", fail)
    for call in (lambda: town.client().resolve(question("code-1")), lambda: town.client().send(
        town.envelope(2))):  # fmt: skip
        with pytest.raises(Exception, match=r".*"):
            call()
    said = capfd.readouterr().err
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert any("ValueError" in str(line.get("raised")) for line in lines)
    for secret in ("学生", "2022000001", "code-1", "record-1"):
        assert secret not in said
