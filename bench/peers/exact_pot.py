#!/usr/bin/env python3
"""The exact solver against POT's network simplex, interleaved: exact_pot.py MCKEAN [--n 10000] [--d 3] [--repeat 3].

Two instances: a Gaussian against a Gaussian, and against a mixture of the same mean and covariance. Each side is a
process of its own. POT's time is that of the cost matrix and of ot.emd without the imports; the program's is that of the
whole process. Memory is the peak resident set of each process; this one imports nothing large, since a child begins with
the resident set of its parent. Needs NumPy and POT (pip install numpy POT).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def gaussian(n, d, seed):
    import numpy as np

    return np.random.default_rng(seed).standard_normal((n, d))


def mixture(n, d, seed):
    """Eight Gaussians of mean 0 and covariance I in all: the construction of mixture_cloud in bench/clouds.hpp."""
    import numpy as np

    means = gaussian(8, d, 77)
    means -= means.mean(axis=0)
    covariance = means.T @ means / 8
    scale = 0.8 / np.linalg.eigvalsh(covariance)[-1]
    root = np.linalg.cholesky(np.eye(d) - scale * covariance)
    component = np.random.default_rng(seed + 1000).integers(8, size=n)
    return gaussian(n, d, seed) @ root.T + np.sqrt(scale) * means[component]


def write_clouds(path_a, path_b, name, n, d):
    import numpy as np

    np.save(path_a, gaussian(n, d, 1))
    np.save(path_b, (mixture if name == "mixture" else gaussian)(n, d, 2))


def solve_with_pot(path_a, path_b):
    import numpy as np
    import ot

    a, b = np.load(path_a), np.load(path_b)
    start = time.perf_counter()
    cost = ot.dist(a, b, metric="sqeuclidean")
    plan, log = ot.emd(np.full(len(a), 1 / len(a)), np.full(len(b), 1 / len(b)), cost, numItermax=10**12, log=True)
    seconds = time.perf_counter() - start
    if log["warning"]:
        sys.exit(f"POT: {log['warning']}")
    print(json.dumps({"w2": float(log["cost"]) ** 0.5, "seconds": seconds}))


def run(command, accepted=(0,)):
    """What a child prints, its wall and processor times in seconds and its peak resident set in MiB."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in accepted:
        sys.exit(f"{' '.join(command)}: exit code {child.returncode}")
    wall = time.perf_counter() - start
    return json.loads(text), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare(mckean, name, arguments, folder):
    paths = [os.path.join(folder, f"{name}-{side}.npy") for side in "ab"]
    size = [str(arguments.n), str(arguments.d)]
    subprocess.run([sys.executable, __file__, "--write", *paths, name, *size], check=True)
    seconds = {"mckean": [], "POT": []}
    memory = {"mckean": [], "POT": []}
    w2 = {}
    for _ in range(arguments.repeat):
        result, wall, _, peak = run([mckean, "w2", *paths, "--method", "exact", "--json"])
        w2["mckean"] = result.get("upper", result.get("w2"))
        seconds["mckean"].append(wall)
        memory["mckean"].append(peak)
        result, _, _, peak = run([sys.executable, __file__, "--pot", *paths])
        w2["POT"] = result["w2"]
        seconds["POT"].append(result["seconds"])
        memory["POT"].append(peak)
    print(f"gaussian to {name}, {arguments.n} x {arguments.n}, d = {arguments.d}, median of {arguments.repeat}:")
    for side in seconds:
        print(f"  {side:6} {statistics.median(seconds[side]):9.3f} s {max(memory[side]):9.0f} MiB  W2 {w2[side]:.12g}")
    ratio = statistics.median(seconds["POT"]) / statistics.median(seconds["mckean"])
    share = max(memory["mckean"]) / max(memory["POT"])
    difference = abs(w2["mckean"] - w2["POT"]) / w2["POT"]
    print(f"  POT/mckean {ratio:.2f} of the median times, mckean/POT {share:.4f} of the memory")
    print(f"  relative difference of W2 {difference:.1e}", flush=True)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--pot":
        solve_with_pot(sys.argv[2], sys.argv[3])
        return
    if len(sys.argv) == 7 and sys.argv[1] == "--write":
        write_clouds(*sys.argv[2:5], *map(int, sys.argv[5:]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mckean", help="path of the program")
    parser.add_argument("--n", type=int, default=10000)
    parser.add_argument("--d", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    mckean = os.path.abspath(arguments.mckean)
    with tempfile.TemporaryDirectory() as folder:
        compare(mckean, "gaussian", arguments, folder)
        compare(mckean, "mixture", arguments, folder)


if __name__ == "__main__":
    main()
