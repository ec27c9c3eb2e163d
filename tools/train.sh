#!/usr/bin/env bash
# Trains the models that the examples ship, from RUNE_TEST_DATA (or ../shared/data), and measures them:
#   tools/train.sh [digits|sine|gesture|person]...      default: all
# Features and intermediate results are kept in build/train; what is printed, figures as JSON, also in train.log there.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${RUNE_TEST_DATA:-../shared/data}
if [ ! -d "$data/audio/fsdd" ]; then
  echo "train: no training data in $data; set RUNE_TEST_DATA to a folder with audio/fsdd, motion/ and images/" >&2
  exit 1
fi
if ! command -v flite >/dev/null || ! command -v espeak-ng >/dev/null; then
  echo "train: needs the Debian packages espeak-ng and flite, whose voices are trained on; try apt-get install them" >&2
  exit 1
fi
python=$(command -v python3.11 || command -v python3)
if ! cmp -s tools/train/requirements.txt build/train-venv/installed.txt; then
  "$python" -m venv build/train-venv
  build/train-venv/bin/pip install --quiet --requirement tools/train/requirements.txt
  cp tools/train/requirements.txt build/train-venv/installed.txt
fi
mkdir -p build/train
[ -f build/host/build.ninja ] || tools/build.sh host
ninja -C build/host --quiet rune_blocks_shared

export TF_CPP_MIN_LOG_LEVEL=2 PYTHONHASHSEED=0
train() { build/train-venv/bin/python "tools/train/$1.py" "$data" build/train "${@:2}" | tee -a build/train/train.log; }
for model in "${@:-digits sine gesture person}"; do
  for name in $model; do
    case "$name" in
      digits) train spoken_digits ship; train spoken_digits evaluate ;;
      sine) train sine ;;
      gesture) train gesture ;;
      person) train person_detection ;;
      *) echo "train: $name: no such model; try digits, sine, gesture or person" >&2; exit 1 ;;
    esac
  done
done
