#!/usr/bin/env bash
# What test.sh runs inside its Debian: installs once, compiles the shim, and tests.
set -euo pipefail
here=/repository/tools/picamera2
python=/opt/picamera2/bin/python

if [ ! -e /made ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    # picamera2 comes from PyPI: Debian has none. What compiles is for its dependencies.
    apt-get -qq install --no-install-recommends gcc libc6-dev libcap-dev libcamera-ipa \
        libcamera-tools python3-dev python3-libcamera python3-numpy python3-opencv python3-pil \
        python3-pytest python3-venv >/dev/null
    python3 -m venv --system-site-packages /opt/picamera2
    $python -m pip install --quiet --disable-pip-version-check "picamera2==$PICAMERA2"
    touch /made
fi
gcc -Wall -Wextra -Werror -shared -fPIC -O1 -o /work/dmabuf.so $here/dmabuf.c
mkdir -p /usr/share/libcamera/pipeline/virtual
cp $here/virtual.yaml /usr/share/libcamera/pipeline/virtual/virtual.yaml

# By itself first: libcamera's own program streams from the virtual camera.
LIBCAMERA_LOG_LEVELS='*:ERROR' LD_PRELOAD=/work/dmabuf.so cam -c 1 --capture=5

cd /work
export FRAMES=/work/frames HANG_FILE=/work/hang LIBCAMERA_LOG_LEVELS='*:FATAL'
export PYTHONPATH=/repository:$here PYTHONDONTWRITEBYTECODE=1
LD_PRELOAD=/work/dmabuf.so $python -m pytest -q -p no:cacheprovider --rootdir /work \
    -c /dev/null $here/test_picamera2.py
