from pathlib import Path
from random import Random

from hss_stub.subscribers import demo_text
from scscf.check import check_file, json_schemas

CONFIGURATION = """
domains: [{name: a.test, aliases: [b.test], registrar: {min_expires: 60}}]
listen: ["udp://127.0.0.1:5060?advertise=sip.test", "tcp://[::1]:5060"]
hosts: {client.test: 127.0.0.1}
service_route: ["<sip:orig@scscf.test;lr>"]
trusted_peers: [10.0.0.0/8]
causes: {flow_lost: {event: unregistered}}
timers: {t1: 0.5}
"""
SCHEMAS = Path(__file__).parents[1] / "schemas"


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(path):
    return [str(problem).replace(str(path.parent) + "/", "") for problem in check_file(path)]


def test_files_are_told_apart_by_their_keys(tmp_path):
    assert told(write(tmp_path, "c.yaml", "strct: true")) != []
    assert told(write(tmp_path, "s.yaml", demo_text())) == []
    assert told(write(tmp_path, "t.yaml", "steps: []"))[0].startswith("t.yaml:1:1: steps: missing")


def test_a_configuration_s_subscribers_are_checked_too(tmp_path):
    path = write(tmp_path, "c.yaml", "subscribers: s.yaml")
    assert told(path) == ["s.yaml: cannot be read: No such file or directory"]
    write(tmp_path, "s.yaml", "subscriptions: [{name: a}]")
    assert [problem.partition(": ")[0] for problem in told(path)] == ["s.yaml:1:17"]
    write(tmp_path, "s.yaml", demo_text())
    assert told(path) == []


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    assert told(tmp_path / "none.yaml") == ["none.yaml: cannot be read: No such file or directory"]


def test_the_json_schemas_are_current():
    """`python -m scscf.check schemas` writes them."""
    for name, text in json_schemas().items():
        assert (SCHEMAS / name).read_text(encoding="utf-8") == text, name


def test_a_file_with_any_damage_is_told_of_and_never_breaks_the_check(tmp_path):
    pieces = (
        "{",
        "}",
        "[",
        "]",
        ":",
        "- ",
        "\n",
        "\t",
        "&a ",
        "*a",
        "~",
        "{n}",
        "9" * 30,
        "!!int ",
        "'",
        "\x00",
        "é",
        "",
    )
    random = Random(1)
    for name, text in (("s.yaml", demo_text()[:1200]), ("c.yaml", CONFIGURATION)):
        for _ in range(150):
            damaged = text
            for _ in range(random.randint(1, 3)):
                at = random.randrange(len(damaged))
                damaged = damaged[:at] + random.choice(pieces) + damaged[at + random.randint(0, 4) :]
            for problem in check_file(write(tmp_path, name, damaged)):
                assert problem.file.endswith(name)
                assert problem.line <= damaged.count("\n") + 2
