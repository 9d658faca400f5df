#!/usr/bin/env python3
"""What SciPy's integrators need for J(t) within 1%: ode_solvers.py WORK_PRECISION [--accuracy 0.01].

WORK_PRECISION is the program bench_work_precision, which writes the problems (--write) that it measures itself. RK45, BDF
and Radau of scipy.integrate.solve_ivp run at rtol = 1e-1, 3e-2, 1e-2 and so on, atol = rtol/100, and the least number of
evaluations that is within the accuracy there and at the next smaller tolerance is printed. An evaluation is one velocity of
all particles. SciPy forms Jacobians by differences: nfev of BDF and Radau leaves these out, so that njev times the number
of unknowns is added. The reference is RK45 at rtol 1e-9, or LSODA at 1e-10 where RK45 takes too long; where the velocity jumps,
both at 1e-7. Needs NumPy and SciPy.
"""
import argparse
import os
import subprocess
import tempfile
import time

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import erf, expit

LIMIT_SECONDS = 60


class TooLong(Exception):
    pass


ACTIVATIONS = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (expit, lambda z: expit(z) * expit(-z)),
    "erf": (lambda z: erf(z / 2**0.5), lambda z: (2 / np.pi) ** 0.5 * np.exp(-z * z / 2)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "abs": (np.abs, lambda z: np.where(z > 0, 1.0, -1.0)),
}


class Problem:
    def __init__(self, path):
        with open(path) as file:
            self.name = file.readline().strip()
            activation, scaling, penalty, t_end, _, n, m, d = file.readline().split()
            values = [np.array(line.split(), dtype=float) for line in file]
        self.sigma, self.slope = ACTIVATIONS[activation]
        self.kinked = activation in ("relu", "abs") or float(penalty) > 0
        self.n, self.m, self.d = int(n), int(m), int(d)
        self.penalty, self.t_end = float(penalty), float(t_end)
        self.scale = [1 / self.m, 1, self.m**-0.5][int(scaling)]
        self.rate = [1, 1, self.m**-0.5][int(scaling)]
        self.x, self.y = values[0].reshape(self.n, self.d), values[1]
        self.start = values[2]
        self.deadline = np.inf

    def split(self, w):
        return w[: self.m], w[self.m :].reshape(self.d, self.m)

    def objective(self, w):
        a, b = self.split(w)
        error = self.scale * self.sigma(self.x @ b) @ a - self.y
        return error @ error / self.n / 2 + self.penalty * self.scale * np.abs(a) @ np.linalg.norm(b, axis=0)

    def velocity(self, _, w):
        if time.monotonic() > self.deadline:
            raise TooLong
        a, b = self.split(w)
        z = self.x @ b
        value = self.sigma(z)
        error = (self.scale * value @ a - self.y) / self.n
        va = error @ value
        vb = a * (self.x.T @ (error[:, None] * self.slope(z)))
        if self.penalty:
            norm = np.linalg.norm(b, axis=0)
            va = va + self.penalty * np.sign(a) * norm
            vb = vb + self.penalty * np.abs(a) * b / np.where(norm > 0, norm, 1)
        return -self.rate * np.concatenate([va, vb.ravel()])

    def solve(self, method, rtol):
        """J(t_end), evaluations and seconds; None where it takes too long or fails."""
        start = time.monotonic()
        self.deadline = start + LIMIT_SECONDS
        try:
            solution = solve_ivp(self.velocity, (0, self.t_end), self.start, method=method, rtol=rtol, atol=rtol / 100)
        except TooLong:
            return None
        if not solution.success:
            return None
        evaluations = solution.nfev + (solution.njev * len(self.start) if method in ("BDF", "Radau") else 0)
        return self.objective(solution.y[:, -1]), evaluations, time.monotonic() - start


def reference(problem):
    for method, rtol in (("RK45", 1e-7 if problem.kinked else 1e-9), ("LSODA", 1e-7 if problem.kinked else 1e-10), ("RK45", 1e-5)):
        result = problem.solve(method, rtol)
        if result:
            return result[0], f"{method} at {rtol:.0e}"
    return None


def cheapest(problem, method, exact, accuracy):
    """The first run within the accuracy whose successor is within it too."""
    held = None
    for rtol in (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6):
        result = problem.solve(method, rtol)
        if result is None:
            return held and held[:3] + (True,)
        objective, evaluations, seconds = result
        if abs(objective / exact - 1) > accuracy:
            held = None
        elif held:
            return held
        else:
            held = (rtol, evaluations, seconds, False)
    return held


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="path of bench_work_precision")
    parser.add_argument("--accuracy", type=float, default=0.01)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.abspath(arguments.program), "--write", folder], check=True)
        problems = [Problem(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]
    print("| problem | method | rtol | evaluations | s |\n|---|---|---|---|---|")
    for problem in problems:
        found = reference(problem)
        if found is None:
            print(f"| {problem.name} | none gives a reference within {LIMIT_SECONDS} s | | | |", flush=True)
            continue
        exact, origin = found
        for method in ("RK45", "BDF", "Radau"):
            best = cheapest(problem, method, exact, arguments.accuracy)
            cells = f"{best[0]:.0e} | {best[1]} | {best[2]:.2g}" if best else f"| none within {LIMIT_SECONDS} s |"
            print(f"| {problem.name}, J = {exact:.6g} ({origin}) | {method} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
