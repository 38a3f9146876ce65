"""`ledgerbridge up` with real processes: starts, restarts, killings and refusals."""

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from ledgerbridge.embedded.running import running_installation
from ledgerbridge.testing.waiting import wait_until_sync

from .running import Up

Runner = Callable[..., Up]


def test_stops_in_order_upon_either_signal_and_keeps_its_data(run: Runner) -> None:
    first = run().is_up()
    first.write_data()
    children = first.children()
    assert list(children) == ["postgres", "kafka", "dummy-service"]
    assert first.stop(signal.SIGINT) == 0
    assert first.text.endswith("Stopping\nAll is stopped\n")
    assert not any(child.is_running() for child in children.values())
    assert not (first.home / "state.json").exists()

    second = run().is_up()
    assert second.data_is_kept()
    assert second.topics() >= {"ledgerbridge.invoices", "ledgerbridge.dead-letters.dummy-service"}
    assert [second.port(name) for name in ("kafka", "postgres")] == [first.port(name) for name in ("kafka", "postgres")]
    children = second.children()
    assert second.stop(signal.SIGTERM) == 0
    assert not any(child.is_running() for child in children.values())


def test_killed_and_hung_children_are_started_again(run: Runner) -> None:
    up = run().is_up()
    up.write_data()
    killed = up.children()
    for child in killed.values():
        child.kill()
    for name, child in killed.items():
        up.says(f"{name} ended (killed by signal 9); starting it again in 0.5 s")
        up.says(f"{name} is back")
        assert up.children()[name].pid != child.pid
    assert up.data_is_kept()

    hung = up.children()["dummy-service"]
    up.ask_dummy("/hang", "POST")
    up.says("dummy-service hangs (its /livez does not say that it lives); starting it again in 1 s")
    wait_until_sync(lambda: up.text.count("dummy-service is back") == 2, what="the hung service is back")
    assert not hung.is_running()
    assert up.ask_dummy("/livez") == {}


def test_service_that_does_not_start_is_tried_again_ever_later_and_its_words_are_said(
    run: Runner, stand_ins: dict[str, str]
) -> None:
    up = run(DUMMY_FAILS="no coffee", **stand_ins)
    for seconds in ("0.5", "1", "2"):
        up.says(f"dummy-service ended (status 3: no coffee); starting it again in {seconds} s")
    assert "Ledgerbridge is up" not in up.text
    assert up.stop() == 0
    assert up.text.endswith("Stopping\nAll is stopped\n")


def test_second_instance_on_one_folder_is_refused(run: Runner, stand_ins: dict[str, str]) -> None:
    first = run(**stand_ins).is_up()
    second = Up(first.home, **stand_ins)
    assert second.process.wait(20) == 1
    assert second.text == (
        f"Cannot start: Ledgerbridge already runs in {first.home} (pid {first.process.pid}); stop it first, "
        "or set LEDGERBRIDGE_HOME to another folder\n"
    )
    assert first.ask_dummy("/livez") == {}


def test_leftovers_of_a_killed_supervisor_and_database_are_stopped_first(run: Runner) -> None:
    first = run().is_up()
    first.write_data()
    leftovers = first.children()
    first.process.kill()
    first.process.wait()
    leftovers["postgres"].kill()

    second = run().is_up()
    assert "Stopped what a killed supervisor had left: kafka, dummy-service\n" in second.text
    assert not any(child.is_running() for child in leftovers.values())
    assert second.data_is_kept()


@pytest.fixture
def stand_ins(kafka_server: str, fresh_database: str, topic_prefix: str) -> dict[str, str]:
    """Servers that are given, so that none is started."""
    return {
        "LEDGERBRIDGE_KAFKA": kafka_server,
        "LEDGERBRIDGE_DATABASE": fresh_database,
        "LEDGERBRIDGE_TOPIC_PREFIX": topic_prefix,
        "LEDGERBRIDGE_TOPIC_PARTITIONS": "1",
    }


def test_given_servers_are_used_and_services_told_only_what_is_theirs(run: Runner, stand_ins: dict[str, str]) -> None:
    up = run(**stand_ins).is_up()
    assert list(up.children()) == ["dummy-service"]
    told = up.ask_dummy("/environment")
    assert told["LEDGERBRIDGE_KAFKA"] == stand_ins["LEDGERBRIDGE_KAFKA"]
    assert "ledgerbridge_dummy_service_app" in told["LEDGERBRIDGE_DATABASE_APP"]
    assert "ledgerbridge_dummy_service_engine" in told["LEDGERBRIDGE_DATABASE_ENGINE"]
    assert "LEDGERBRIDGE_DATABASE" not in told
    secrets = up.home / "secrets.json"
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert told["LEDGERBRIDGE_SECRET_KEY"] == json.loads(secrets.read_text())["secret_key"]


def test_given_servers_that_are_away_are_named(run: Runner, stand_ins: dict[str, str]) -> None:
    no_kafka = run(**stand_ins | {"LEDGERBRIDGE_KAFKA": "127.0.0.1:1"})
    assert no_kafka.process.wait(20) == 1
    assert "Cannot start: Kafka's topics could not be prepared: " in no_kafka.text
    assert "127.0.0.1:1" in no_kafka.text

    away = "postgresql://postgres:not-to-be-shown@127.0.0.1:1/ledgerbridge"
    no_database = run(**stand_ins | {"LEDGERBRIDGE_DATABASE": away})
    assert no_database.process.wait(20) == 1
    assert "Cannot start: the database's roles could not be prepared: " in no_database.text
    assert "not-to-be-shown" not in no_database.text


def test_sandbox_stands_in_for_the_vendors(run: Runner, stand_ins: dict[str, str]) -> None:
    ports = {f"LEDGERBRIDGE_SANDBOX_{name}_PORT": "0" for name in ("CONTROL", "HUBSPOT", "QUICKBOOKS")}
    up = run("--sandbox", **ports, **stand_ins).is_up()
    told = up.ask_dummy("/environment")
    assert told["LEDGERBRIDGE_HUBSPOT_API"] == f"http://127.0.0.1:{up.port('sandbox-hubspot')}"
    assert told["LEDGERBRIDGE_QUICKBOOKS_API"] == f"http://127.0.0.1:{up.port('sandbox-quickbooks')}"
    assert told["LEDGERBRIDGE_SANDBOX_CLOCK"] == f"http://127.0.0.1:{up.port('sandbox')}"
    running = running_installation(up.home)
    assert running
    assert running.addresses["dummy-service"] == f"http://127.0.0.1:{up.port('dummy-service')}"
    assert running.addresses["sandbox-hubspot"] == told["LEDGERBRIDGE_HUBSPOT_API"]
    assert running.environment["dummy-service"].items() <= told.items()
    assert running.admin_dsn == stand_ins["LEDGERBRIDGE_DATABASE"]
    assert running.admin_dsn not in f"{running!r} {running}"
    assert (up.home / "running.json").stat().st_mode & 0o777 == 0o600
    assert up.stop() == 0
    assert running_installation(up.home) is None


def test_a_public_address_that_a_person_set_is_what_the_services_are_told(
    run: Runner, stand_ins: dict[str, str]
) -> None:
    given = {"LEDGERBRIDGE_PUBLIC_BASE": "https://bridge.example", "LEDGERBRIDGE_WEBHOOK_GATEWAY_PORT": "0"}
    up = run("--only", "webhook-gateway", **given, **stand_ins).is_up()
    running = running_installation(up.home)
    assert running
    assert running.environment["webhook-gateway"]["LEDGERBRIDGE_PUBLIC_BASE"] == "https://bridge.example"


def test_something_else_under_a_remembered_pid_is_left_alone(run: Runner, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        own = psutil.Process()
        row = {"name": "kafka", "pid": own.pid, "start_time": own.create_time(), "command": ["java"], "port": 1}
        (folder / "home").mkdir()
        (folder / "home" / "state.json").write_text(
            json.dumps([{**row, "layer": 1, "stop_signal": 15, "stop_seconds": 1}])
        )
        up = run()
        assert up.process.wait(20) == 1
    assert f"what runs under the pids of kafka (pid {own.pid}) is not what it had started" in up.text
    assert str(folder / "home" / "state.json") in up.text


def test_remembered_pid_that_was_given_to_another_process_is_no_leftover(
    run: Runner, folder: Path, stand_ins: dict[str, str]
) -> None:
    row = {"name": "kafka", "pid": psutil.Process().pid, "start_time": 1.0, "command": ["java"], "port": 1}
    (folder / "home").mkdir()
    (folder / "home" / "state.json").write_text(json.dumps([{**row, "layer": 1, "stop_signal": 9, "stop_seconds": 1}]))
    run(**stand_ins).is_up()


def test_taken_port_is_refused_before_anything_is_left_running(run: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        up = run(LEDGERBRIDGE_KAFKA_PORT=str(port))
        assert up.process.wait(40) == 1
    assert f"port {port} for kafka is taken by" in up.text
    assert "set LEDGERBRIDGE_KAFKA_PORT to another port" in up.text
    assert not (up.home / "state.json").exists()


def test_unknown_service_is_named(run: Runner) -> None:
    up = run("--only", "no-such-service")
    assert up.process.wait(20) == 1
    assert "no service no-such-service is installed here" in up.text
