#!/usr/bin/env bash
# Runs every libFuzzer target for SECONDS (default 10) from its seeds; stops at the first finding.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
tools/build.sh fuzz
for program in build/fuzz/bin/*_fuzz; do
  name=$(basename "$program" _fuzz)
  mkdir -p "build/fuzz/corpus/$name"
  seeds=()
  for folder in "tests/fuzz/seeds/$name" "build/seeds/$name"; do [ -d "$folder" ] && seeds+=("$folder"); done
  printf 'fuzz %-16s %s s\n' "$name" "$seconds"
  "$program" -max_total_time="$seconds" -max_len=65536 -timeout=10 -print_final_stats=0 -verbosity=0 \
    -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" "${seeds[@]}"
done
