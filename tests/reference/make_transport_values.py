#!/usr/bin/env python3
"""Writes tests/reference/transport_values.hpp, squared W2 distances by POT or SciPy:

    python3 make_transport_values.py > transport_values.hpp      the header, for clang-format
    python3 make_transport_values.py --check                     compares the header beside this file

Every weight is a whole number of 1/TOTAL, so that SciPy can solve the same problem as an assignment of units. --check
uses whatever of the two is there; exit code 77 where neither can be imported.
"""
import pathlib
import re
import sys

SKIPPED = 77
TOTAL = 360  # units of mass of a cloud: a multiple of the size of every uniform one
MASK = (1 << 64) - 1

# name, cost, kind of the clouds, sources, sinks, d, whether weighted
INSTANCES = [
    ("line", "euclidean", "box", 60, 45, 1, True),
    ("plane", "euclidean", "box", 60, 60, 2, False),
    ("plane, weights", "euclidean", "box", 50, 70, 2, True),
    ("space", "euclidean", "box", 72, 40, 3, False),
    ("space, weights", "euclidean", "box", 80, 65, 3, True),
    ("d = 10", "euclidean", "box", 60, 60, 10, False),
    ("d = 10, weights", "euclidean", "box", 33, 90, 10, True),
    ("duplicates", "euclidean", "duplicates", 60, 60, 2, False),
    ("duplicates, weights", "euclidean", "duplicates", 61, 44, 3, True),
    ("lattice", "euclidean", "lattice", 90, 60, 2, False),
    ("lattice, weights", "euclidean", "lattice", 70, 80, 3, True),
    ("collinear", "euclidean", "collinear", 72, 60, 3, False),
    ("collinear, weights", "euclidean", "collinear", 47, 59, 10, True),
    ("circle, chords", "euclidean", "sphere", 60, 72, 2, False),
    ("circle", "geodesic", "sphere", 60, 72, 2, False),
    ("circle, weights", "geodesic", "sphere", 75, 50, 2, True),
    ("sphere", "geodesic", "sphere", 72, 45, 3, False),
    ("sphere, weights", "geodesic", "sphere", 55, 66, 3, True),
    ("sphere of R^10", "geodesic", "sphere", 60, 60, 10, True),
    ("one source", "euclidean", "box", 1, 40, 3, True),
    ("one sink", "geodesic", "sphere", 40, 1, 3, True),
]


class Generator:
    """The generator of tests/reference/transport_instance.hpp."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        """A whole number below `bound`, from the upper half of the state."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 32) * bound >> 32

    def coordinate(self):
        """A multiple of 2^-20 in [-1, 1)."""
        return (self.below(1 << 21) - (1 << 20)) * 2.0**-20


def make_points(kind, n, d, generator):
    rows = []
    for i in range(n):
        if kind == "lattice":
            row = [float(generator.below(4)) for _ in range(d)]
        elif kind == "collinear":
            place = generator.coordinate()
            row = [place * (k + 1) for k in range(d)]
        else:
            row = [generator.coordinate() for _ in range(d)]
        if kind == "duplicates" and i % 3 != 0:
            row = rows[-1]
        if kind == "sphere":
            square = 0.0
            for x in row:
                square += x * x
            row = [x / square**0.5 for x in row]
        rows.append(row)
    return rows


def make_units(n, weighted, generator):
    if not weighted:
        return [TOTAL // n] * n
    units = [1] * n
    for _ in range(TOTAL - n):
        units[generator.below(n)] += 1
    return units


def make_instance(index):
    _, _, kind, n, m, d, weighted = INSTANCES[index]
    generator = Generator(index + 1)
    a, b = make_points(kind, n, d, generator), make_points(kind, m, d, generator)
    return a, b, make_units(n, weighted, generator), make_units(m, weighted, generator)


def make_costs(np, a, b, geodesic):
    minus = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    if not geodesic:
        return minus
    plus = ((a[:, None] + b[None]) ** 2).sum(axis=2)
    return 4 * np.arctan2(np.sqrt(minus), np.sqrt(plus)) ** 2


def solve(index, oracle):
    import numpy as np

    a, b, units_a, units_b = make_instance(index)
    costs = make_costs(np, np.array(a), np.array(b), INSTANCES[index][1] == "geodesic")
    if oracle == "POT":
        import ot

        mass_a, mass_b = np.array(units_a) / TOTAL, np.array(units_b) / TOTAL
        return float(ot.emd2(mass_a, mass_b, costs, numItermax=10**9))
    from scipy.optimize import linear_sum_assignment

    large = np.repeat(np.repeat(costs, units_a, axis=0), units_b, axis=1)
    rows, columns = linear_sum_assignment(large)
    return float(large[rows, columns].sum()) / TOTAL


def oracles():
    found = []
    for name, modules in (("POT", ["numpy", "ot"]), ("SciPy", ["numpy", "scipy.optimize"])):
        try:
            for module in modules:
                __import__(module)
            found.append(name)
        except ImportError:
            pass
    return found


def write(oracle):
    print("// Squared distances by POT or SciPy; written by make_transport_values.py.")
    print("#pragma once\n")
    print('#include "reference/transport_instance.hpp"\n')
    print("namespace mckean::reference {\n")
    print("inline constexpr StoredTransport transport_values[] = {")
    for index, (name, cost, kind, n, m, d, weighted) in enumerate(INSTANCES):
        print(
            f'    {{"{name}", GroundCost::{cost}, CloudKind::{kind}, {n}, {m}, {d}, '
            f"{str(weighted).lower()}, {solve(index, oracle)!r}}},"
        )
    print("};\n")
    print("}  // namespace mckean::reference")


def check(found):
    text = pathlib.Path(__file__).with_name("transport_values.hpp").read_text()
    entry = re.compile(
        r'\{"([^"]*)",\s*GroundCost::(\w+),\s*CloudKind::(\w+),\s*(\d+),\s*(\d+),\s*(\d+),\s*(\w+),\s*([^}]+)\}'
    )
    stored = [
        (name, cost, kind, int(n), int(m), int(d), weighted == "true", float(value))
        for name, cost, kind, n, m, d, weighted, value in entry.findall(text)
    ]
    if [row[:-1] for row in stored] != INSTANCES:
        print("transport_values.hpp holds other instances than this script")
        return 1
    failures = 0
    for oracle in found:
        for index, row in enumerate(stored):
            value = solve(index, oracle)
            if not abs(value - row[-1]) <= 1e-12 * value:
                print(f"{row[0]}: stored {row[-1]!r}, {oracle} finds {value!r}")
                failures += 1
        print(f"{oracle}: {len(stored)} values compared")
    return 1 if failures else 0


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    found = oracles()
    if not found:
        print("skipped: neither POT nor SciPy can be imported")
        return SKIPPED
    if sys.argv[1:]:
        return check(found)
    write(found[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
