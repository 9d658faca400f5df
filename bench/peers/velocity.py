#!/usr/bin/env python3
"""One evaluation of the sampled velocity by other programs and by mckean, interleaved: velocity.py BUILD [--m 20000]
[--n 20000] [--dims 2 10 32 100 300 1000] [--activations relu tanh erf gelu] [--repeat 5] [--threads 0] [--only NAME ...].

BUILD is the folder of a build with MCKEAN_BENCH=ON. relu is measured in all dimensions, the others in --dim (32), each in
float32 and float64, on the same arrays. Every program is a process of its own with the same processors; beforehand its chunk
of samples (powers of two) and variant are tuned. Then they take turns, with a pause in which their threads fall asleep (of
evaluations below half a second the second one counts, when they are awake), and what is printed are medians and the ratios of
medians to mckean's. Where an evaluation would take longer than --limit seconds, fewer samples are measured and the time is
scaled, marked by ~. Errors are those of v_a and of v_b in the Euclidean norm, the larger one, against NumPy in float64 on the
same values; relu in float32 takes some zeros of z for the other side, each of which counts 1/sqrt(n m). gemm is the product x
b' by NumPy's OpenBLAS, 2 n m d flop, in tiles that stay in cache; the velocity counts 4 n m d flop, also for relu in d <= 2,
where mckean takes O(m + n) and its rate is only nominal. Peers that are not installed, or cannot do it, are left out with a
reason.
"""
import argparse
import os
import statistics
import tempfile
import time

import numpy as np
import peer_process
from peer_process import Failed, Peer, Server

PAUSE = 0.1
SHORT = 0.5


class Own:
    """mckean's server behind the interface of Tuned."""

    def __init__(self, build, folder, precision, activation, threads, environment):
        files = [os.path.join(folder, name + ".npy") for name in "wxy"]
        program = os.path.join(build, "bench", "peer_velocity")
        self.server = Server([program, *files, precision, activation, str(threads)], environment, os.path.join(folder, "log"))
        self.about = {"version": self.server.read(300), "pools": []}

    def ask(self, count, *file, seconds=900):
        return self.server.ask(count, *file, seconds=seconds)

    def choice(self):
        return ""


def write_data(folder, m, n, d):
    rng = np.random.default_rng(d)
    w = np.concatenate([rng.standard_normal((m, 1)), rng.standard_normal((m, d)) / d**0.5], axis=1)
    for name, array in (("w", w), ("x", rng.standard_normal((n, d))), ("y", rng.standard_normal(n))):
        np.save(os.path.join(folder, name + ".npy"), array.astype(np.float32))


class Comparison:
    """One size, precision and activation."""

    def __init__(self, arguments, folder, environment, precision, activation, d):
        self.arguments, self.folder, self.environment = arguments, folder, environment
        self.precision, self.activation, self.d = precision, activation, d
        self.running, self.reasons, self.errors = {}, {}, {}

    def start(self, peer):
        a = self.arguments
        command = peer.command(self.folder, self.precision, self.activation, a.threads)
        row_bytes = a.m * (4 if self.precision == "float32" else 8)
        log = os.path.join(self.folder, "log-" + peer.name)
        try:
            self.running[peer.label] = peer_process.start_tuned(peer, command, self.environment, log, a.n, row_bytes)
        except Failed as reason:
            self.reasons[peer.label] = str(reason)

    def count_of(self, label):
        """Samples that are measured: all, or as many whole chunks as the limit has room for."""
        if label == "mckean":
            return self.arguments.n
        tuned = self.running[label]
        n, unit = self.arguments.n, max(tuned.chunk, 1)
        if n <= self.arguments.limit * tuned.rate:
            return n
        return min(n, unit * max(1, int(self.arguments.limit * tuned.rate / unit)))

    def drop(self, label, reason):
        self.reasons[label] = str(reason)
        self.running.pop(label)

    def check(self, references):
        """Relative errors of all peers, on all samples where one evaluation of these is within the limit."""
        file = os.path.join(self.folder, "v.npy")
        counts = sorted(references)
        for label, tuned in list(self.running.items()):
            if label == "gemm":
                continue
            count = counts[-1] if self.count_of(label) == self.arguments.n else counts[0]
            try:
                tuned.ask(count, file)
            except Failed as reason:
                self.drop(label, reason)
                continue
            v, exact = np.load(file).astype(float), references[count]
            parts = (slice(0, 1), slice(1, None))
            self.errors[label] = max(np.linalg.norm(v[:, s] - exact[:, s]) / np.linalg.norm(exact[:, s]) for s in parts)

    def measure(self):
        """Medians by label, of all samples, after an evaluation that does not count."""
        counts = {label: self.count_of(label) for label in self.running}
        times = {label: [] for label in self.running}
        for label, count in counts.items():
            if count < self.arguments.n or label == "gemm":  # for the others check() was that
                try:
                    self.running[label].ask(count)
                except Failed as reason:
                    self.drop(label, reason)
        for round_number in range(self.arguments.repeat):
            for label in list(self.running)[:: 1 if round_number % 2 else -1]:
                time.sleep(PAUSE)
                try:
                    seconds = self.running[label].ask(counts[label])
                    if seconds < SHORT:
                        seconds = self.running[label].ask(counts[label])
                    times[label].append(seconds * self.arguments.n / counts[label])
                except Failed as reason:
                    self.drop(label, reason)
        self.scaled = {label for label in self.running if counts[label] < self.arguments.n}
        return {label: statistics.median(times[label]) for label in self.running}

    def close(self):
        for tuned in self.running.values():
            tuned.server.close()


def reference_velocities(arguments, folder, environment, activation):
    """The velocity by NumPy in float64 on all samples, and on a few of them, by their number."""
    command = Peer("", "numpy").command(folder, "float64", activation, arguments.threads)
    server = Server(command, environment, os.path.join(folder, "log-reference"))
    server.read(300)
    file = os.path.join(folder, "reference.npy")
    found = {}
    for count in {min(arguments.n, 256), arguments.n}:
        server.ask("workers", count, min(count, 256), file)
        found[count] = np.load(file)
    server.close()
    return found


def seconds_text(seconds):
    return f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"


def compare(arguments, environment, peers, activation, d, precision, folder, references):
    """Prints a row; the choices and reasons for later."""
    comparison = Comparison(arguments, folder, environment, precision, activation, d)
    comparison.running["mckean"] = Own(arguments.build, folder, precision, activation, arguments.threads, environment)
    for peer in peers:
        comparison.start(peer)
    comparison.check(references)
    medians = comparison.measure()
    own = medians["mckean"]
    pairs = arguments.n * arguments.m
    rate = 4e-9 * pairs * d / own
    cells = [activation, precision, d, seconds_text(own)]
    ratios = []
    for peer in peers:
        if peer.label == "gemm":
            continue
        if peer.label not in medians:
            cells.append("-")
            continue
        mark = "~" if peer.label in comparison.scaled else ""
        ratio = medians[peer.label] / own
        ratios.append(ratio)
        cells.append(f"{mark}{seconds_text(medians[peer.label])} ({ratio:.2f})")
    cells += [f"{min(ratios):.2f}" if ratios else "-", f"{rate:.4g}"]
    if "gemm" in medians:
        gemm = 2e-9 * pairs * d / medians["gemm"]
        cells += [f"{gemm:.4g}", f"{100 * rate / gemm:.0f} %"]
    else:
        cells += ["-", "-"]
    cells.append(f"{max(comparison.errors.values()):.0e}")
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    comparison.close()
    return comparison


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="folder of the build")
    parser.add_argument("--m", type=int, default=20000)
    parser.add_argument("--n", type=int, default=20000)
    parser.add_argument("--dims", type=int, nargs="+", default=[2, 10, 32, 100, 300, 1000], help="of relu")
    parser.add_argument("--dim", type=int, default=32, help="of all other activations")
    parser.add_argument("--activations", nargs="+", default=["relu", "tanh", "erf", "gelu"])
    parser.add_argument("--precisions", nargs="+", default=["float32", "float64"])
    parser.add_argument("--only", nargs="+", default=[], help="names of peers: numpy, torch, torch-compiled, jax, keops, gemm")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--limit", type=float, default=20, help="seconds for one evaluation")
    arguments, environment = peer_process.parse_arguments(parser)
    peers = [*peer_process.all_peers(arguments.build), Peer("gemm", "gemm")]
    if arguments.only:
        peers = [peer for peer in peers if peer.name in arguments.only]
    print(peer_process.describe_machine(arguments.threads, environment))
    print(f"m = {arguments.m}, n = {arguments.n}; medians of {arguments.repeat}, in seconds (and over mckean's).\n")
    names = [peer.label for peer in peers if peer.label != "gemm"]
    header = ["activation", "precision", "d", "mckean", *names, "least ratio", "Gflop/s", "gemm Gflop/s", "of gemm", "error"]
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header), flush=True)
    comparisons = []
    for activation in arguments.activations:
        for d in arguments.dims if activation == "relu" else [arguments.dim]:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                write_data(folder, arguments.m, arguments.n, d)
                references = reference_velocities(arguments, folder, environment, activation)
                for precision in arguments.precisions:
                    comparisons.append(
                        compare(arguments, environment, peers, activation, d, precision, folder, references)
                    )
    print_choices(comparisons)


def print_choices(comparisons):
    """What was tuned, what was left out, and what the libraries say they are."""
    print("\nTuned:\n\n| activation | precision | d | peer | variant | error |\n|---|---|---|---|---|---|")
    for c in comparisons:
        for label, tuned in c.running.items():
            error = f"{c.errors[label]:.1e}" if label in c.errors else ""
            print(f"| {c.activation} | {c.precision} | {c.d} | {label} | {tuned.choice()} | {error} |")
    reasons = {}
    for c in comparisons:
        for label, reason in c.reasons.items():
            reasons.setdefault((label, reason), []).append(f"{c.activation} {c.precision} d = {c.d}")
    print()
    for (label, reason), where in reasons.items():
        print(f"Left out: {label} ({'; '.join(where)}): {reason}")
    versions = {}
    for c in comparisons:
        for label, tuned in c.running.items():
            versions[label] = [tuned.about["version"], *tuned.about["pools"]]
    for label, words in versions.items():
        print(f"- {label}: {'; '.join(word for word in words if word)}")


if __name__ == "__main__":
    main()
