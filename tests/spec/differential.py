#!/usr/bin/env python3
"""Random programs on the engine and on wabt's interpreter: results and traps must be the same.

    tests/spec/differential.py [--seed N] [--rounds R] [--tree host|sanitize] [--target linux|mps2-an386]

The programs are valid by construction and favour what the translator reorders: local.get under
later local.set and local.tee, blocks with parameters and results, branches that carry values, calls
with several results. Floats leave a program only as canonical bits. A failure prints the line that
reruns it and keeps the program in build/spec/.
"""
import argparse
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/spec"
TYPES = ("i32", "i64", "f32", "f64")
INT_BINARY = ("add sub mul and or xor shl shr_s shr_u rotl rotr " * 6 + "div_s div_u rem_s rem_u").split()
INT_COMPARE = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u".split()
FLOAT_BINARY = "add sub mul div min max".split()
FLOAT_COMPARE = "eq ne lt gt le ge".split()
FLOAT_UNARY = "abs neg ceil floor trunc nearest sqrt".split()
INT_VALUES = {"i32": (0, 1, 2, 31, 255, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF),
              "i64": (0, 1, 63, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF)}
FLOAT_VALUES = ("0", "-0", "1", "-1.5", "0.5", "2.5", "1e9", "-3e9", "4294967296", "9.3e18", "inf", "nan", "1e-40", "0x1p-149")
PRELUDE = """
(memory 1) (global $g32 (mut i32) (i32.const 7)) (global $g64 (mut i64) (i64.const 9)) (global $gf (mut f64) (f64.const 3))
(table 4 funcref) (elem (i32.const 0) $pair $swap)
(type $two (func (param i32 i64) (result i64 i32)))
(func $pair (type $two) (local.get 1) (local.get 0))
(func $swap (type $two) (i64.extend_i32_s (local.get 0)) (i32.wrap_i64 (local.get 1)))
(func $canon32 (param f32) (result f32) (select (local.get 0) (f32.const nan) (f32.eq (local.get 0) (local.get 0))))
(func $canon64 (param f64) (result f64) (select (local.get 0) (f64.const nan) (f64.eq (local.get 0) (local.get 0))))
"""


class Program:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.functions = []  # parameter types, result type

    def pick(self, *choices):
        return self.random.choice(choices)

    def constant(self, type_):
        if type_[0] == "i":
            value = self.pick(*INT_VALUES[type_]) if self.random.random() < 0.6 else self.random.getrandbits(int(type_[1:]))
            return f"({type_}.const {value})"
        return f"({type_}.const {self.pick(*FLOAT_VALUES)})"

    def local(self, type_):
        candidates = [i for i, t in enumerate(self.locals) if t == type_]
        return self.random.choice(candidates) if candidates else None

    def expression(self, type_, depth):
        """Folded text of an expression that leaves one value."""
        if depth <= 0 or self.random.random() < 0.1:
            index = self.local(type_)
            return f"(local.get {index})" if index is not None and self.random.random() < 0.75 else self.constant(type_)
        makers = [self.operator, self.operator, self.operator, self.conversion, self.block, self.branching, self.choice,
                  self.tee, self.tee, self.call, self.memory]
        return self.random.choice(makers)(type_, depth - 1)

    def operator(self, type_, depth):
        e = self.expression
        if type_ == "i32" and self.random.random() < 0.35:
            source = self.pick(*TYPES)
            name = self.pick(*(INT_COMPARE if source[0] == "i" else FLOAT_COMPARE))
            return f"({source}.{name} {e(source, depth)} {e(source, depth)})"
        if type_[0] == "i":
            if self.random.random() < 0.2:
                return f"({type_}.{self.pick('clz', 'ctz', 'popcnt', 'extend8_s', 'extend16_s')} {e(type_, depth)})"
            return f"({type_}.{self.pick(*INT_BINARY)} {e(type_, depth)} {e(type_, depth)})"
        if self.random.random() < 0.3:
            return f"({type_}.{self.pick(*FLOAT_UNARY)} {e(type_, depth)})"
        if self.random.random() < 0.1:
            return f"({type_}.copysign {self.canonical(type_, depth)} {self.canonical(type_, depth)})"
        return f"({type_}.{self.pick(*FLOAT_BINARY)} {e(type_, depth)} {e(type_, depth)})"

    def canonical(self, type_, depth):
        return f"(call $canon{type_[1:]} {self.expression(type_, depth)})"

    def conversion(self, type_, depth):
        e = self.expression
        if type_ == "i32":
            return self.pick(lambda: f"(i32.wrap_i64 {e('i64', depth)})", lambda: f"(i64.eqz {e('i64', depth)})",
                             lambda: f"(i32.eqz {e('i32', depth)})",
                             lambda: f"(i32.reinterpret_f32 {self.canonical('f32', depth)})",
                             lambda: f"(i32.trunc_sat_f32_{self.pick('s', 'u')} {e('f32', depth)})",
                             lambda: f"(i32.trunc{self.pick('', '_sat', '_sat', '_sat')}_f64_{self.pick('s', 'u')} {e('f64', depth)})")()
        if type_ == "i64":
            return self.pick(lambda: f"(i64.extend_i32_{self.pick('s', 'u')} {e('i32', depth)})",
                             lambda: f"(i64.reinterpret_f64 {self.canonical('f64', depth)})",
                             lambda: f"(i64.trunc_sat_f32_{self.pick('s', 'u')} {e('f32', depth)})",
                             lambda: f"(i64.trunc{self.pick('', '_sat', '_sat', '_sat')}_f64_{self.pick('s', 'u')} {e('f64', depth)})")()
        if type_ == "f32":
            return self.pick(lambda: f"(f32.convert_i32_{self.pick('s', 'u')} {e('i32', depth)})",
                             lambda: f"(f32.convert_i64_{self.pick('s', 'u')} {e('i64', depth)})",
                             lambda: f"(f32.demote_f64 {e('f64', depth)})",
                             lambda: f"(call $canon32 (f32.reinterpret_i32 {e('i32', depth)}))")()
        return self.pick(lambda: f"(f64.convert_i32_{self.pick('s', 'u')} {e('i32', depth)})",
                         lambda: f"(f64.convert_i64_{self.pick('s', 'u')} {e('i64', depth)})",
                         lambda: f"(f64.promote_f32 {e('f32', depth)})",
                         lambda: f"(call $canon64 (f64.reinterpret_i64 {e('i64', depth)}))")()

    def block(self, type_, depth):
        """A block, loop or if, with or without parameters, that leaves one value."""
        e, statements = self.expression, self.statements
        form = self.random.randrange(4)
        if form == 0:
            return (f"(if (result {type_}) {e('i32', depth)} (then {statements(depth)} {e(type_, depth)}) "
                    f"(else {statements(depth)} {e(type_, depth)}))")
        if form == 1:
            source = self.pick(*TYPES)
            return (f"(block (result {type_}) {e(source, depth)} (block (param {source}) (result {type_}) "
                    f"{self.set_top(source)} {statements(depth)} {e(type_, depth)}))")
        if form == 2:
            other = self.pick(*TYPES)
            return (f"(block (result {type_}) {e(other, depth)} {e(type_, depth)} {e('i32', depth)} "
                    f"if (param {other} {type_}) (result {type_}) {self.set_top(type_)} drop {e(type_, depth)} "
                    f"else {self.set_top(type_)} {self.set_top(other)} {e(type_, depth)} end)")
        return f"(block (result {type_}) {statements(depth)} {e(type_, depth)})"

    def set_top(self, type_):
        index = self.local(type_)
        return "drop" if index is None or self.random.random() < 0.3 else f"(local.set {index})"

    def branching(self, type_, depth):
        e = self.expression
        other = self.pick(*TYPES)
        form = self.random.randrange(4)
        if form == 0:
            return f"(block (result {type_}) {e(type_, depth)} (br_if 0 {e('i32', depth)}) {self.set_top(type_)} {e(type_, depth)})"
        if form == 1:
            return (f"(block (result {type_}) {e(other, depth)} {e(type_, depth)} (br_if 0 {e('i32', depth)}) "
                    f"{self.set_top(type_)} {self.set_top(other)} {e(type_, depth)})")
        if form == 2:
            return (f"(block (result {type_}) (block (result {type_}) {e(other, depth)} {e(type_, depth)} "
                    f"(br_table 0 1 0 (i32.and {e('i32', depth)} (i32.const 3)))) {self.set_top(type_)} {e(type_, depth)})")
        return f"(block (result {type_}) {e(other, depth)} drop (br 0 {e(type_, depth)}))"

    def choice(self, type_, depth):
        e = self.expression
        return f"(select {e(type_, depth)} {e(type_, depth)} {e('i32', depth)})"

    def tee(self, type_, depth):
        index = self.local(type_)
        value = self.expression(type_, depth)
        return value if index is None else f"(local.tee {index} {value})"

    def call(self, type_, depth):
        e = self.expression
        if type_ == "i32":
            return (f"(block (result i32) {e('i32', depth)} {e('i64', depth)} (call $pair) {self.set_top('i32')} "
                    f"i32.wrap_i64)")
        if type_ == "i64":
            return (f"(block (result i64) {e('i32', depth)} {e('i64', depth)} (call_indirect (type $two) "
                    f"(i32.and {e('i32', depth)} (i32.const 1))) drop)")
        matching = [i for i, (_, result) in enumerate(self.functions) if result == type_]
        if not matching or depth > 3:
            return e(type_, depth)
        index = self.random.choice(matching)
        arguments = " ".join(e(t, depth - 1) for t in self.functions[index][0])
        return f"(call $f{index} {arguments})"

    def memory(self, type_, depth):
        address = f"(i32.and {self.expression('i32', depth)} (i32.const 0xFF))"
        if type_ == "i32":
            return f"(i32.load{self.pick('', '8_s', '8_u', '16_s', '16_u')} offset={self.random.randrange(64)} {address})"
        if type_ == "i64":
            return f"(i64.load{self.pick('', '8_s', '16_u', '32_s', '32_u')} {address})"
        return f"(call $canon{type_[1:]} ({type_}.load {address}))"

    def statements(self, depth):
        return " ".join(self.statement(depth) for _ in range(self.random.randrange(3)))

    def statement(self, depth):
        e = self.expression
        type_ = self.pick(*TYPES)
        index = self.local(type_)
        form = self.random.randrange(8)
        if form <= 2 and index is not None:
            return f"(local.set {index} {e(type_, depth)})"
        if form == 3:
            address = f"(i32.and {e('i32', depth)} (i32.const 0xFF))"
            if type_[0] == "f":
                return f"({type_}.store {address} {self.canonical(type_, depth)})"
            return f"({type_}.store{self.pick('', '8', '16')} {address} {e(type_, depth)})"
        if form == 4:
            return f"(global.set $g32 {e('i32', depth)}) (global.set $g64 (i64.xor (global.get $g64) {e('i64', depth)}))"
        if form == 5:
            return f"(if {e('i32', depth)} (then {self.statements(depth - 1)}) (else {self.statements(depth - 1)}))"
        if form == 6:
            counter = len(self.locals)
            self.locals.append("count")
            body = self.statements(depth - 1)
            return (f"(local.set {counter} (i32.const {self.random.randrange(1, 5)})) (block (loop {body} "
                    f"(br_if 1 {e('i32', 1)}) (local.set {counter} (i32.sub (local.get {counter}) (i32.const 1))) "
                    f"(br_if 0 (i32.gt_s (local.get {counter}) (i32.const 0)))))")
        return f"(drop {e(type_, depth)})"

    def function(self, number):
        parameters = [self.pick(*TYPES) for _ in range(self.random.randrange(4))]
        result = self.pick(*TYPES)
        self.locals = parameters + [self.pick(*TYPES) for _ in range(self.random.randrange(1, 5))]
        body = " ".join(self.statement(3) for _ in range(self.random.randrange(1, 5))) + " " + self.expression(result, 4)
        declared = " ".join(t.replace("count", "i32") for t in self.locals[len(parameters):])
        signature = f"(param {' '.join(parameters)})" if parameters else ""
        self.functions.append((parameters, result))
        return f"(func $f{number} {signature} (result {result}) (local {declared})\n  {body})\n"

    def text(self, count):
        functions = "".join(self.function(i) for i in range(count))
        exports = ""
        for i, (parameters, result) in enumerate(self.functions):
            self.locals = []
            value = f"(call $f{i} {' '.join(self.constant(t) for t in parameters)})"
            kind = result
            if result[0] == "f":
                kind = "i" + result[1:]
                value = f"({kind}.reinterpret_{result} (call $canon{result[1:]} {value}))"
            exports += f'(func (export "e{i}") (result {kind}) {value})\n'
        return f"(module {PRELUDE}{functions}{exports})\n"


# wabt's words for traps, where they are not the standard's.
TRAPS = {"undefined table index": "undefined element", "uninitialized table element": "uninitialized element",
         "out of bounds memory access: access at": "out of bounds memory access"}
RESULT = re.compile(r"^(e\d+)\(\) => (?:(i32|i64):(\d+)|error: (.*))$", re.MULTILINE)


def script_of(module, output):
    lines = [module]
    for name, type_, value, error in RESULT.findall(output):
        if type_:
            lines.append(f'(assert_return (invoke "{name}") ({type_}.const {value}))')
            continue
        message = next((ours for theirs, ours in TRAPS.items() if error.startswith(theirs)), error)
        lines.append(f'(assert_trap (invoke "{name}") "{message}")')
    return "\n".join(lines) + "\n"


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=ROOT)


def one_round(seed, options):
    BUILD.mkdir(parents=True, exist_ok=True)
    source, binary = BUILD / f"random_{seed}.wat", BUILD / f"random_{seed}.wasm"
    module = Program(seed).text(options.functions)
    source.write_text(module)
    made = run("wat2wasm", source, "-o", binary)
    if made.returncode != 0:
        sys.exit(f"{source}: {made.stderr}")
    reference = run("wasm-interp", binary, "--run-all-exports")
    script = BUILD / f"random_{seed}.wast"
    text = script_of(module, reference.stdout)
    if text.count("(assert") != options.functions:
        sys.exit(f"{source}: wasm-interp gave {text.count('(assert')} of {options.functions} results")
    script.write_text(text)
    done = run(ROOT / "tools/spec.py", "--tree", options.tree, "--target", options.target, script)
    if done.returncode != 0:
        print(done.stderr + done.stdout + f"rerun: tests/spec/differential.py --seed {seed} --rounds 1 --tree {options.tree}")
        return 1, text
    for path in (source, binary, script):
        path.unlink()
    return 0, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--functions", type=int, default=60)
    parser.add_argument("--tree", default="host")
    parser.add_argument("--target", default="linux")
    options = parser.parse_args()
    failed = returns = traps = 0
    for seed in range(options.seed, options.seed + options.rounds):
        bad, text = one_round(seed, options)
        failed += bad
        returns += text.count("(assert_return")
        traps += text.count("(assert_trap")
    print(f"{options.rounds} programs, {failed} differ; {returns} results and {traps} traps compared")
    return 1 if failed or returns == 0 or traps == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
