# The commands of the project. Each does all that it needs; a second run repeats nothing.
#
#   make demo     spoken digits on an emulated Cortex-M4, from nothing
#   make test     everything CI runs
#   make check    the developer's loop: format, layers, builds, tests, sizes
#   make build    build/bin/rune, build/bin/hmr, build/devices/<board>.elf
#   make spec     WebAssembly's test scripts:   make spec WAST="a.wast b.wast" TARGET=mps2-an386
#   make bench    the figures of docs/benchmarks.md:   make bench BENCH=wasm
#   make fuzz     every decoder's fuzzer, FUZZ_SECONDS each
#   make train    trains the models that the examples ship (needs RUNE_TEST_DATA)
SHELL := /bin/bash
BOARDS := mps2-an386 lm3s6965evb
TARGET ?= linux
FUZZ_SECONDS ?= 10

.PHONY: build demo test check spec bench fuzz train setup clean

setup:
	@tools/setup.sh

build: setup
	@tools/build.sh host $(BOARDS)

demo: build
	@tools/demo.py $(if $(SOUND),--sound "$(SOUND)")

test: build
	@tools/test.sh

check: build
	@tools/check.sh

spec: build
	@tools/spec.py --target $(TARGET) $(WAST)

bench: build
	@tools/bench.py $(BENCH)

fuzz: setup
	@tools/fuzz.sh $(FUZZ_SECONDS)

train: setup
	@tools/train.sh

clean:
	rm -rf build
