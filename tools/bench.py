#!/usr/bin/env python3
"""Runs benchmark suites and prints their tables.

    tools/bench.py                 every suite but `setup`
    tools/bench.py models code     the named ones

A suite is a module of bench/suites/ with a function run(report). Each figure goes to the terminal
and, as one JSON object a line, to build/bench/results.jsonl: suite, name, target, value, unit, and
where there is one peer, must, aim. Figures on emulated boards are executed instructions.
"""
import argparse
import importlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))
SUITES = ["sine", "models", "wasm", "code", "cast", "setup"]
ONLY_BY_NAME = {"setup"}


class Report:
    """Collects figures; every suite adds to it as it measures, so long runs show progress."""

    def __init__(self, path):
        self.path = path
        self.suite = ""
        self.lines = []

    def begin(self, suite, title):
        self.suite = suite
        print(f"\n{suite}: {title}")
        print(f"  {'figure':44} {'target':12} {'value':>15} {'unit':13} {'peer':>12} {'must':>10} {'aim':>10}")

    def add(self, name, value, unit, target="linux", peer=None, must=None, aim=None):
        figure = {"suite": self.suite, "name": name, "target": target, "value": value, "unit": unit}
        figure.update({key: item for key, item in (("peer", peer), ("must", must), ("aim", aim)) if item is not None})
        self.lines.append(figure)

        def show(item):
            if item is None:
                return "-"
            return f"{item:,}" if isinstance(item, int) else f"{item:,.4g}"

        print(f"  {name:44} {target:12} {show(value):>15} {unit:13} {show(peer):>12} {show(must):>10} {show(aim):>10}",
              flush=True)

    def note(self, text):
        print(f"  {text}", flush=True)

    def save(self, suites):
        """Replaces the figures of the suites just run and keeps those of others."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        kept = []
        if self.path.exists():
            kept = [line for line in map(json.loads, self.path.read_text().splitlines()) if line["suite"] not in suites]
        self.path.write_text("".join(json.dumps(line) + "\n" for line in kept + self.lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES))
    suites = parser.parse_args().suites or [name for name in SUITES if name not in ONLY_BY_NAME]
    unknown = [name for name in suites if name not in SUITES]
    if unknown:
        parser.error(f"no suite {unknown[0]}; there are {', '.join(SUITES)}")
    report = Report(ROOT / "build" / "bench" / "results.jsonl")
    for name in suites:
        importlib.import_module(f"suites.{name}").run(report)
    report.save(set(suites))


if __name__ == "__main__":
    main()
