#!/usr/bin/env bash
# Everything CI runs: layers, then every test of the sanitized host build.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/check_layers.py
tools/build.sh sanitize
ctest --test-dir build/sanitize --output-on-failure -j "$(nproc)"
