"""What stands in deploy/ against the program that it deploys: settings, commands, metrics."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic import AliasChoices

from bots import metrics
from bots.settings import Settings
from core.engine import EngineStats
from tests.process import ROOT
from tests.programs import needs, program

DEPLOY = ROOT / "deploy"
PROMTOOL = program("promtool")
DOCKER = shutil.which("docker")
COMPOSE = (
    DOCKER if DOCKER and not subprocess.run([DOCKER, "compose", "version"], capture_output=True).returncode else None
)
ANYWHERE = {"up"}  # of Prometheus itself


def variables() -> dict[str, str]:
    """{variable: default as one writes it}, of every setting."""
    found = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if isinstance(alias, AliasChoices) else f"KRISHNA_{name.upper()}"
        value = "" if field.default is None or field.default in ((), frozenset()) else field.default
        found[str(variable)] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def exposed() -> set[str]:
    """Every name at /metrics, those of histograms with their endings, whether or not something was counted yet."""

    class Engine:
        tiers = ()

        def stats(self):
            return EngineStats("x", 1, 0, 0, 0.0, 0, None, tokens={"": 1})

    collector = metrics.EngineCollector(Engine())
    metrics.registry.register(collector)
    try:
        families = list(metrics.registry.collect())
    finally:
        metrics.registry.unregister(collector)
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
    return {family.name + end for family in families for end in endings.get(family.type, ("",))}


def dashboard() -> list[str]:
    panels = json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    return [target["expr"].replace("$__rate_interval", "1m") for panel in panels for target in panel["targets"]]


def alarms() -> list[dict[str, str]]:
    return yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]


def names(query: str) -> set[str]:
    """The metrics in a query: words that are neither functions, nor labels, nor in quotes."""
    bare = re.sub(r'"[^"]*"|\b(by|without)\s*\([^)]*\)|\{[^}]*\}|\[\w+\]', " ", query)
    return {word for word in re.findall(r"\b[a-z_]{2,}\b(?!\s*\()", bare) if word not in ("sum", "by")}


def test_the_example_of_an_environment_has_every_setting_with_its_default():
    lines = re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(lines) == len(dict(lines)) and set(dict(lines)) == set(variables())
    for name, value in lines:
        default = variables()[name]
        assert not default or value == default, name


def test_what_is_set_for_containers_is_a_setting():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    given = set(compose["services"]["krishna"]["environment"])
    given |= set(re.findall(r"\b(KRISHNA_[A-Z_]+)=", (DEPLOY / "Dockerfile").read_text()))
    assert given and given <= set(variables())


@pytest.mark.skipif(COMPOSE is None, reason="Docker's Compose is not installed")
@pytest.mark.parametrize("files", [["compose.yaml"], ["compose.yaml", "compose.cuda.yaml"], ["compose.scale.yaml"]])
def test_compose_understands_its_files(files, tmp_path):
    """Wherever the operator stands, and with nothing but an empty .env."""
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    (tmp_path / ".env").touch()
    named = [word for file in files for word in ("--file", tmp_path / "deploy" / file)]
    environment = {**os.environ, "POSTGRES_PASSWORD": "made-up", "TLS": "/somewhere"}
    done = subprocess.run(
        [COMPOSE, "compose", *named, "--profile", "watch", "config"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    hosts = [s for s in yaml.safe_load(done.stdout)["services"].values() if s["image"].startswith("krishna:")]
    for host in hosts:
        assert host["read_only"] and host["init"] and host["image"] == f"krishna:{host['build']['target']}"
        assert host["build"]["context"] == str(tmp_path)
    assert hosts


def test_the_hosts_of_the_scaled_deployment_are_those_that_nginx_knows():
    compose = yaml.safe_load((DEPLOY / "compose.scale.yaml").read_text())
    hosts = {name: service for name, service in compose["services"].items() if name.startswith("host")}
    upstream = re.findall(r"server (\w+):(\d+) ", (DEPLOY / "nginx.conf").read_text())
    assert [name for name, _ in upstream] == list(hosts)
    for number, (name, port) in enumerate(upstream):
        given = hosts[name]["environment"]
        assert set(given) <= set(variables()) and given["DISCORD_SHARD"] == f"{number}/{len(hosts)}"
        assert given["KRISHNA_WEBHOOK_LISTEN"] == f"0.0.0.0:{port}"


@pytest.mark.parametrize(
    ("compose", "config"), [("compose.yaml", "prometheus.yml"), ("compose.scale.yaml", "prometheus.scale.yml")]
)
def test_prometheus_reads_every_host(compose, config):
    services = yaml.safe_load((DEPLOY / compose).read_text())["services"]
    hosts = {name: s["environment"] for name, s in services.items() if s["image"].startswith("krishna:")}
    given = yaml.safe_load((DEPLOY / config).read_text())
    ((targets,),) = [[entry["targets"] for entry in job["static_configs"]] for job in given["scrape_configs"]]
    assert targets == [f"{name}:{e['KRISHNA_HTTP_LISTEN'].rpartition(':')[2]}" for name, e in hosts.items()]
    mounted = dict(volume.split(":")[:2] for volume in services["prometheus"]["volumes"])
    assert mounted[f"./{config}"] == "/etc/prometheus/prometheus.yml"
    assert [mounted[f"./{rules}"] for rules in given["rule_files"]] == ["/etc/prometheus/alerts.yml"]


def test_the_image_holds_what_it_copies_and_is_not_run_by_root():
    text = (DEPLOY / "Dockerfile").read_text()
    for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists() and f"!{source}" in (ROOT / ".dockerignore").read_text().split(), source
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    targets = {stage.split()[2]: stage for stage in stages if stage.split()[2] in ("cpu", "cuda")}
    assert len(targets) == 2
    for stage in targets.values():
        assert stage.split()[-2:] == ["USER", "10001:10001"]
    pin = re.search(r"torch==\S+", (ROOT / "Makefile").read_text())
    assert pin and pin[0] in text


def test_the_locks_hold_what_the_code_needs_with_a_hash_of_each_file():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = project["optional-dependencies"]

    def locked(name: str) -> dict[str, str]:
        """{package: version} of a lock."""
        text = re.sub(r"^#.*\n", "", (DEPLOY / name).read_text(), flags=re.MULTILINE)
        entries = re.findall(
            r"^([a-z0-9.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE
        )
        assert text == "".join(f"{package}=={version} \\\n{hashes}" for package, version, hashes in entries)
        return {package: version for package, version, _ in entries}

    def missed(wanted: list[str], versions: dict[str, str]) -> set[str]:
        asked = [need for need in map(Requirement, wanted) if need.marker is None or need.marker.evaluate()]
        return {n.name for n in asked if not n.specifier.contains(versions.get(canonicalize_name(n.name), "0"))}

    versions = locked("requirements.lock")
    with_cuda = versions | locked("requirements.cuda.lock")
    assert missed(project["dependencies"] + extra["postgres"] + extra["traces"], versions) == {"torch"}, "`make lock`"
    assert not missed(extra["cuda"], with_cuda) and set(versions.items()) <= set(with_cuda.items()), "`make lock`"
    # these come with PyTorch, from its own index: an image without CUDA has none of them (Makefile: CUDA)
    assert not [name for name in with_cuda if name.startswith(("nvidia-", "cuda-", "triton", "torch"))]
    pin = re.search(r"torch==\S+", (DEPLOY / "Dockerfile").read_text())
    assert pin and not missed([n for n in project["dependencies"] if n.startswith("torch>")], {"torch": pin[0][7:]})


def test_the_notice_names_every_package_that_is_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = project["optional-dependencies"]
    asked = [
        *project["dependencies"],
        *(need for name in ("train", "postgres", "cuda", "traces") for need in extra[name]),
    ]
    notice = (ROOT / "NOTICE").read_text()
    named = set(re.findall(r"[\w.-]+", notice))
    assert {Requirement(need).name for need in asked} <= named
    assert (
        "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms\n" in notice
    )


def test_every_metric_that_is_asked_for_is_one_that_is_told():
    told, asked = exposed() | ANYWHERE, set()
    for query in [*dashboard(), *(alarm["expr"] for alarm in alarms())]:
        found = names(query)
        assert found and found <= told, (query, found - told)
        asked |= found
    ours = {name for name in told if name.startswith("krishna_") and not name.endswith(("_count", "_sum"))}
    assert ours - asked == {"krishna_model"}, "a metric that nobody looks at"


def test_every_alarm_has_its_paragraph():
    headings = re.findall(r"^\| `(Krishna\w+)` \|", (ROOT / "docs" / "operating.md").read_text(), re.MULTILINE)
    assert headings == [alarm["alert"] for alarm in alarms()]


@needs(PROMTOOL, "promtool (on Debian: apt-get install prometheus)")
def test_prometheus_understands_its_files_and_rings_when_it_should(tmp_path):
    assert PROMTOOL is not None
    for config in ("prometheus.yml", "prometheus.scale.yml"):
        subprocess.run([PROMTOOL, "check", "config", DEPLOY / config], check=True, stdout=subprocess.PIPE)
    rules = {
        "groups": [{"name": "panels", "rules": [{"record": f"p{i}", "expr": q} for i, q in enumerate(dashboard())]}]
    }
    (tmp_path / "panels.yml").write_text(yaml.safe_dump(rules))
    subprocess.run([PROMTOOL, "check", "rules", tmp_path / "panels.yml"], check=True, stdout=subprocess.PIPE)

    def case(name, labels, minute, series):
        """An alarm rings at a minute, and not in a quiet world."""
        given = [{"series": s, "values": v} for s, v in series.items()]
        expected = [{"exp_labels": labels}] if labels is not None else []
        return {
            "interval": "1m",
            "input_series": given,
            "alert_rule_test": [{"eval_time": f"{minute}m", "alertname": name, "exp_alerts": expected}],
        }

    def answers(failed, done, mended=0):
        series = 'krishna_answers_total{{platform="telegram",end="{}"}}'
        rates = {"failed": failed, "done": done, "mended": mended}
        return {series.format(end): f"0+{rate}x300" for end, rate in rates.items()}

    slow = {
        f'krishna_database_seconds_bucket{{kind="write",le="{le}"}}': f"0+{n}x60"
        for le, n in (("1", 5), ("5", 10), ("+Inf", 10))
    }
    first = {
        f'krishna_first_token_seconds_bucket{{tier="e4b",le="{le}"}}': f"0+{n}x60"
        for le, n in (("21", 5), ("60", 10), ("+Inf", 10))
    }
    tests = [
        case("KrishnaDown", {"job": "krishna"}, 5, {'up{job="krishna"}': "1 1 0x20"}),
        case("KrishnaDown", None, 5, {'up{job="krishna"}': "1x20"}),
        case("KrishnaModelFailed", {}, 5, {"krishna_model_failed": "0 0 1x20"}),
        case("KrishnaNotReady", {}, 20, {"krishna_ready": "1 0x30"}),
        case("KrishnaNotReady", None, 10, {"krishna_ready": "1 0x30"}),
        case("KrishnaAnswersFail", {"platform": "telegram"}, 30, answers(3, 7)),
        case("KrishnaAnswersFail", None, 30, answers(1, 9)),
        case("KrishnaWordsThrownAway", {}, 180, answers(0, 4, 6)),
        case("KrishnaWordsThrownAway", None, 180, answers(0, 6, 4)),
        case("KrishnaLongWait", {}, 15, {"krishna_queue_expected_wait_seconds": "90x30"}),
        case("KrishnaQueueFull", {}, 5, {"krishna_queue_depth": "250x9", "krishna_queue_capacity": "256x9"}),
        case("KrishnaQueueFull", None, 5, {"krishna_queue_depth": "20x9", "krishna_queue_capacity": "256x9"}),
        case("KrishnaSlowFirstWords", {}, 40, first),
        case("KrishnaRefused", {"platform": "discord"}, 25, {'krishna_refusals_total{platform="discord"}': "0+10x60"}),
        case("KrishnaRefused", None, 25, {'krishna_refusals_total{platform="discord"}': "0+1x60"}),
        case("KrishnaSlowDatabase", {"kind": "write"}, 25, slow),
        case(
            "KrishnaGpuMemory",
            {"gpu": "0"},
            20,
            {'krishna_gpu_memory_used_bytes{gpu="0"}': "79x30", 'krishna_gpu_memory_bytes{gpu="0"}': "80x30"},
        ),
    ]
    # only which alarm rings is asked, not its words
    rules = [{k: v for k, v in alarm.items() if k != "annotations"} for alarm in alarms()]
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump({"groups": [{"name": "krishna", "rules": rules}]}))
    (tmp_path / "tests.yml").write_text(yaml.safe_dump({"rule_files": ["alerts.yml"], "tests": tests}))
    done = subprocess.run([PROMTOOL, "test", "rules", tmp_path / "tests.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {test["alert_rule_test"][0]["alertname"] for test in tests} == {alarm["alert"] for alarm in alarms()}
