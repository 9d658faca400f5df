"""What velocity.py and flow.py share: peers as processes of their own, each with the kernels that this processor does best,
the same number of threads for all, and the sizes of chunks that suit each."""
import dataclasses
import json
import os
import platform
import select
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Cores of OpenBLAS whose kernels use AVX-512.
OPENBLAS_AVX512 = ("skylakex", "cooperlake", "sapphirerapids", "zen4", "zen5")


class Failed(Exception):
    """Why a peer cannot be measured."""


@dataclasses.dataclass
class Peer:
    label: str
    name: str  # of velocity_peers.py
    settings: tuple = ({},)  # further environments to try

    def command(self, folder, precision, activation, threads):
        script = os.path.join(HERE, "velocity_peers.py")
        return [sys.executable, script, self.name, folder, precision, activation, str(threads)]


JAX_SETTINGS = ({}, {"XLA_FLAGS": "--xla_cpu_use_xnnpack=true --xla_cpu_prefer_vector_width=512"})


def all_peers(build):
    mkl = {}
    if "avx512f" in processor_flags() and processor_field("vendor_id") != "GenuineIntel":
        mkl = {"LD_PRELOAD": os.path.join(os.path.abspath(build), "bench", "libpeer_mkl.so")}
    return [
        Peer("NumPy", "numpy"),
        Peer("PyTorch", "torch", (mkl,)),
        Peer("PyTorch compiled", "torch-compiled", (mkl,)),
        Peer("JAX", "jax", JAX_SETTINGS),
        Peer("KeOps", "keops", ({"CXXFLAGS": "-march=native -ffast-math"},)),
    ]


def processor_field(name):
    with open("/proc/cpuinfo") as file:
        for line in file:
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return ""


def processor_flags():
    return processor_field("flags").split()


def use_threads(threads):
    """Lets this process and its children have so many processors (0: those it has); how many there are. Libraries that do
    not ask for a number of threads go by it."""
    processors = sorted(os.sched_getaffinity(0))
    if threads:
        os.sched_setaffinity(0, processors[:threads])
    return len(os.sched_getaffinity(0))


def common_environment(threads, cache):
    """Of every peer, ours too: what others have set for OpenBLAS is not passed on, and threads that wait do so asleep, so that
    no peer takes time from another."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    environment["OMP_WAIT_POLICY"] = "passive"
    for pool in ("OMP", "OPENBLAS", "MKL"):
        environment[f"{pool}_NUM_THREADS"] = str(threads)
    environment["KEOPS_CACHE_FOLDER"] = os.path.join(cache, "keops")
    environment["TORCHINDUCTOR_CACHE_DIR"] = os.path.join(cache, "inductor")
    for variable in ("KEOPS_CACHE_FOLDER", "TORCHINDUCTOR_CACHE_DIR"):
        os.makedirs(environment[variable], exist_ok=True)
    core = openblas_core(environment)
    if core and core.lower() not in OPENBLAS_AVX512 and "avx512f" in processor_flags():
        environment["OPENBLAS_CORETYPE"] = "SkylakeX"
    return environment


def parse_arguments(parser):
    """The arguments, with --threads and --cache of every script, and the environment of its peers. From here on this process
    has no more processors than threads."""
    parser.add_argument("--threads", type=int, default=0, help="0: all processors")
    parser.add_argument("--cache", default="", help="folder for what peers compile (default: in BUILD)")
    arguments = parser.parse_args()
    arguments.threads = use_threads(arguments.threads)
    cache = os.path.abspath(arguments.cache or os.path.join(arguments.build, "peer-cache"))
    return arguments, common_environment(arguments.threads, cache)


def openblas_core(environment):
    """What NumPy's OpenBLAS takes this processor for."""
    script = """
import numpy, threadpoolctl
print(*(pool["architecture"] for pool in threadpoolctl.threadpool_info() if pool["internal_api"] == "openblas"))
"""
    found = subprocess.run([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return found.stdout.strip()


def describe_machine(threads, environment):
    forced = environment.get("OPENBLAS_CORETYPE")
    return (
        f"{processor_field('model name') or platform.machine()}, {threads} threads, OMP_WAIT_POLICY=passive for all. OpenBLAS "
        f"has kernels for {openblas_core(environment)}" + (f" by OPENBLAS_CORETYPE={forced}." if forced else ".")
    )


class Server:
    """A peer that answers a line with the seconds of one evaluation."""

    def __init__(self, command, environment, log):
        self.log = open(log, "w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, env=environment, bufsize=0
        )
        self.rest = b""

    def read(self, seconds):
        end = time.monotonic() + seconds
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            if not ready:
                self.close()
                raise Failed(f"more than {seconds:g} s")
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            if not part:
                self.process.wait()
                raise Failed(f"ended with exit code {self.process.returncode}: {self.last_words()}")
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def last_words(self):
        self.log.seek(0)
        lines = [line.strip() for line in self.log if line.strip()]
        return lines[-1][:200] if lines else ""

    def ask(self, *words, seconds=900):
        try:
            self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        except BrokenPipeError:
            pass  # read says why
        return float(self.read(seconds))

    def close(self):
        self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.log):
            file.close()


@dataclasses.dataclass
class Tuned:
    """A peer's server with the variant, chunk and environment that were fastest. `rate` in samples a second."""

    server: Server
    about: dict
    variant: str
    chunk: int
    setting: dict
    rate: float

    def ask(self, count, *file, seconds=900):
        return self.server.ask(self.variant, count, self.chunk, *file, seconds=seconds)

    def choice(self):
        words = [self.variant] if self.variant else []
        words += [f"chunks of {self.chunk}"] if self.chunk else []
        words += [f"{name}={value}" for name, value in self.setting.items() if name == "XLA_FLAGS"]
        return " ".join(words)


def samples_a_second(server, variant, chunk, most, budget, guess, limit):
    """The best of three evaluations of about `budget` seconds each, of up to `most` samples in whole chunks."""
    unit = chunk or 1
    count = unit * max(1, min(round(budget * guess / unit), most // unit))
    for _ in range(2):
        seconds = server.ask(variant, count, chunk, seconds=limit)
        if seconds > 5 * budget:
            break
    more = [server.ask(variant, count, chunk, seconds=limit) for _ in range(2 if seconds < budget else 1)]
    return count / min([seconds, *more])


def tune_variant(server, variant, samples, row_bytes, budget, limit, memory=1 << 30):
    """(samples a second, chunk) over powers of two, as far as they grow from 256 up or down."""
    first = min(256, 1 << (samples.bit_length() - 1))
    server.ask(variant, first, first, seconds=limit)
    guess = first / server.ask(variant, first, first, seconds=limit)
    rates = {first: samples_a_second(server, variant, first, samples, budget, guess, limit)}
    for factor in (2, 0.5):
        chunk = first
        while rates[chunk] > 0.9 * max(rates.values()):
            chunk = int(chunk * factor)
            if chunk < 8 or chunk > samples or (chunk > first and chunk * row_bytes > memory):
                break
            rates[chunk] = samples_a_second(server, variant, chunk, samples, budget, rates[chunk / factor], limit)
    return max((rate, chunk) for chunk, rate in rates.items())


def start_tuned(peer, command, environment, log, samples, row_bytes, budget=0.15, limit=300):
    """The fastest of the peer's settings, variants and chunks; Failed with the reason where there is none."""
    best, reasons = None, []
    for setting in peer.settings:
        server = Server(command, {**environment, **setting}, log)
        found = None
        try:
            about = json.loads(server.read(limit))
            if "skip" in about:
                raise Failed(about["skip"])
            for variant in about["variants"]:
                if variant == "":  # has no chunks
                    server.ask(variant, 64, 0, seconds=limit)
                    guess = 64 / server.ask(variant, 64, 0, seconds=limit)
                    rate, chunk = samples_a_second(server, variant, 0, samples, budget, guess, limit), 0
                else:
                    rate, chunk = tune_variant(server, variant, samples, row_bytes, budget, limit)
                if found is None or rate > found.rate:
                    found = Tuned(server, about, variant, chunk, setting, rate)
        except Failed as reason:
            reasons.append(str(reason))
        if found and server.process.poll() is None and (best is None or found.rate > best.rate):
            if best:
                best.server.close()
            best = found
        elif server.process.poll() is None:
            server.close()
    if best is None:
        raise Failed(reasons[0])
    return best
