#!/usr/bin/env python3
"""One peer of velocity.py as a process of its own: velocity_peers.py PEER FOLDER PRECISION ACTIVATION THREADS.

FOLDER has w.npy (m x (1 + d)), x.npy (n x d) and y.npy (n). The first line of stdout is a JSON object: what the peer is, and
its variants, or under "skip" why it takes no part. Then each line "VARIANT COUNT CHUNK [FILE]" of stdin evaluates

    f_i = (1/m) sum_j a_j sigma(b_j . x_i),  e = f - y,  v_a = (1/n) sum_i e_i sigma(b_j . x_i),
    v_b = (1/n) sum_i e_i a_j sigma'(b_j . x_i) x_i

on the first n = COUNT samples, CHUNK of them at a time, once, and prints the seconds; FILE gets the velocity, m x (1 + d).
The first evaluation of a size also compiles. Arrays are in the peer's own layout beforehand, as they are in a flow.
"""
import concurrent.futures
import json
import math
import os
import sys
import time

import numpy as np


class Skipped(Exception):
    """Why a peer cannot take part."""


class Data:
    """The arrays in one precision: a (m), b as planes (d x m), x and y."""

    def __init__(self, folder, precision):
        w, self.x, self.y = (
            np.ascontiguousarray(np.load(os.path.join(folder, name + ".npy")), precision) for name in ("w", "x", "y")
        )
        self.y = self.y.ravel()
        self.a, self.b = w[:, 0].copy(), w[:, 1:].T.copy()
        self.d, self.m = self.b.shape
        self.type = np.dtype(precision)


def ranges(count, chunk):
    return [slice(begin, min(begin + chunk, count)) for begin in range(0, count, chunk)]


class NumPy:
    """In place where it can be. "blas" leaves threads to OpenBLAS, and all but products runs on one; "workers" has chunks on
    threads of its own, with one thread of OpenBLAS each."""

    variants = ("workers", "blas")

    def __init__(self, data, activation, threads):
        import scipy
        import threadpoolctl

        self.data, self.activation, self.threads = data, activation, threads
        self.limits = threadpoolctl.threadpool_limits
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)
        self.sizes = None
        self.about = {"version": f"NumPy {np.__version__}, SciPy {scipy.__version__}", "pools": pools()}

    def prepare(self, variant, count, chunk):
        if self.sizes != (variant, chunk):
            self.workers = self.threads if variant == "workers" else 1
            self.limits(limits=1 if variant == "workers" else self.threads, user_api="blas")
            shape = (chunk, self.data.m)
            self.buffers = [
                [np.empty(shape, self.data.type) for _ in range(2)] + [np.empty(shape, bool)] for _ in range(self.workers)
            ]
            self.sizes = (variant, chunk)

    def weigh(self, z, g, mask, weigh_values):
        """g = e sigma'(z) for e = weigh_values(sigma(z)); z is lost."""
        if self.activation == "relu":
            np.greater(z, 0, out=mask)
            e = weigh_values(np.maximum(z, 0, out=z))
            np.multiply(mask, e[:, None], out=g)
        elif self.activation == "tanh":
            e = weigh_values(np.tanh(z, out=z))
            np.multiply(z, z, out=g)
            np.subtract(1, g, out=g)
            np.multiply(g, e[:, None], out=g)
        else:
            from scipy.special import erf

            real = z.dtype.type
            np.multiply(z, real(0.5**0.5), out=g)
            if self.activation == "erf":
                e = weigh_values(erf(g, out=g))
                slope = real((2 / math.pi) ** 0.5)
                np.multiply(z, z, out=z)
            else:  # gelu: g = Phi(z)
                np.multiply(np.add(erf(g, out=g), 1, out=g), real(0.5), out=g)
                e = weigh_values(z * g)
            if self.activation == "erf":
                np.multiply(np.exp(np.multiply(z, real(-0.5), out=z), out=z), slope, out=g)
            else:
                bell = np.exp(z * z * real(-0.5))
                np.multiply(np.multiply(bell, z, out=bell), real((2 * math.pi) ** -0.5), out=bell)
                np.add(g, bell, out=g)
            np.multiply(g, e[:, None], out=g)

    def part(self, worker, parts, count):
        """The velocity of every so manyth chunk, without the factor a."""
        d = self.data
        va, vb = np.zeros(d.m, d.type), np.zeros((d.d, d.m), d.type)
        product = np.empty_like(vb)
        for part in parts[worker :: self.workers]:
            x = d.x[part]
            z, g, mask = (buffer[: len(x)] for buffer in self.buffers[worker])
            np.matmul(x, d.b, out=z)

            def weigh_values(s):
                e = (s @ d.a / d.type.type(d.m) - d.y[part]) / d.type.type(count)
                np.add(va, e @ s, out=va)
                return e

            self.weigh(z, g, mask, weigh_values)
            np.add(vb, np.matmul(x.T, g, out=product), out=vb)
        return va, vb

    def run(self, variant, count, chunk):
        parts = ranges(count, chunk)
        if self.workers == 1:
            found = [self.part(0, parts, count)]
        else:
            found = list(self.pool.map(lambda worker: self.part(worker, parts, count), range(self.workers)))
        va, vb = found[0]
        for more_a, more_b in found[1:]:
            va += more_a
            vb += more_b
        vb *= self.data.a
        return va, vb

    def velocity(self, result):
        return result


class Gemm(NumPy):
    """No velocity: z = x b' by OpenBLAS, on its threads for CHUNK samples and all particles, or in tiles of CHUNK samples, by
    CHUNK, 4 CHUNK or 16 CHUNK particles, on threads of our own. Each thread writes the same memory again."""

    variants = ("blas", "tiles", "tiles4", "tiles16")

    def prepare(self, variant, count, chunk):
        if self.sizes == (variant, count, chunk):
            return
        d = self.data
        width = d.m if variant == "blas" else min(d.m, chunk * int(variant[5:] or 1))
        self.workers = 1 if variant == "blas" else self.threads
        self.limits(limits=1 if self.workers > 1 else self.threads, user_api="blas")
        self.tiles = [(rows, columns) for columns in ranges(d.m, width) for rows in ranges(count, chunk)]
        self.buffers = [np.empty(chunk * width, d.type) for _ in range(self.workers)]
        self.sizes = (variant, count, chunk)

    def multiply(self, worker):
        d = self.data
        share = -(-len(self.tiles) // self.workers)
        for rows, columns in self.tiles[worker * share : (worker + 1) * share]:
            shape = (rows.stop - rows.start, columns.stop - columns.start)
            out = self.buffers[worker][: shape[0] * shape[1]].reshape(shape)
            np.matmul(d.x[rows], d.b[:, columns], out=out)

    def run(self, variant, count, chunk):
        if self.workers == 1:
            self.multiply(0)
        else:
            list(self.pool.map(self.multiply, range(self.workers)))


def torch_activation(name):
    """(sigma, sigma') of z."""
    import torch

    def gelu(z):
        distribution = 0.5 * (1 + torch.erf(z * 0.5**0.5))
        return z * distribution, distribution + z * torch.exp(-0.5 * z * z) * (2 * math.pi) ** -0.5

    def tanh(z):
        t = torch.tanh(z)
        return t, 1 - t * t

    return {
        "relu": lambda z: (torch.relu(z), (z > 0).to(z.dtype)),
        "tanh": tanh,
        "erf": lambda z: (torch.erf(z * 0.5**0.5), torch.exp(-0.5 * z * z) * (2 / math.pi) ** 0.5),
        "gelu": gelu,
    }[name]


class Torch:
    """Without autograd: "eager" is in place where it can be for relu and tanh. "autograd" is what backward() of the loss
    makes of a chunk."""

    variants = ("eager", "autograd")

    def __init__(self, data, activation, threads):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.activation = torch, activation
        self.a, self.b, self.x, self.y = (torch.from_numpy(array) for array in (data.a, data.b, data.x, data.y))
        self.m = data.m
        self.pair = torch_activation(activation)
        self.about = {
            "version": f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}",
            "pools": pools(),
        }

    def prepare(self, variant, count, chunk):
        pass

    def step(self, x, y, count):
        """e, va and e sigma' of a chunk, by whatever runs fastest."""
        torch = self.torch
        z = x @ self.b
        if self.activation == "relu":
            z.relu_()
        elif self.activation == "tanh":
            z.tanh_()
        else:
            s, g = self.pair(z)
            e = ((s @ self.a) / self.m - y) / count
            return e, e @ s, g.mul_(e[:, None])
        e = ((z @ self.a) / self.m - y) / count
        va = e @ z
        if self.activation == "relu":
            return e, va, z.sign_().mul_(e[:, None])
        return e, va, z.square_().neg_().add_(1).mul_(e[:, None])

    def by_autograd(self, part, count, va, vb):
        a, b = self.a.detach().requires_grad_(), self.b.detach().requires_grad_()
        f = self.pair(self.x[part] @ b)[0] @ a / self.m
        loss = ((f - self.y[part]) ** 2).sum() * (self.m / 2 / count)
        loss.backward()
        va += a.grad
        vb += b.grad
        return loss.detach() * (2 / self.m)

    def run(self, variant, count, chunk):
        """va, vb and the mean of (f - y)^2."""
        torch = self.torch
        va, vb, risk = torch.zeros_like(self.a), torch.zeros_like(self.b), torch.zeros((), dtype=self.a.dtype)
        if variant == "autograd":
            for part in ranges(count, chunk):
                risk += self.by_autograd(part, count, va, vb)
            return va, vb, risk
        with torch.no_grad():
            for part in ranges(count, chunk):
                x = self.x[part]
                e, part_a, g = self.step(x, self.y[part], count)
                risk += e @ e
                va += part_a
                vb.addmm_(x.T, g)
            vb *= self.a
        return va, vb, risk * count

    def velocity(self, result):
        return result[0].numpy(), result[1].numpy()


class CompiledTorch(Torch):
    """torch.compile of the step of a chunk, for any number of samples in it."""

    variants = ("compiled",)

    def __init__(self, data, activation, threads):
        super().__init__(data, activation, threads)

        def step(x, y, a, b, count):
            s, g = self.pair(x @ b)
            e = ((s * a).sum(1) / self.m - y) / count
            return e, (e[:, None] * s).sum(0), e[:, None] * g

        compiled = self.torch.compile(step, fullgraph=True)

        def call(x, y, count):
            for array in (x, y):
                self.torch._dynamo.maybe_mark_dynamic(array, 0)
            return compiled(x, y, self.a, self.b, self.torch.tensor(float(count), dtype=x.dtype))

        self.step = call


class Jax:
    """jit of the step of a chunk in a loop of Python's ("loop"), or of all chunks in lax.scan ("scan")."""

    variants = ("loop", "scan")

    def __init__(self, data, activation, threads):
        import jax

        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_platforms", "cpu")
        import jax.numpy as jnp
        from jax.scipy.special import erf

        def gelu(z):
            distribution = 0.5 * (1 + erf(z * 0.5**0.5))
            return z * distribution, distribution + z * jnp.exp(-0.5 * z * z) * (2 * math.pi) ** -0.5

        def tanh(z):
            t = jnp.tanh(z)
            return t, 1 - t * t

        sigma = {
            "relu": lambda z: (jnp.maximum(z, 0), (z > 0).astype(z.dtype)),
            "tanh": tanh,
            "erf": lambda z: (erf(z * 0.5**0.5), jnp.exp(-0.5 * z * z) * (2 / math.pi) ** 0.5),
            "gelu": gelu,
        }[activation]
        m = data.m

        def step(sums, x, y, a, b, count):
            s, g = sigma(x @ b)
            e = (s @ a / m - y) / count
            return sums[0] + e @ s, sums[1] + x.T @ (e[:, None] * g)

        def scan(xs, ys, rest, a, b, count):
            sums = (jnp.zeros_like(a), jnp.zeros_like(b))
            sums, _ = jax.lax.scan(lambda s, xy: (step(s, *xy, a, b, count), None), sums, (xs, ys))
            va, vb = step(sums, *rest, a, b, count) if rest else sums
            return va, a * vb

        self.jax, self.jnp, self.host = jax, jnp, data
        self.a, self.b = jnp.asarray(data.a), jnp.asarray(data.b)
        self.step = jax.jit(step, donate_argnums=0)
        self.scan = jax.jit(scan)
        self.scale = jax.jit(lambda a, vb: a * vb, donate_argnums=1)
        self.sizes = None
        self.about = {"version": f"JAX {jax.__version__}, XLA_FLAGS {os.environ.get('XLA_FLAGS', '')}", "pools": pools()}

    def prepare(self, variant, count, chunk):
        if self.sizes == (variant, count, chunk):
            return
        as_array, x, y = self.jnp.asarray, self.host.x, self.host.y
        if variant == "loop":
            self.parts = [(as_array(x[part]), as_array(y[part])) for part in ranges(count, chunk)]
        else:
            whole = count // chunk * chunk
            self.parts = (
                as_array(x[:whole].reshape(-1, chunk, self.host.d)),
                as_array(y[:whole].reshape(-1, chunk)),
                (as_array(x[whole:count]), as_array(y[whole:count])) if whole < count else (),
            )
        self.count = self.jnp.asarray(count, self.host.type)
        self.sizes = (variant, count, chunk)

    def run(self, variant, count, chunk):
        if variant == "scan":
            result = self.scan(*self.parts, self.a, self.b, self.count)
        else:
            result = (self.jnp.zeros_like(self.a), self.jnp.zeros_like(self.b))
            for x, y in self.parts:
                result = self.step(result, x, y, self.a, self.b, self.count)
            result = result[0], self.scale(self.a, result[1])
        return self.jax.block_until_ready(result)

    def velocity(self, result):
        return tuple(np.asarray(part) for part in result)


class KeOps:
    """A LazyTensor formula for f and one for v; no chunks."""

    variants = ("",)

    def __init__(self, data, activation, threads):
        if activation not in ("relu", "tanh"):
            raise Skipped("KeOps has no erf")
        import pykeops
        from pykeops.numpy import LazyTensor

        pykeops.set_verbose(False)
        self.lazy, self.data, self.activation = LazyTensor, data, activation
        self.b = np.ascontiguousarray(data.b.T)
        self.about = {"version": f"KeOps {pykeops.__version__}, CXXFLAGS {os.environ.get('CXXFLAGS', '')}", "pools": pools()}

    def prepare(self, variant, count, chunk):
        pass

    def pair(self, z):
        if self.activation == "relu":
            return z.relu(), z.step()
        t = 1 - 2 / (1 + (2 * z).exp())
        return t, 1 - t * t

    def run(self, variant, count, chunk):
        d = self.data
        x, b, a = self.lazy(d.x[:count, None, :]), self.lazy(self.b[None, :, :]), self.lazy(d.a[None, :, None])
        s, g = self.pair((x | b))
        f = (s * a).sum(1)[:, 0]
        error = (f / d.type.type(d.m) - d.y[:count]) / d.type.type(count)
        e = self.lazy(error[:, None, None])
        v = (e * s).concat(e * g * x).sum(0)
        return v[:, 0], d.a[:, None] * v[:, 1:]

    def velocity(self, result):
        return result[0], result[1].T


PEERS = {"numpy": NumPy, "gemm": Gemm, "torch": Torch, "torch-compiled": CompiledTorch, "jax": Jax, "keops": KeOps}


def pools():
    """What threadpoolctl says of the libraries that are loaded."""
    import threadpoolctl

    def describe(pool):
        kernels = f" for {pool['architecture']}" if "architecture" in pool else ""
        version = f" {pool['version']}" if pool.get("version") else ""
        return f"{pool['internal_api']}{version}{kernels}, {pool['num_threads']} threads"

    return [describe(pool) for pool in threadpoolctl.threadpool_info()]


def main():
    name, folder, precision, activation, threads = sys.argv[1:]
    # Libraries may print; what we say goes to the stdout of before.
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        peer = PEERS[name](Data(folder, precision), activation, int(threads))
    except ImportError as error:
        print(json.dumps({"skip": f"not installed: {error}"}), file=replies)
        return
    except Skipped as reason:
        print(json.dumps({"skip": str(reason)}), file=replies)
        return
    print(json.dumps({**peer.about, "variants": peer.variants}), file=replies)
    for line in sys.stdin:
        variant, count, chunk, *file = line.rstrip("\n").split(" ")
        peer.prepare(variant, int(count), int(chunk))
        start = time.perf_counter()
        result = peer.run(variant, int(count), int(chunk))
        seconds = time.perf_counter() - start
        if file:
            va, vb = peer.velocity(result)
            np.save(file[0], np.concatenate([va[:, None], vb.T], axis=1))
        print(seconds, file=replies)


if __name__ == "__main__":
    main()
