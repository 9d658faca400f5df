#!/usr/bin/env python3
"""Gradient descent on two-layer networks by PyTorch: the numbers of sgd_values.hpp.

Full-batch torch.optim.SGD on MSELoss in double, for f(x) = s sum_j a_j sigma(b_j . x) with s = 1
(standard), 1/sqrt(m) (ntk) and 1/m (mean_field). Without arguments writes sgd_values.hpp beside this
file; --check compares with what is there, and exits 77 without PyTorch.
"""

import pathlib
import sys

try:
    import torch
except ImportError:
    print("skipped: this Python has no torch")
    sys.exit(77)

PARTICLES, DIMENSION, SAMPLES, STEPS = 6, 3, 10, 200
RATES = {"standard": 0.05, "ntk": 0.1, "mean_field": 0.5}
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


def train(a, b, x, y, activation, scaling):
    m = len(a)
    scale = {"standard": 1.0, "ntk": m**-0.5, "mean_field": 1.0 / m}[scaling]
    a = torch.nn.Parameter(a.clone())
    b = torch.nn.Parameter(b.clone())
    optimizer = torch.optim.SGD([a, b], lr=RATES[scaling])
    loss = torch.nn.MSELoss()
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(scale * ACTIVATIONS[activation](x @ b.T) @ a, y).backward()
        optimizer.step()
    return planes(a.detach(), b.detach())


def planes(a, b):
    """a, then each component of b, like Particles."""
    return [float(v) for v in a] + [float(v) for v in b.T.reshape(-1)]


def values():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    options = {"dtype": torch.float64}
    a = torch.randn(PARTICLES, **options)
    b = torch.randn(PARTICLES, DIMENSION, **options)
    x = torch.randn(SAMPLES, DIMENSION, **options)
    y = torch.sin(x[:, 0] + 2 * x[:, 1])
    table = {"start": planes(a, b), "x": [float(v) for v in x.reshape(-1)], "y": [float(v) for v in y]}
    for activation in ACTIVATIONS:
        for scaling in RATES:
            table[f"{activation}_{scaling}"] = train(a, b, x, y, activation, scaling)
    return table


def header(table):
    lines = [
        "// Written by make_sgd_values.py: full-batch torch.optim.SGD on MSELoss, 200 steps in double.",
        "#pragma once",
        "",
        "#include <vector>",
        "",
        "namespace mckean::reference::sgd {",
        "",
        f"inline constexpr int particles = {PARTICLES}, dimension = {DIMENSION}, steps = {STEPS};",
    ]
    lines += [f"inline constexpr double {name}_rate = {rate!r};" for name, rate in RATES.items()]
    for name, numbers in table.items():
        text = ", ".join(repr(v) for v in numbers)
        rows = [""]
        for word in text.split(" "):
            if len(rows[-1]) + len(word) > 92:
                rows.append("")
            rows[-1] += (" " if rows[-1] else "") + word
        lines += [f"inline const std::vector<double> {name}{{"] + ["    " + r for r in rows]
        lines[-1] += "};"
    return "\n".join(lines + ["", "}  // namespace mckean::reference::sgd", ""])


def main():
    target = pathlib.Path(__file__).with_name("sgd_values.hpp")
    text = header(values())
    if "--check" not in sys.argv:
        target.write_text(text)
        return 0
    # Sums of other versions of PyTorch may round otherwise.
    numbers = [[float(w) for w in t.replace("{", " ").replace("}", " ").replace(",", " ").replace(";", " ").split()
                if w[0] in "-0123456789"] for t in (text, target.read_text())]
    same = len(numbers[0]) == len(numbers[1]) and all(
        abs(p - q) <= 1e-12 * (1 + abs(q)) for p, q in zip(*numbers))
    print("sgd_values.hpp agrees with torch" if same else "sgd_values.hpp differs from torch")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
