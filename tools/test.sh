#!/usr/bin/env bash
# Everything CI runs: layers; unit tests and fuzz replays with sanitizers; the same unit tests on
# the emulated boards; then the commands, models and examples as a user runs them.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/check_layers.py
tools/venv.sh
tools/build.sh sanitize
ctest --test-dir build/sanitize --output-on-failure -j "$(nproc)"
export PYTHONDONTWRITEBYTECODE=1
build/venv/bin/python -m pytest -q -p no:cacheprovider tests
