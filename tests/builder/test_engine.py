"""Builds on engines: an adapter of the documentation, and a real Dask cluster; workers may not see the project."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sitegen.builder import executor
from sitegen.builder.executor import Pool, Task
from sitegen.cli import main
from sitegen.util.hashing import decode, encode
from tests.builder.dask_cluster import ELSEWHERE, PRELOAD, Cluster, dask_cluster
from tests.docs.pages import blocks
from tests.project import NOW, Project, tree
from tests.tools import REPOSITORY, missing

PAGE: Final = REPOSITORY / "docs" / "how-to" / "build-on-several-machines.md"
ADAPTERS: Final = {block.label: block.text for block in blocks(PAGE) if block.label.endswith(".py")}
ARTICLES: Final = 320
"""More than the number for which an engine is used."""
_DEADLINE_SECONDS: Final = 120


def sitegen(root: Path, *arguments: str, code: int = 0, environment: Mapping[str, str] | None = None) -> str:
    """Run sitegen in a project and return its standard error, which never has a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "sitegen", "-C", str(root), *arguments],
        cwd=REPOSITORY,
        env=os.environ | dict(environment or {}),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=_DEADLINE_SECONDS,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def sitegen_build(
    root: Path,
    url: str = "",
    output: Path | None = None,
    *,
    code: int = 0,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Build a project, on an engine if there is a URL."""
    options = ["--executor", url] if url else ["--jobs", "1"]
    options += ["--output", str(output)] if output is not None else []
    return sitegen(root, "build", "--now", NOW.isoformat(), *options, code=code, environment=environment)


@pytest.fixture
def large(project: Project) -> Project:
    """Return a project with enough articles for an engine, and a picture in two sizes."""
    site = project.root / "site.yaml"
    site.write_text(site.read_text("utf-8") + "pictures: {widths: [100]}\n", encoding="utf-8")
    project.file("content/pictures/wide.png", (REPOSITORY / "content" / "card.png").read_bytes())
    for number in range(ARTICLES):
        picture = "![A picture](../../../pictures/wide.png)\n" if number == ARTICLES - 1 else ""
        project.article(f"article-{number:03}", title=f"Title {number}", body=f"Text {number}.\n\n{picture}")
    return project


def install(folder: Path, name: str, text: str, scheme: str) -> None:
    """Install a distribution with an adapter, as an installer leaves it."""
    (folder / name).write_text(text, encoding="utf-8")
    info = folder / f"{Path(name).stem}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {Path(name).stem}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[sitegen.executors]\n{scheme} = {Path(name).stem}:connect\n")


def initialized_adapter() -> str:
    """Return the adapter of the documentation, whose workers first import the module `at_start`."""
    text = ADAPTERS["sitegen_local.py"].replace(
        'get_context("spawn"))', 'get_context("spawn"), initializer=exec, initargs=("import at_start",))'
    )
    assert "at_start" in text
    return text


@pytest.mark.parametrize("host", ["", ELSEWHERE], ids=["this machine", "another machine"])
def test_the_adapter_of_the_documentation_builds_the_same_site(large: Project, tmp_path: Path, host: str) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    install(packages, "sitegen_local.py", initialized_adapter(), "local")
    (packages / "at_start.py").write_text(PRELOAD + host, encoding="utf-8")
    environment = {"PYTHONPATH": str(packages), "HIDDEN_FOLDER": str(large.root)}
    sitegen_build(large.root, "local:", environment=environment)
    built = large.tree()
    assert len(built) > ARTICLES
    sitegen_build(large.root, output=tmp_path / "alone", environment=environment)
    assert tree(tmp_path / "alone" / "site") == built
    assert any(path.endswith(".webp") for path in built)


def test_workers_with_other_packages_are_refused(large: Project, tmp_path: Path) -> None:
    packages, other = tmp_path / "site-packages", tmp_path / "other"
    packages.mkdir()
    (other / "jinja2-0.1.dist-info").mkdir(parents=True)
    (packages / "at_start.py").write_text(f"import sys\nsys.path.append({str(other)!r})\n", encoding="utf-8")
    install(packages, "sitegen_local.py", initialized_adapter(), "local")
    errors = sitegen_build(large.root, "local:", tmp_path / "fresh", code=3, environment={"PYTHONPATH": str(packages)})
    assert errors == (
        "sitegen: a worker at local: has other packages than this machine: jinja2-0.1; install the same ones\n"
    )
    assert not (tmp_path / "fresh" / "site").exists()


def test_an_adapter_that_cannot_connect_is_one_sentence(large: Project, tmp_path: Path) -> None:
    text = ADAPTERS["sitegen_local.py"].replace(
        "    with Process", "    raise RuntimeError('no cluster')\n    with Process"
    )
    install(tmp_path, "sitegen_local.py", text, "local")
    errors = sitegen_build(large.root, "local:", tmp_path / "fresh", code=3, environment={"PYTHONPATH": str(tmp_path)})
    assert errors == "sitegen: cannot connect to local:: RuntimeError: no cluster; nothing was written\n"


def test_an_adapter_that_yields_no_engine_is_one_sentence(large: Project, tmp_path: Path) -> None:
    text = re.sub("yield Engine.*", "yield", ADAPTERS["sitegen_local.py"])
    install(tmp_path, "sitegen_local.py", text, "local")
    errors = sitegen_build(large.root, "local:", tmp_path / "fresh", code=3, environment={"PYTHONPATH": str(tmp_path)})
    assert errors == "sitegen: the adapter of local: yields None; expected an Engine\n"


def test_a_missing_package_is_named(large: Project, tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('not installed')\n")
    errors = sitegen_build(large.root, "dask://127.0.0.1:8786", code=3, environment={"PYTHONPATH": str(tmp_path)})
    assert errors == "sitegen: --executor dask:// needs another package: pip install 'sitegen-digest[dask]'\n"
    assert not (large.root / "output" / "site").exists()


@pytest.mark.parametrize("command", [["build"], ["publish", "www"]])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["dusk://127.0.0.1"], "unknown executor 'dusk://127.0.0.1': expected dask://… or dasks://…"),
        (["dask://127.0.0.1?for=3"], "expected nothing after the address but ?wait=SECONDS"),
        (["dask://127.0.0.1?wait=long"], "'dask://127.0.0.1?wait=long': expected nothing after the address but"),
        (["dask://127.0.0.1", "--jobs", "2"], "--jobs and --executor exclude each other"),
    ],
)
def test_wrong_usage(
    project: Project, capsys: pytest.CaptureFixture[str], command: list[str], options: list[str], message: str
) -> None:
    assert main(["-C", str(project.root), *command, "--executor", *options]) == 2
    assert message in capsys.readouterr().err


def test_little_work_needs_no_engine(project: Project) -> None:
    project.article("only", title="Only")
    sitegen_build(project.root, "dask://127.0.0.1:1")
    assert "articles/only/index.html" in project.tree()


# --- batches ----------------------------------------------------------------------------------------------------------


def echo(message: bytes) -> bytes:
    return message


def sized_task(size: int, sent: list[int]) -> Task[int, int]:
    """Return a task whose items have `size` bytes; `sent` gets the number of items in each message."""

    def pack(batch: Sequence[int]) -> bytes:
        sent.append(len(batch))
        return encode(list(batch))

    return Task(
        name=str,
        run=list,
        pack=pack,
        worker=echo,
        unpack=lambda message: decode(message, list[int]),
        size=lambda _: size,
    )


@pytest.mark.parametrize(("size", "most"), [(1, 256), (executor.MAX_BATCH_BYTES // 4, 4), (10**9, 1)])
def test_batches_are_limited_by_bytes(size: int, most: int) -> None:
    sent: list[int] = []
    with ThreadPoolExecutor(3) as threads:
        found = list(Pool(lambda: threads, 3).map(sized_task(size, sent), range(20_000 if size == 1 else 300)))
    assert all(item == result for item, result in found)
    assert max(sent) == most


class SlowExecutor(Executor):
    """Answers only when it has been asked for the results of all pending messages; `most` is their highest number."""

    def __init__(self) -> None:
        self.most = 0
        self._pending: list[tuple[Future[bytes], bytes]] = []
        self._lock = threading.Lock()

    def submit(self, _function: Callable[..., object], /, *arguments: object, **_: object) -> "Future[bytes]":  # type: ignore[override]
        future: Future[bytes] = Future()
        with self._lock:
            self._pending.append((future, bytes(arguments[0])))  # type: ignore[call-overload]
            self.most = max(self.most, len(self._pending))
        threading.Timer(0.01, self._answer).start()
        return future

    def _answer(self) -> None:
        with self._lock:
            future, message = self._pending.pop(0)
        future.set_result(message)


def test_pending_batches_are_limited() -> None:
    slow = SlowExecutor()
    assert len(list(Pool(lambda: slow, 3).map(sized_task(1, []), range(5000)))) == 5000
    assert slow.most <= 6


# --- Dask -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def digest(tmp_path: Path) -> Path:
    """Return a copy of the example digest."""
    root = tmp_path / "digest"
    shutil.copytree(REPOSITORY / "content", root / "content")
    shutil.copy(REPOSITORY / "site.yaml", root)
    return root


@pytest.fixture
def expected(digest: Path, tmp_path: Path) -> dict[str, bytes]:
    """Return the files that a build without an engine writes."""
    sitegen_build(digest, output=tmp_path / "alone")
    return tree(tmp_path / "alone" / "site")


@pytest.fixture
def cluster(digest: Path, tmp_path: Path) -> Iterator[Cluster]:
    """Start a cluster with two workers."""
    with dask_cluster(tmp_path / "cluster", digest, 2) as cluster:
        yield cluster


@contextmanager
def building(root: Path, url: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a build, and yield it when it has staged a file: then all workers have batches to render."""
    command = [sys.executable, "-m", "sitegen", "-C", str(root), "build", "--now", NOW.isoformat(), "--executor", url]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    staging, deadline = root / "output" / "staging", time.monotonic() + _DEADLINE_SECONDS
    while not (staging.is_dir() and any(staging.iterdir())):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_dask_builds_the_same_site(digest: Path, expected: dict[str, bytes], cluster: Cluster) -> None:
    sitegen_build(digest, cluster.url)
    assert tree(digest / "output" / "site") == expected
    sitegen_build(digest, cluster.url)  # nothing to do


@pytest.mark.slow
def test_dask_parses_articles(large: Project, tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "cluster", large.root, 2) as cluster:
        sitegen_build(large.root, cluster.url)
    built = large.tree()
    sitegen_build(large.root, output=tmp_path / "alone")
    assert tree(tmp_path / "alone" / "site") == built


@pytest.mark.slow
def test_publish_uses_the_engine(digest: Path, expected: dict[str, bytes], cluster: Cluster, tmp_path: Path) -> None:
    site = digest / "site.yaml"
    site.write_text(f"{site.read_text('utf-8')}\npublish:\n  site: {{kind: archive, path: {tmp_path}/site.zip}}\n")
    options = ("--yes", "--no-check", "--now", NOW.isoformat(), "--executor", cluster.url)
    sitegen(digest, "publish", "site", *options)
    assert tree(digest / "output" / "site").keys() == expected.keys()
    assert (tmp_path / "site.zip").is_file()
    assert "Receive client connection" in (cluster.folder / "scheduler.log").read_text("utf-8")


@pytest.mark.slow
def test_a_killed_worker_does_no_harm(digest: Path, expected: dict[str, bytes], cluster: Cluster) -> None:
    with building(digest, cluster.url) as process:
        cluster.workers[0].kill()
        _, errors = process.communicate(timeout=_DEADLINE_SECONDS)
    assert (process.returncode, errors) == (0, "")
    assert tree(digest / "output" / "site") == expected


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["scheduler", "workers"])
def test_a_build_that_loses_its_cluster_leaves_the_old_site(digest: Path, cluster: Cluster, victim: str) -> None:
    sitegen_build(digest)
    before = tree(digest / "output" / "site")
    site = digest / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("en:", "en: New", 1), encoding="utf-8")
    wait_for(lambda: "Registered to" in (cluster.folder / "worker-1.log").read_text("utf-8"))
    for worker in cluster.workers:
        worker.send_signal(signal.SIGSTOP)  # so that the build cannot end before its cluster does
    with building(digest, f"{cluster.url}?wait=1") as process:
        assert cluster.scheduler is not None
        for lost in [cluster.scheduler] if victim == "scheduler" else cluster.workers:
            lost.kill()
        _, errors = process.communicate(timeout=_DEADLINE_SECONDS)
    assert process.returncode == 3
    message = (
        "cancelled the work, or the connection to it was lost" if victim == "scheduler" else "for 1 s; start workers"
    )
    assert message in errors
    assert errors.count("\n") == 1
    assert tree(digest / "output" / "site") == before


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when a condition is true."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_cluster_without_workers_is_waited_for(digest: Path, tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "cluster", digest, 0) as cluster:
        errors = sitegen_build(digest, f"{cluster.url}?wait=1", code=3)
        message = f"sitegen: no worker at {cluster.url} for 1 s; start workers, or wait longer with"
        assert errors == f"{message} '{cluster.url}?wait=SECONDS'\n"
    errors = sitegen_build(digest, cluster.url, code=3)
    assert f"no Dask scheduler answers at {cluster.url} within 10 s" in errors
    assert errors.count("\n") == 1
    assert not (digest / "output" / "site").exists()


@pytest.mark.slow
def test_dask_workers_with_another_program_are_refused(digest: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / "babel-0.1.dist-info").mkdir(parents=True)
    with dask_cluster(tmp_path / "cluster", digest, 2, {"PYTHONPATH": str(tmp_path / "other")}) as cluster:
        errors = sitegen_build(digest, cluster.url, code=3)
    assert "has other packages than this machine: babel-0.1; install the same ones\n" in errors
    assert errors.count("\n") == 1


@pytest.mark.slow
def test_dask_with_tls(digest: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    settings = write_certificates(tmp_path)
    with dask_cluster(tmp_path / "cluster", digest, 2, settings, "dasks") as cluster:
        errors = sitegen_build(digest, cluster.url, code=3)
        assert errors.startswith(f"sitegen: {cluster.url} needs certificates: expected files in distributed.comm.tls")
        assert errors.count("\n") == 1
        gone = settings | {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(tmp_path / "missing.pem")}
        errors = sitegen_build(digest, cluster.url, code=3, environment=gone)
        assert errors.startswith(f"sitegen: cannot read the certificates for {cluster.url}: ")
        assert errors.count("\n") == 1
        plain = cluster.url.replace("dasks:", "dask:")
        assert "no Dask scheduler answers" in sitegen_build(digest, plain, code=3)
        sitegen_build(digest, cluster.url, environment=settings)
    assert tree(digest / "output" / "site") == expected


def write_certificates(folder: Path) -> dict[str, str]:
    """Write an authority and a certificate of it, and return Dask's settings for them."""
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    own = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "node.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "node.key").write_bytes(key.private_bytes(*own))
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    settings = {f"{prefix}CA_FILE": str(folder / "node.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        settings |= {
            f"{prefix}{role}__CERT": str(folder / "node.pem"),
            f"{prefix}{role}__KEY": str(folder / "node.key"),
        }
    return settings


# --- Ray --------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ray_builds_the_same_site(digest: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    ray = Path(sys.executable).parent / "ray"
    if not ray.is_file():
        missing("Ray (which `make test-long` installs by pip)")
    (tmp_path / "site-packages").mkdir()
    install(tmp_path / "site-packages", "sitegen_ray.py", ADAPTERS["sitegen_ray.py"], "ray")
    environment = {"PYTHONPATH": str(tmp_path / "site-packages")}
    start = [str(ray), "start", "--head", "--port", "6379", "--num-cpus", "2", "--include-dashboard", "false"]
    subprocess.run([*start, "--disable-usage-stats"], env=os.environ | environment, check=True, capture_output=True)
    try:
        sitegen_build(digest, "ray://127.0.0.1:6379", environment=environment)
    finally:
        subprocess.run([str(ray), "stop"], check=True, capture_output=True)
    sitegen_build(digest, output=tmp_path / "other", environment=environment)
    assert tree(digest / "output" / "site") == tree(tmp_path / "other" / "site") == expected
