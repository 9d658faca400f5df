#!/usr/bin/env python3
"""A whole flow by PyTorch and by mckean, from the same start to the same risk: flow.py BUILD [--m 10000] [--n 10000]
[--d 32] [--risks 1e-2 1e-3 1e-4] [--limit 3600] [--threads 0] [--precisions float32 float64].

BUILD is the folder of a build with MCKEAN_BENCH=ON. Teacher and student, relu, mean-field scaling: y is a mean of 10 unit
neurons at n samples of N(0, I), the start has a ~ N(0, 1) and b ~ N(0, I/d). PyTorch takes full-batch gradient descent w -= h
v, v by the fastest of eager, compiled and autograd on chunks of the best size (see velocity.py), with h the largest power of
two that is stable for --trial steps; its time is that of the steps, without imports, compilation and the search for h. If h
turns out not to be stable later on, it is halved and all begins again, and only the last attempt counts. `mckean run` has its
defaults and --stop-risk, a run for each risk; its time is the wall time of the process, for the last risk the slower of one
run before PyTorch and one after. The third program is mckean as gradient descent with PyTorch's h. Where PyTorch has not
reached a risk within --limit seconds, a lower bound is printed: how long it would take if log(risk) went on falling as fast
as in the last tenth of the run, which it does ever more slowly.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import peer_process
from peer_process import Failed

TEACHER_WIDTH = 10


def write_problem(folder, m, n, d):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((n, d))
    neurons = rng.standard_normal((TEACHER_WIDTH, d))
    neurons /= np.linalg.norm(neurons, axis=1)[:, None]
    w = np.concatenate([rng.standard_normal((m, 1)), rng.standard_normal((m, d)) / d**0.5], axis=1)
    y = np.maximum(x @ neurons.T, 0).mean(axis=1)
    for name, array in (("w", w), ("x", x), ("y", y)):
        np.save(os.path.join(folder, name + ".npy"), array.astype(np.float32))


class Descent:
    """Gradient descent in PyTorch, in a process of its own; prints JSON."""

    def __init__(self, folder, precision, threads, peer, variant, chunk):
        import velocity_peers

        data = velocity_peers.Data(folder, precision)
        self.peer = velocity_peers.PEERS[peer](data, "relu", threads)
        self.variant, self.chunk, self.count = variant, chunk, len(data.y)
        self.start = self.peer.a.clone(), self.peer.b.clone()

    def restart(self):
        for parameter, start in zip((self.peer.a, self.peer.b), self.start):
            parameter.copy_(start)

    def step(self, h):
        """The risk before the step."""
        va, vb, risk = self.peer.run(self.variant, self.count, self.chunk)
        self.peer.a.sub_(va, alpha=h)
        self.peer.b.sub_(vb, alpha=h)
        return risk.item()

    def is_stable(self, h, steps):
        self.restart()
        risks = [self.step(h) for _ in range(steps)]
        return math.isfinite(risks[-1]) and max(risks) <= risks[0] and risks[-1] < risks[0]

    def largest_stable(self, steps):
        h = 2.0**-3
        while self.is_stable(h, steps):
            h *= 2
        while not self.is_stable(h, steps):
            h /= 2
        return h

    def descend(self, h, risks, limit):
        """None where it is not stable, else the curve of (seconds, risk) at some steps, and for each risk that was reached its
        (seconds, steps)."""
        self.restart()
        curve, reached, first, steps = [], {}, None, 0
        begin = time.perf_counter()
        while len(reached) < len(risks):
            risk = self.step(h)
            seconds = time.perf_counter() - begin
            first = first or risk
            if not risk <= 1.5 * first:
                return None
            for level in risks:
                if risk <= level and level not in reached:
                    reached[level] = (seconds, steps)
            curve.append((seconds, risk))
            steps += 1
            if seconds > limit:
                break
        return {"h": h, "curve": curve, "steps": steps, "reached": reached}

    def solve(self, risks, limit, trial):
        h = self.largest_stable(trial)
        while (result := self.descend(h, risks, limit)) is None:
            print(f"h = {h} is not stable", file=sys.stderr)
            h /= 2
        levels = [result["reached"].get(level) for level in risks]
        bounds = [None if levels[i] else lower_bound(result["curve"], risk) for i, risk in enumerate(risks)]
        last_seconds, last_risk = result["curve"][-1]
        return {
            "h": h, "reached": levels, "bounds": bounds, "steps": result["steps"], "seconds": last_seconds, "risk": last_risk
        }


def lower_bound(curve, risk):
    """Seconds to `risk` at the present rate of log(risk)."""
    seconds, last = curve[-1]
    before_seconds, before = next(point for point in curve if point[0] >= 0.9 * seconds)
    rate = math.log(before / last) / (seconds - before_seconds) if seconds > before_seconds else 0
    return seconds + math.log(last / risk) / rate if rate > 0 else math.inf


def tune_torch(arguments, folder, precision, environment):
    """(peer, what was tuned) of the fastest; the servers are closed. Failed where PyTorch is not here."""
    best, reason = None, None
    for peer in peer_process.all_peers(arguments.build):
        if not peer.name.startswith("torch"):
            continue
        command = peer.command(folder, precision, "relu", arguments.threads)
        row_bytes = arguments.m * (4 if precision == "float32" else 8)
        log = os.path.join(folder, "log-" + peer.name)
        try:
            tuned = peer_process.start_tuned(peer, command, environment, log, arguments.n, row_bytes)
        except Failed as why:
            reason = reason or why
            continue
        tuned.server.close()
        if best is None or tuned.rate > best[1].rate:
            best = peer, tuned
    if best is None:
        raise reason
    return best


def run_torch(arguments, folder, precision, environment):
    peer, tuned = tune_torch(arguments, folder, precision, environment)
    words = [folder, precision, arguments.threads, peer.name, tuned.variant, tuned.chunk, arguments.limit, arguments.trial]
    command = [sys.executable, __file__, "--descend", *map(str, words), *map(str, arguments.risks)]
    found = subprocess.run(command, env={**environment, **tuned.setting}, stdout=subprocess.PIPE, check=True)
    return {**json.loads(found.stdout), "how": f"{peer.label}, {tuned.choice()}"}


def run_mckean(arguments, folder, precision, environment, risk, *more):
    """(wall seconds, steps, evaluations) or, where it did not get there, why."""
    files = {name: os.path.join(folder, name + ".npy") for name in "wxy"}
    command = [os.path.join(arguments.build, "mckean"), "run", "--x", files["x"], "--y", files["y"], "--init", "file"]
    command += ["--init-file", files["w"], "--precision", "float" if precision == "float32" else "double"]
    command += ["--threads", str(arguments.threads), "--stop-risk", str(risk), "--t-end", "1e9", "--w2", "none"]
    command += ["--quiet", "--json", *more]
    begin = time.perf_counter()
    try:
        found = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=arguments.limit, check=False)
    except subprocess.TimeoutExpired:
        return f"> {arguments.limit:g}"
    seconds = time.perf_counter() - begin
    if found.returncode != 0:
        return f"exit code {found.returncode}"
    result = json.loads(found.stdout)
    return seconds, result["steps"], result["evaluations"]


def slower(first, second):
    """Of two runs; a text is one that failed."""
    if isinstance(first, str) or isinstance(second, str):
        return first if isinstance(first, str) else second
    return max(first, second)


def text_of(run):
    return run if isinstance(run, str) else f"{run[0]:.1f} s, {run[2]} evaluations"


def compare(arguments, environment, folder, precision):
    """Prints the rows of a precision; what is to be said of PyTorch's."""
    before = [run_mckean(arguments, folder, precision, environment, risk) for risk in arguments.risks]
    try:
        torch = run_torch(arguments, folder, precision, environment)
    except Failed as reason:
        torch, note = None, f"{precision}: PyTorch is left out: {reason}"
    euler = []
    if torch:
        fixed = ["--integrator", "euler", "--dt", repr(torch["h"]), "--no-audit"]
        euler = [run_mckean(arguments, folder, precision, environment, risk, *fixed) for risk in arguments.risks]
    before[-1] = slower(before[-1], run_mckean(arguments, folder, precision, environment, arguments.risks[-1]))
    for i, (risk, own) in enumerate(zip(arguments.risks, before)):
        cells = [precision, f"{risk:g}", text_of(own)]
        if torch:
            bound = not torch["reached"][i]
            seconds = torch["bounds"][i] if bound else torch["reached"][i][0]
            cells.append(f">= {seconds:.0f} s (lower bound)" if bound else f"{seconds:.1f} s, {torch['reached'][i][1]} steps")
            cells.append("-" if isinstance(own, str) else f"{'>= ' if bound else ''}{seconds / own[0]:.2g}")
            cells.append(text_of(euler[i]))
        print("| " + " | ".join(cells + ["-"] * (6 - len(cells))) + " |", flush=True)
    if torch:
        end = f"risk {torch['risk']:.3g} after {torch['steps']} steps and {torch['seconds']:.0f} s"
        note = f"{precision}: {torch['how']}, h = {torch['h']:g}; {end}"
    return note


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--descend":
        folder, precision, threads, peer, variant, chunk, limit, trial, *risks = sys.argv[2:]
        descent = Descent(folder, precision, int(threads), peer, variant, int(chunk))
        print(json.dumps(descent.solve(list(map(float, risks)), float(limit), int(trial))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="folder of the build")
    parser.add_argument("--m", type=int, default=10000)
    parser.add_argument("--n", type=int, default=10000)
    parser.add_argument("--d", type=int, default=32)
    parser.add_argument("--risks", type=float, nargs="+", default=[1e-2, 1e-3, 1e-4], help="falling")
    parser.add_argument("--precisions", nargs="+", default=["float32", "float64"])
    parser.add_argument("--limit", type=float, default=3600, help="seconds for one run")
    parser.add_argument("--trial", type=int, default=50, help="steps in which h has to be stable")
    arguments, environment = peer_process.parse_arguments(parser)
    print(peer_process.describe_machine(arguments.threads, environment))
    print(f"Teacher and student, relu, d = {arguments.d}, m = {arguments.m}, n = {arguments.n}.\n")
    print("| precision | risk | mckean run | PyTorch, gradient descent | ratio | mckean, gradient descent |")
    print("|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        write_problem(folder, arguments.m, arguments.n, arguments.d)
        notes = [compare(arguments, environment, folder, precision) for precision in arguments.precisions]
    print()
    for note in notes:
        print("- " + note)


if __name__ == "__main__":
    main()
