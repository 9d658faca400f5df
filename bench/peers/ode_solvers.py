#!/usr/bin/env python3
"""What SciPy's integrators need for J(t) within 1%, beside the program's own methods:
ode_solvers.py WORK_PRECISION [--points FILE] [--only TEXT] [--accuracy 0.01] [--limit 60].

WORK_PRECISION is the program bench_work_precision, which writes the problems (--write) that it measures itself; FILE is what
its --points wrote. RK45, BDF, Radau and LSODA of scipy.integrate.solve_ivp run at rtol = 1e-1, 3e-2, 1e-2 and so on,
atol = rtol/100, and that of fewest evaluations is printed which is within the accuracy as the next tighter one is, or has
not been tried by when the method's --limit seconds are over: the rule of work_precision. An evaluation is one velocity of all
particles; those for Jacobians by differences are counted, and told apart for BDF and Radau. The reference is that of
FILE, rk4 in fp64; without FILE it is RK45 at rtol 1e-9 (1e-7 where the velocity jumps), given ten times the limit.
On the circle the unknowns are the angles of the particles, which move as (1/m) sum_k (pi - |D|) sin(D)/(4 pi) for
D = theta_j - theta_k in (-pi, pi]. Needs NumPy and SciPy.
"""
import argparse
import csv
import os
import subprocess
import tempfile
import time

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import erf, expit

METHODS = ("RK45", "BDF", "Radau", "LSODA")
OWN_METHODS = ("auto", "rkc", "dopri5")
TOLERANCES = [factor * 10.0**-power for power in range(1, 11) for factor in (1, 0.3)][:-1]
# J(0) as the program has it; on the circle it is a difference of terms 1/pi^2.
AGREEMENT = 1e-12


class TooLong(Exception):
    pass


ACTIVATIONS = {
    "tanh": (np.tanh, lambda value, z: 1 - value**2),
    "sigmoid": (expit, lambda value, z: value * (1 - value)),
    "erf": (lambda z: erf(z / 2**0.5), lambda value, z: (2 / np.pi) ** 0.5 * np.exp(-z * z / 2)),
    "relu": (lambda z: np.maximum(z, 0), lambda value, z: (z > 0).astype(float)),
    "abs": (np.abs, lambda value, z: np.where(z > 0, 1.0, -1.0)),
}


class Problem:
    """A flow of a and b on samples."""

    def __init__(self, name, header, values):
        activation, scaling, penalty, t_end, n, m, d, objective = header
        self.name = name
        self.sigma, self.slope = ACTIVATIONS[activation]
        self.n, self.m, self.d = int(n), int(m), int(d)
        self.penalty, self.t_end = float(penalty), float(t_end)
        self.kinked = activation in ("relu", "abs") or self.penalty > 0
        self.scale = [1 / self.m, 1, self.m**-0.5][int(scaling)]
        self.rate = [1, 1, self.m**-0.5][int(scaling)]
        self.x, self.y = values[0].reshape(self.n, self.d), values[1]
        self.start = values[2]
        self.initial_objective = float(objective)

    def split(self, w):
        return w[: self.m], w[self.m :].reshape(self.d, self.m)

    def objective(self, w):
        a, b = self.split(w)
        error = self.scale * self.sigma(self.x @ b) @ a - self.y
        return error @ error / self.n / 2 + self.penalty * self.scale * np.abs(a) @ np.linalg.norm(b, axis=0)

    def velocity(self, w):
        a, b = self.split(w)
        z = self.x @ b
        value = self.sigma(z)
        error = (self.scale * value @ a - self.y) / self.n
        va = error @ value
        vb = a * (self.x.T @ (error[:, None] * self.slope(value, z)))
        if self.penalty:
            norm = np.linalg.norm(b, axis=0)
            va = va + self.penalty * np.sign(a) * norm
            vb = vb + self.penalty * np.abs(a) * b / np.where(norm > 0, norm, 1)
        return -self.rate * np.concatenate([va, vb.ravel()])


class Circle:
    """The closed form on the circle in angles. E over x of relu(b . x) relu(b' . x) is
    (sin D + (pi - D) cos D)/(4 pi) at an angle D in [0, pi], and 1/pi^2 on average over b'."""

    kinked = False

    def __init__(self, name, header, values):
        _, _, _, t_end, _, m, _, objective = header
        self.name, self.m, self.t_end, self.initial_objective = name, int(m), float(t_end), float(objective)
        a, b = values[-1][: self.m], values[-1][self.m :].reshape(2, self.m)
        assert np.all(a == 1)
        self.start = np.arctan2(b[1], b[0])

    def half_turns(self, theta):
        """The angles in order; of those less than pi behind and ahead of each the sums of cos, sin, phi cos and phi sin."""
        order = np.argsort(np.mod(theta, 2 * np.pi), kind="stable")
        angle = np.mod(theta, 2 * np.pi)[order]
        phi = np.concatenate([angle - 2 * np.pi, angle, angle + 2 * np.pi])
        sums = np.zeros((4, len(phi) + 1))
        np.cumsum([np.cos(phi), np.sin(phi), phi * np.cos(phi), phi * np.sin(phi)], axis=1, out=sums[:, 1:])
        here = np.arange(self.m, 2 * self.m)
        behind = sums[:, here] - sums[:, np.searchsorted(phi, angle - np.pi)]
        ahead = sums[:, np.searchsorted(phi, angle + np.pi)] - sums[:, here + 1]
        return order, angle, behind, ahead

    def objective(self, theta):
        _, angle, (c, s, phi_c, phi_s), _ = self.half_turns(theta)
        cosine, sine = np.cos(angle), np.sin(angle)
        pairs = np.sum(sine * c - cosine * s + (np.pi - angle) * (cosine * c + sine * s) + cosine * phi_c + sine * phi_s)
        return ((self.m * np.pi + 2 * pairs) / (4 * np.pi * self.m**2) - 1 / np.pi**2) / 2

    def velocity(self, theta):
        order, angle, (c, s, phi_c, phi_s), (ahead_c, ahead_s, ahead_phi_c, ahead_phi_s) = self.half_turns(theta)
        cosine, sine = np.cos(angle), np.sin(angle)
        force = (np.pi - angle) * (sine * c - cosine * s) + sine * phi_c - cosine * phi_s
        force -= (np.pi + angle) * (cosine * ahead_s - sine * ahead_c) - (cosine * ahead_phi_s - sine * ahead_phi_c)
        result = np.empty(self.m)
        result[order] = force / (4 * np.pi * self.m)
        return result


def read_problem(path):
    with open(path) as file:
        name = file.readline().strip()
        header = file.readline().split()
        values = [np.array(line.split(), dtype=float) for line in file]
    problem = (Circle if int(header[4]) == 0 else Problem)(name, header, values)
    found = problem.objective(problem.start)
    if abs(found - problem.initial_objective) > AGREEMENT * abs(problem.initial_objective):
        raise SystemExit(f"{name}: J(0) = {found!r} here and {problem.initial_objective!r} in the program")
    return problem


class Run:
    """One integration: J(t_end), evaluations, those of them for Jacobians, seconds. Raises TooLong at the deadline."""

    def __init__(self, problem, method, rtol, deadline):
        begin = time.monotonic()
        self.rtol, self.evaluations = rtol, 0

        def velocity(_, w):
            if time.monotonic() > deadline:
                raise TooLong
            self.evaluations += 1
            return problem.velocity(w)

        with np.errstate(all="ignore"):
            solution = solve_ivp(
                velocity, (0, problem.t_end), problem.start, method=method, rtol=rtol, atol=rtol / 100, t_eval=[problem.t_end]
            )
            self.objective = problem.objective(solution.y[:, -1]) if solution.success else np.nan
        self.for_jacobians = self.evaluations - solution.nfev
        self.seconds = time.monotonic() - begin


def own_reference(problem, limit):
    rtol = 1e-7 if problem.kinked else 1e-9
    try:
        return Run(problem, "RK45", rtol, time.monotonic() + 10 * limit).objective
    except TooLong:
        return None


def cheapest(problem, method, exact, accuracy, limit):
    """Of the runs within the accuracy whose successor is so, too, or takes too long, the one of fewest evaluations; None
    where there is none. Also what became of the others: the tolerance at which time was over, and how many failed."""
    deadline = time.monotonic() + limit
    held = best = None
    failed, notes = 0, []
    for rtol in TOLERANCES:
        try:
            run = Run(problem, method, rtol, deadline)
        except TooLong:
            notes.append(f"{limit:g} s over at {rtol:.0e}")
            break
        failed += np.isnan(run.objective)
        accurate = abs(run.objective / exact - 1) <= accuracy
        if accurate and held and (best is None or held.evaluations < best.evaluations):
            best = held
        held = run if accurate else None
        if best and run.evaluations > 2 * best.evaluations:
            break
    if failed:
        notes.append(f"failed at {failed} tolerances")
    return best or held, ", ".join(notes)


def read_points(path):
    """The references and the rows of the program's own methods, by problem."""
    references, rows = {}, {}
    if path:
        with open(path) as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["kind"] == "reference" and row["J"] != "nan":
                    references[row["problem"]] = float(row["J"])
                elif row["kind"] == "accuracy":
                    rows[row["problem"], row["method"]] = row
    return references, rows


def cell(text):
    return text.replace("|", "\\|")


def print_row(problem, method, rtol, evaluations, jacobians, seconds, note):
    print(f"| {cell(problem.name)} | {method} | {rtol} | {evaluations} | {jacobians} | {seconds} | {note} |", flush=True)


def compare(problem, exact, own, arguments):
    """Prints a row for each method; the cells of the last table."""
    cells = []
    for method in OWN_METHODS:
        row = own.get((problem.name, method))
        if row:
            print_row(problem, method, f"{float(row['parameter']):.0e}", row["evaluations"], "", row["seconds"], "")
        cells.append(row["evaluations"] if row else "none" if own else "")
    for method in METHODS:
        run, note = cheapest(problem, method, exact, arguments.accuracy, arguments.limit)
        if run:
            jacobians = run.for_jacobians if method in ("BDF", "Radau") else ""
            print_row(problem, method, f"{run.rtol:.0e}", run.evaluations, jacobians, f"{run.seconds:.2g}", note)
        else:
            print_row(problem, method, "", "none", "", "", note)
        cells.append(str(run.evaluations) if run else "none")
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="path of bench_work_precision")
    parser.add_argument("--points", help="what bench_work_precision --points wrote")
    parser.add_argument("--only", default="", help="the problems whose name contains this")
    parser.add_argument("--accuracy", type=float, default=0.01)
    parser.add_argument("--limit", type=float, default=60, help="seconds for each problem and method")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.abspath(arguments.program), "--write", folder], check=True)
        problems = [read_problem(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]
    references, own = read_points(arguments.points)
    print("| problem | method | rtol | evaluations | for Jacobians | s | |\n|---|---|---|---|---|---|---|")
    lines = []
    for problem in problems:
        if arguments.only not in problem.name:
            continue
        exact = references.get(problem.name) or own_reference(problem, arguments.limit)
        if exact is None:
            print_row(problem, "RK45", "", "no reference in time", "", "", "")
            continue
        lines.append(" | ".join([cell(problem.name), *compare(problem, exact, own, arguments)]))
    print("\n| problem | " + " | ".join(OWN_METHODS + METHODS) + " |\n|" + "---|" * (1 + len(OWN_METHODS + METHODS)))
    for line in lines:
        print(f"| {line} |")


if __name__ == "__main__":
    main()
