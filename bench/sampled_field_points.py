#!/usr/bin/env python3
"""What bench_sampled_field has measured, as a table of points for sampled_field.gp, and in tables on stdout:
sampled_field_points.py JSON POINTS.

An exponent is that of a power of the size alone, by least squares on the logarithms of the sizes that take 1 ms or more.
"""
import json
import math
import sys

COLUMNS = ("loops", "real", "grows", "m", "n", "d", "seconds", "pairs", "flop", "of_peak", "of_gemm")
SHORTEST = 1e-3


def read_points(report):
    """A dictionary of COLUMNS for each measured size of a family."""
    points = []
    for run in report["benchmarks"]:
        words = run["name"].split("/")
        if run.get("run_type") != "iteration" or len(words) < 6 or words[2] not in ("m", "n"):
            continue
        loops, real, grows, d, other, size = words[:6]
        if words[3][0] != "d" or "real_time" not in run:
            continue
        point = {"loops": loops, "real": real, "grows": grows, "d": int(d[1:]), grows: int(size), other[0]: int(other[1:])}
        unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[run["time_unit"]]
        point["seconds"] = run["real_time"] * unit
        for name in ("pairs", "flop", "of_peak", "of_gemm"):
            point[name] = run.get(name, math.nan)
        points.append(point)
    return points


def exponent(points, size):
    """None where fewer than two sizes say something."""
    known = [(math.log(p[size]), math.log(p["seconds"])) for p in points if p["seconds"] >= SHORTEST]
    if len(known) < 2:
        return None
    mean_x, mean_y = (sum(values) / len(known) for values in zip(*known))
    return sum((x - mean_x) * (y - mean_y) for x, y in known) / sum((x - mean_x) ** 2 for x, _ in known)


def percent(share):
    return "-" if math.isnan(share) else f"{100 * share:.0f} %"


def print_tables(report, points):
    context = report["context"]
    names = ("back_end", "fma_peak_gflops_float", "fma_peak_gflops_double", "gemm")
    print("; ".join(f"{name}: {context[name]}" for name in names))
    print("\n| loops | real | d | exponent in m | exponent in n | at m | and n | s | pairs/s | Gflop/s | of peak | of gemm |")
    print("|" + "---|" * 12)
    families = {}
    for point in points:
        families.setdefault((point["loops"], point["real"], point["d"]), []).append(point)
    for (loops, real, d), family in families.items():
        exponents = [exponent([p for p in family if p["grows"] == size], size) for size in "mn"]
        cells = ["-" if e is None else f"{e:.2f}" for e in exponents]
        largest = max(family, key=lambda p: p["m"] * p["n"])
        rate = "-" if math.isnan(largest["flop"]) else f"{largest['flop'] / 1e9:.0f}"
        cells += [f"{largest['m']:.0e}", f"{largest['n']:.0e}", f"{largest['seconds']:.3g}", f"{largest['pairs']:.2e}", rate]
        cells += [percent(largest["of_peak"]), percent(largest["of_gemm"])]
        print(f"| {loops} | {real} | {d} | " + " | ".join(cells) + " |")


def main():
    if len(sys.argv) != 3:
        sys.exit("sampled_field_points.py JSON POINTS")
    with open(sys.argv[1]) as file:
        report = json.load(file)
    points = read_points(report)
    with open(sys.argv[2], "w") as file:
        print(*COLUMNS, sep="\t", file=file)
        for point in points:
            print(*(point[column] for column in COLUMNS), sep="\t", file=file)
    print_tables(report, points)


if __name__ == "__main__":
    main()
