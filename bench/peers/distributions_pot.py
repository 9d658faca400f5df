#!/usr/bin/env python3
"""The exact solver against POT's network simplex on 28 pairs of clouds, interleaved:
distributions_pot.py MCKEAN [--before MCKEAN] [--scale 1] [--repeat 3] [--only NAME ...].

21 pairs of 4000 points each (times --scale), 6 with fewer on one side, where sources split, and 4000 points to 50. One
thread each; that POT's libraries have one is read from threadpoolctl. POT's time is that of the cost matrix (ot.dist, which
a user needs for ot.emd) and of ot.emd without the imports; the program's is that of the whole process. Medians of wall and
of processor times: on a shared machine the latter vary less. A ratio above 1 says that the program is the faster one.
`before` is the processor time of another build. Needs NumPy, POT and threadpoolctl (pip install numpy POT threadpoolctl).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import exact_pot
import numpy as np


def clusters(rng, n, d, count, width):
    centres = np.random.default_rng(5).uniform(-1, 1, (count, d))
    return centres[rng.choice(count, n, p=rng.dirichlet(np.ones(count)))] + width * rng.standard_normal((n, d))


def cauchy(rng, n, d):
    return rng.standard_normal((n, d)) / np.abs(rng.standard_normal((n, 1)))


def circle(rng, n):
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def lattice(rng, n, side, d):
    return rng.integers(0, side, (n, d)) + 0.0


def line(rng, n):
    return np.outer(rng.uniform(-1, 1, n), [1.0, 2.0])


def repeated(rng, n, d, distinct):
    """All but `distinct` points at one place."""
    points = rng.standard_normal((n, d))
    points[distinct:] = points[0]
    return rng.permutation(points)


def decades(rng, n, most):
    weights = 10 ** rng.uniform(-most, 0, n)
    return weights / weights.sum()


def exponential_weights(rng, n):
    weights = rng.exponential(size=n)
    return weights / weights.sum()


# name: (points of a, points of b, a of (rng, n), b of (rng, n), weights of both or None)
def distributions():
    def normal(d, shift=0.0):
        return lambda rng, n: rng.standard_normal((n, d)) + shift

    def cube(d):
        return lambda rng, n: rng.uniform(size=(n, d))

    return {
        "uniform-2d": (4000, 4000, cube(2), cube(2), None),
        "uniform-3d": (4000, 4000, cube(3), cube(3), None),
        "gaussian-2d": (4000, 4000, normal(2), normal(2), None),
        "gaussian-10d": (4000, 4000, normal(10), normal(10), None),
        "gaussian-moved": (4000, 4000, normal(3), normal(3, 2.0), None),
        "gaussian-moved-unequal": (4000, 3000, normal(3), normal(3, 2.0), None),
        "gaussian-50d": (4000, 4000, normal(50), lambda rng, n: 1.2 * rng.standard_normal((n, 50)), None),
        "gaussian-50d-unequal": (3200, 4000, normal(50), lambda rng, n: 1.2 * rng.standard_normal((n, 50)), None),
        "clusters": (4000, 4000, lambda rng, n: clusters(rng, n, 3, 20, 1e-2), lambda rng, n: clusters(rng, n, 3, 20, 1e-2), None),
        "clusters-uniform": (4000, 4000, lambda rng, n: clusters(rng, n, 2, 8, 1e-3), lambda rng, n: rng.uniform(-1, 1, (n, 2)), None),
        "clusters-uniform-unequal": (4000, 3500, lambda rng, n: clusters(rng, n, 2, 8, 1e-3), lambda rng, n: rng.uniform(-1, 1, (n, 2)), None),
        "lognormal-1": (4000, 4000, lambda rng, n: rng.lognormal(0, 1, (n, 3)), lambda rng, n: rng.lognormal(0, 1, (n, 3)), None),
        "lognormal-3": (4000, 4000, lambda rng, n: rng.lognormal(0, 3, (n, 2)), lambda rng, n: rng.lognormal(0, 3, (n, 2)), None),
        "lognormal-3-5d": (4000, 4000, lambda rng, n: rng.lognormal(0, 3, (n, 5)), lambda rng, n: rng.lognormal(0, 3, (n, 5)), None),
        "lognormal-3-few": (4000, 50, lambda rng, n: rng.lognormal(0, 3, (n, 3)), lambda rng, n: rng.lognormal(0, 3, (n, 3)), None),
        "cauchy-2d": (4000, 4000, lambda rng, n: cauchy(rng, n, 2), lambda rng, n: cauchy(rng, n, 2), None),
        "cauchy-2d-unequal": (3300, 4000, lambda rng, n: cauchy(rng, n, 2), lambda rng, n: cauchy(rng, n, 2), None),
        "student-2": (4000, 4000, lambda rng, n: rng.standard_t(2, (n, 4)), lambda rng, n: rng.standard_t(2, (n, 4)), None),
        "lattice": (4000, 4000, lambda rng, n: lattice(rng, n, 200, 2), lambda rng, n: lattice(rng, n, 200, 2), None),
        "lattice-3d-small": (4000, 4000, lambda rng, n: lattice(rng, n, 8, 3), lambda rng, n: lattice(rng, n, 8, 3), None),
        "line-in-plane": (4000, 4000, line, line, None),
        "circle-tiny-cluster": (4000, 4000, lambda rng, n: 1e-3 * rng.standard_normal((n, 2)), circle, None),
        "circle-circle": (4000, 4000, circle, circle, None),
        "circle-circle-unequal": (4000, 3000, circle, circle, None),
        "repeated": (4000, 4000, lambda rng, n: repeated(rng, n, 20, n // 100), normal(20), None),
        "weights-decades": (4000, 4000, normal(3), normal(3), lambda rng, n: decades(rng, n, 12)),
        "weights-exponential": (4000, 4000, normal(3), normal(3), exponential_weights),
        "weights-exponential-unequal": (4000, 3300, normal(3), normal(3), exponential_weights),
    }


def write_clouds(folder, name, scale):
    a, b, of_a, of_b, weights = distributions()[name]
    for side, (count, draw) in enumerate([(a, of_a), (b, of_b)]):
        rng = np.random.default_rng([side, *map(ord, name)])
        n = max(1, round(count * scale))
        np.save(os.path.join(folder, f"points-{side}.npy"), draw(rng, n))
        mass = weights(rng, n) if weights else np.full(n, 1 / n)
        np.save(os.path.join(folder, f"weights-{side}.npy"), mass / mass.sum())


def solve_with_pot(folder):
    import ot
    import threadpoolctl

    if any(pool["num_threads"] != 1 for pool in threadpoolctl.threadpool_info()):
        sys.exit("POT: more than one thread")
    points = [np.load(os.path.join(folder, f"points-{side}.npy")) for side in range(2)]
    weights = [np.load(os.path.join(folder, f"weights-{side}.npy")) for side in range(2)]
    start, processor = time.perf_counter(), time.process_time()
    cost = ot.dist(*points, metric="sqeuclidean")
    plan, log = ot.emd(*weights, cost, numItermax=10**12, log=True, numThreads=1)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    if log["warning"]:
        sys.exit(f"POT: {log['warning']}")
    print(json.dumps({"w2": float(log["cost"]) ** 0.5, "seconds": seconds, "processor": processor}))


def solve_with_mckean(mckean, folder):
    command = [mckean, "w2", "--method", "exact", "--threads", "1", "--json"]
    command += [os.path.join(folder, f"points-{side}.npy") for side in range(2)]
    for side, flag in enumerate(["--weights-a", "--weights-b"]):
        command += [flag, os.path.join(folder, f"weights-{side}.npy")]
    result, wall, processor, _ = exact_pot.run(command, accepted=(0, 3))
    return result, (wall, processor)


def compare(mckean, name, arguments, folder):
    subprocess.run([sys.executable, __file__, "--write", folder, name, str(arguments.scale)], check=True)
    own, pot, before = [], [], []
    for _ in range(arguments.repeat):
        result, seconds = solve_with_mckean(mckean, folder)
        own.append(seconds)
        if arguments.before:
            before.append(solve_with_mckean(os.path.abspath(arguments.before), folder)[1][1])
        peer, _, _, _ = exact_pot.run([sys.executable, __file__, "--pot", folder])
        pot.append((peer["seconds"], peer["processor"]))
    own, pot = [[statistics.median(times) for times in zip(*side)] for side in (own, pot)]
    ratios = [theirs / ours for theirs, ours in zip(pot, own)]
    upper, lower = result["upper"], result["lower"]
    gap = (upper - lower) / upper if upper else 0
    difference = (upper - peer["w2"]) / peer["w2"] if peer["w2"] else 0
    print(
        f"| {name} | {own[0]:.3f} | {pot[0]:.3f} | {ratios[0]:.2f} | {own[1]:.3f} | {pot[1]:.3f} | {ratios[1]:.2f} "
        f"| {gap:.0e} | {difference:.0e} |" + (f" {statistics.median(before):.3f} |" if before else ""),
        flush=True,
    )
    return ratios


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "--write":
        write_clouds(sys.argv[2], sys.argv[3], float(sys.argv[4]))
        return
    if len(sys.argv) == 3 and sys.argv[1] == "--pot":
        solve_with_pot(sys.argv[2])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mckean", help="path of the program")
    parser.add_argument("--before", help="path of another build")
    parser.add_argument("--scale", type=float, default=1, help="of the numbers of points")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], help="names of pairs")
    arguments = parser.parse_args()
    mckean = os.path.abspath(arguments.mckean)
    for pool in ["OMP", "OPENBLAS", "MKL"]:
        os.environ[f"{pool}_NUM_THREADS"] = "1"
    names = arguments.only or list(distributions())
    print("| pair of clouds | mckean s | POT s | ratio | mckean cpu s | POT cpu s | ratio | gap | difference of W2 |" + (" before cpu s |" if arguments.before else ""))
    print("|---|---|---|---|---|---|---|---|---|" + ("---|" if arguments.before else ""))
    ratios = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            ratios[name] = compare(mckean, name, arguments, folder)
    for k, what in enumerate(["wall", "processor"]):
        worst = min(ratios, key=lambda name: ratios[name][k])
        print(f"least ratio of {what} times: {ratios[worst][k]:.2f} ({worst})")


if __name__ == "__main__":
    main()
