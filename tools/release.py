"""Makes a signed release, its index, and wheels for booths without network.

    tools/release.py new-key FILE       a key to sign with; the booths' part goes to FILE.pub
    tools/release.py build              the tree as a release, signed, into dist/
    tools/release.py wheels             the packages it needs, into dist/wheels

The key is never in the tree: --key names its file, or $KIOSK_RELEASE_KEY.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import SigningKey
from packaging.markers import Marker

import durable
from kiosk.errors import KioskError, UsageError
from kiosk.release.manifest import (
    INDEX_FILE,
    INDEX_KIND,
    MANIFEST_KIND,
    NAME,
    File,
    Index,
    Listed,
    Manifest,
    archive_name,
    manifest_name,
    parse_version,
    read_told,
)
from kiosk.release.migrations import STORES, find_steps, read_schemas
from kiosk.release.signed import open_text, sign_text
from kiosk.sync.keys import make_signing_key, read_signing_key
from protocol.keys import encode_key

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = ("durable", "kiosk", "protocol", "registrar")

PLATFORMS = {
    "aarch64": ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux_2_28_aarch64"),
    "x86_64": ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64"),
}
"""What pip calls the machines that booths are."""


def main() -> int:
    """Do what was asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    new_key = commands.add_parser("new-key", help="make a key to sign releases with")
    new_key.add_argument("file", type=Path)
    new_key.set_defaults(do=make_key)
    build = commands.add_parser("build", help="make a release, and sign it")
    build.add_argument("--key", type=Path, default=os.environ.get("KIOSK_RELEASE_KEY"))
    build.add_argument("--source", type=Path, default=ROOT, help="the tree; usual: this one")
    build.add_argument("--version", help="usual: that of pyproject.toml")
    build.add_argument("--minimum-previous", default="0.0.0", metavar="VERSION")
    build.add_argument("--out", type=Path, default=ROOT / "dist")
    build.set_defaults(do=make_release)
    wheels = commands.add_parser("wheels", help="bring the packages that a booth needs")
    wheels.add_argument("--machine", choices=PLATFORMS, default="aarch64")
    wheels.add_argument("--python", default="3.13", metavar="3.N", help="the booths' Python")
    wheels.add_argument("--out", type=Path, default=ROOT / "dist")
    wheels.set_defaults(do=bring_wheels)
    args = parser.parse_args()
    try:
        args.do(args)
    except KioskError as error:
        print(f"release: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


def make_key(args: argparse.Namespace) -> None:
    """Make a key; the public one is for /etc/kiosk/release.pub."""
    key = make_signing_key(args.file)
    public = args.file.with_name(f"{args.file.name}.pub")
    public.write_text(f"{encode_key(bytes(key.verify_key))}\n")
    print(f"{args.file}: keep it where nobody else reads it, and a copy; {public} is the booths'")


def make_release(args: argparse.Namespace) -> None:
    """Make archive and manifest of the tree, and name them in the index."""
    if args.key is None:
        raise UsageError(
            "name the key's file: --key FILE, or $KIOSK_RELEASE_KEY; new-key makes one"
        )
    key = read_signing_key(args.key)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        version = copy_tree(args.source.resolve(), tree, args.version)
        parse_version(args.minimum_previous)
        require_steps(tree)
        models = read_models(tree)
        contents = read_contents(tree, build_wheel(tree))
    archive = pack(contents)
    manifest = Manifest(
        version=version,
        archive=describe(archive),
        files=describe_each(contents),
        schemas=json.loads(contents["migrations/schemas.json"][0]),
        models=models,
        minimum_previous=args.minimum_previous,
    )
    require_other_models(args.out, manifest, key)
    args.out.mkdir(parents=True, exist_ok=True)
    signed = sign_text(MANIFEST_KIND, manifest, key)
    index = add_to_index(args.out, version, signed, key)
    durable.write_whole(args.out / archive_name(version), archive, durable.READABLE)
    durable.write_whole(args.out / manifest_name(version), signed, durable.READABLE)
    durable.write_whole(args.out / INDEX_FILE, sign_text(INDEX_KIND, index, key), durable.READABLE)
    print(
        f"{args.out / archive_name(version)}: {len(archive):,} bytes, {len(contents)} files;"
        f" SHA-256 {hashlib.sha256(archive).hexdigest()}; index number {index.serial}"
    )


def copy_tree(source: Path, tree: Path, version: str | None) -> str:
    """Copy what a release is made of, under another version where one is named; which it is."""
    for name in (*PACKAGES, *(source / "tools/release-files").read_text().split()):
        path = source / name
        if path.is_dir():
            shutil.copytree(path, tree / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        elif path.exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, tree / name)
    project = tree / "pyproject.toml"
    text = project.read_text()
    found = re.search(r'(?m)^version = "(.*)"$', text)
    if found is None:
        raise UsageError(f"{source}/pyproject.toml: names no version")
    if version is not None:
        project.write_text(text.replace(found[0], f'version = "{version}"'))
    parse_version(version or found[1])
    return version or found[1]


def require_steps(tree: Path) -> None:
    """Raise where a schema has no steps to it, or none back."""
    for store, number in read_schemas(tree).items():
        if store not in {store.name for store in STORES}:
            raise UsageError(f"migrations/schemas.json: {store} is none of kiosk's databases")
        find_steps(store, 1, number, [tree])
        find_steps(store, number, 1, [tree])


def read_models(tree: Path) -> dict[str, bytes]:
    """The SHA-256 of each model file that the tree asks for."""
    tables = tomllib.loads((tree / "kiosk/models/manifest.toml").read_text())
    return {model["file"]: bytes.fromhex(model["sha256"]) for model in tables["models"].values()}


def require_other_models(out: Path, manifest: Manifest, key: SigningKey) -> None:
    """Raise UsageError where a model has the name of an earlier release's, and is not the same.

    The booth has one folder of models for all its releases: the one before must find its own.
    """
    for path in sorted(out.glob(f"{NAME}-*.json")):
        text = open_text(MANIFEST_KIND, path.read_bytes(), [key.verify_key], str(path))
        before = read_told(Manifest, text, str(path))
        for name, digest in manifest.models.items():
            if before.models.get(name, digest) != digest:
                raise UsageError(
                    f"{name} is another model than in {before.version}: give its file another name"
                    " in kiosk/models/manifest.toml, so that either release finds its own"
                )


def build_wheel(tree: Path) -> Path:
    """Build the tree's wheel: hatchling gives the same bytes for the same files."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "wheels"]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1577836800"}
    subprocess.run(build, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = (tree / "wheels").glob("*.whl")
    return wheel


def read_contents(tree: Path, wheel: Path) -> dict[str, tuple[bytes, bool]]:
    """What the archive holds: each file's bytes, and whether it is a program."""
    files = [wheel]
    for name in (tree / "tools/release-files").read_text().split():
        path = tree / name
        files += [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    return {
        path.relative_to(tree).as_posix(): (path.read_bytes(), os.access(path, os.X_OK))
        for path in sorted(files)
        if path.exists()
    }


def pack(contents: dict[str, tuple[bytes, bool]]) -> bytes:
    """Pack an archive, the same bytes each time."""
    unpacked = io.BytesIO()
    with tarfile.open(fileobj=unpacked, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, (data, executable) in sorted(contents.items()):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o755 if executable else 0o644
            tar.addfile(member, io.BytesIO(data))
    return gzip.compress(unpacked.getvalue(), mtime=0)


def describe(data: bytes, *, executable: bool = False) -> File:
    """What is signed of a file."""
    return File(bytes=len(data), sha256=hashlib.sha256(data).digest(), executable=executable)


def describe_each(contents: dict[str, tuple[bytes, bool]]) -> dict[str, File]:
    """What is signed of each file of an archive."""
    return {
        path: describe(data, executable=executable) for path, (data, executable) in contents.items()
    }


def add_to_index(out: Path, version: str, manifest: bytes, key: SigningKey) -> Index:
    """The index with one release more; raises UsageError where it has another one of this name."""
    path = out / INDEX_FILE
    serial, releases = 0, {}
    if path.exists():
        text = open_text(INDEX_KIND, path.read_bytes(), [key.verify_key], str(path))
        before = read_told(Index, text, str(path))
        serial, releases = before.serial, dict(before.releases)
    listed = Listed(manifest=describe(manifest))
    if releases.get(version, listed) != listed:
        raise UsageError(
            f"{version} was released already, and was not the same: count `version` up in"
            " pyproject.toml"
        )
    return Index(
        serial=serial + 1, issued_at=datetime.now(UTC), releases={**releases, version: listed}
    )


def bring_wheels(args: argparse.Namespace) -> None:
    """Download what the lock files name for one kind of machine."""
    wheels = args.out / "wheels"
    for lock in ("requirements.lock", "requirements-pi.lock"):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
            wanted.write(choose_lines((ROOT / lock).read_text(), args.machine, args.python))
            wanted.flush()
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
            command += ["--implementation=cp", f"--python-version={args.python}"]
            command += [f"--platform={name}" for name in PLATFORMS[args.machine]]
            command += [f"--dest={wheels}", "-r", wanted.name]
            if subprocess.run(command, check=False).returncode:
                raise UsageError(f"not all packages of {lock} could be brought: see above")
    print(f"{wheels}: {len(list(wheels.iterdir()))} packages; put the folder beside {INDEX_FILE}")


def choose_lines(lock: str, machine: str, python: str) -> str:
    """The requirements of a lock file that hold on a machine; pip asks its own machine instead."""
    there = {"python_version": python, "python_full_version": f"{python}.0"}
    there |= {"platform_machine": machine, "sys_platform": "linux", "platform_system": "Linux"}
    chosen = []
    for block in re.split(r"(?m)^(?=\w)", lock):
        first, *rest = block.split("\n")
        requirement, _, marker = first.removesuffix("\\").partition(" ; ")
        if not marker or Marker(marker).evaluate(there):
            chosen.append("\n".join([f"{requirement.strip()} \\" if rest else first, *rest]))
    return "".join(chosen)


if __name__ == "__main__":
    sys.exit(main())
