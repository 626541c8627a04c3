"""The registrar's commands."""

import argparse
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from nacl.signing import SigningKey
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from durable import write_new
from protocol.keys import encode_key
from protocol.wire import BOOTH_ID
from registrar.errors import RegistrarError, StoreError, UsageError
from registrar.export import export
from registrar.keys import Keys, verify_key_of
from registrar.roster import read_csv
from registrar.serve import PORT, Certificate, check_exposure, enrol, listen, server
from registrar.store import Store

SHORTEST_TOKEN = 16


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Give the folder where the registrar keeps everything: systemd's, or the person's own."""
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state)
    home = environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "registrar"


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit status: 1 for a failed check, 2 for wrong use."""
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.command(arguments)
    except UsageError as error:
        print(f"registrar: {error}", file=sys.stderr)
        return 2
    except RegistrarError as error:
        print(f"registrar: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument(
        "--data",
        type=Path,
        default=data_folder(),
        metavar="DIR",
        help="where everything is kept (default: %(default)s)",
    )
    parser = argparse.ArgumentParser(
        prog="registrar", description="Takes in, shows and exports the booths' photos."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", parents=[data], help="serve booths and the first page")
    serve.add_argument("--host", default="127.0.0.1", help="address (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=PORT, help="port (default: %(default)s)")
    serve.add_argument("--token-file", type=Path, metavar="FILE", help="holds the page's password")
    serve.add_argument("--certificate", type=Path, metavar="FILE", help="TLS: PEM chain")
    serve.add_argument("--certificate-key", type=Path, metavar="FILE", help="TLS: PEM key")
    serve.set_defaults(command=_serve)

    booth = commands.add_parser("booth", help="enrol and remove booths")
    booths = booth.add_subparsers(required=True, metavar="ACTION")
    add = booths.add_parser(
        "add", parents=[data], help="enrol a booth; prints what goes into its configuration"
    )
    add.add_argument("name", metavar="NAME", type=_booth_id)
    own = add.add_mutually_exclusive_group()
    own.add_argument("--key", metavar="BASE64", help="the booth's public key, if it has one")
    own.add_argument(
        "--signing-key-file",
        type=Path,
        metavar="FILE",
        help="where to write a new booth's signing key (default: NAME.signing.key)",
    )
    add.add_argument(
        "--url",
        default=f"http://127.0.0.1:{PORT}/",
        help="how the booth reaches the registrar (default: %(default)s)",
    )
    add.set_defaults(command=_booth_add)
    booths.add_parser("list", parents=[data], help="list the booths").set_defaults(
        command=_booth_list
    )
    remove = booths.add_parser("remove", parents=[data], help="serve a booth no more")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(command=_booth_remove)

    roster = commands.add_parser("roster", help="say who is to be photographed")
    rosters = roster.add_subparsers(required=True, metavar="ACTION")
    import_ = rosters.add_parser("import", parents=[data], help="add or change records")
    import_.add_argument("file", type=Path, metavar="FILE.csv")
    import_.set_defaults(command=_roster_import)
    rosters.add_parser("list", parents=[data], help="list the records").set_defaults(
        command=_roster_list
    )
    grant = rosters.add_parser("grant", parents=[data], help="permit one more photo of a student")
    grant.add_argument("record", metavar="RECORD_ID")
    grant.set_defaults(command=_roster_grant)

    export_ = commands.add_parser("export", parents=[data], help="write the photos as files")
    export_.add_argument("folder", type=Path, metavar="DIR")
    export_.set_defaults(command=_export)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _booth_id(text: str) -> str:
    if not re.fullmatch(BOOTH_ID, text):
        raise argparse.ArgumentTypeError(
            f"{text!r}: a booth's name has 1 to 32 letters, digits, - and _"
        )
    return text


def _serve(arguments: argparse.Namespace) -> int:
    token = None if arguments.token_file is None else _token(arguments.token_file)
    certificate = _certificate(arguments.certificate, arguments.certificate_key)
    check_exposure(arguments.host, token, certificate)
    store = Store(arguments.data)
    keys = Keys.of(arguments.data)
    with listen(arguments.host, arguments.port) as socket:
        scheme = "http" if certificate is None else "https"
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        try:
            serving = server(store, keys, token, certificate)
            serving.config.load()
        except OSError as error:
            raise UsageError(
                f"{arguments.certificate}: TLS cannot use it with {arguments.certificate_key} "
                f"({error.strerror}); give a PEM certificate and its key"
            ) from error
        print(
            f"registrar: serves {scheme}://{host}:{socket.getsockname()[1]}/ "
            f"from {arguments.data}; Ctrl-C ends it",
            flush=True,
        )
        serving.run(sockets=[socket])
    return 0


def _token(path: Path) -> str:
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the access token cannot be read ({error})") from error
    if len(token) < SHORTEST_TOKEN:
        raise UsageError(f"{path}: an access token has at least {SHORTEST_TOKEN} characters")
    return token


def _certificate(chain: Path | None, key: Path | None) -> Certificate | None:
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise UsageError("--certificate and --certificate-key: one needs the other")
    return Certificate(chain, key)


def _booth_add(arguments: argparse.Namespace) -> int:
    store = Store(arguments.data)
    keys = Keys.of(arguments.data)
    if arguments.key is not None:
        try:
            verify_key = verify_key_of(arguments.key)
        except UsageError as error:
            raise UsageError(f"--key: {error}") from error
        print(enrol(store, keys, arguments.url, arguments.name, verify_key).toml(None), end="")
        return 0
    path: Path = arguments.signing_key_file or Path(f"{arguments.name}.signing.key")
    if arguments.name in store.booths():
        raise UsageError(
            f"booth {arguments.name}: is enrolled already; "
            f"remove it first: registrar booth remove {arguments.name}"
        )
    signing_key = SigningKey.generate()
    try:
        write_new(path, encode_key(bytes(signing_key)).encode() + b"\n")
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already; name another file") from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror})") from error
    enrolment = enrol(store, keys, arguments.url, arguments.name, signing_key.verify_key)
    print(enrolment.toml(path.name), end="")
    print(
        f"registrar: bring {path} to the booth, beside its configuration, and delete it here",
        file=sys.stderr,
    )
    return 0


def _booth_list(arguments: argparse.Namespace) -> int:
    for booth_id, key in Store(arguments.data).booths().items():
        print(f"{booth_id}\t{encode_key(bytes(key))}")
    return 0


def _booth_remove(arguments: argparse.Namespace) -> int:
    Store(arguments.data).remove_booth(arguments.name)
    print(f"booth {arguments.name}: is served no more; its photos stay")
    return 0


def _roster_import(arguments: argparse.Namespace) -> int:
    done = Store(arguments.data).import_records(read_csv(arguments.file))
    print(f"{arguments.file}: {done.new} new, {done.changed} changed, {done.same} as before")
    return 0


def _roster_list(arguments: argparse.Namespace) -> int:
    table = Table("record_id", "student_no", "name", "institution", "college", "photo")
    for record, has_photo in Store(arguments.data).records():
        table.add_row(
            record.record_id,
            record.student_no,
            record.name,
            f"{record.institution} ({record.institution_code})",
            record.college,
            "yes" if has_photo else "no",
        )
    Console().print(table)
    return 0


def _roster_grant(arguments: argparse.Namespace) -> int:
    Store(arguments.data).grant(arguments.record)
    print(f"record {arguments.record}: one more photo will be taken")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    store = Store(arguments.data)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("photos", total=store.counts().photographed)
        number = export(store, arguments.folder, lambda: progress.advance(task))
    print(f"{arguments.folder}: {number} photos and photos.csv")
    return 0
