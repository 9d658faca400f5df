# `make run` (the default job) and `make test` (the tests, but for slow ones) are all that a clone needs. PRESET chooses one of
# CMakePresets.json.
PRESET ?= release
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
BUILD := build/$(PRESET)
MAKEFLAGS += --no-print-directory

.PHONY: run program test bench bench-peers install package picture clean

run: program
	@build/run/mckean run $(ARGS)

# The program alone, with CUDA code only for the devices that are here.
program: build/.packages-run
	@[ -e build/run/CMakeCache.txt ] || cmake --preset run
	@cmake --build build/run -j $(JOBS) --target mckean

# All tests but those of the label `slow`, for which `ctest --test-dir build/release -L slow`.
test: build/.packages-test $(BUILD)/.configured-test
	@cmake --build $(BUILD) -j $(JOBS)
	@ctest --test-dir $(BUILD) -j $(JOBS) -LE slow --output-on-failure

# Programs bench_* in build/PRESET/bench; see bench/results/README.md for how records are made.
bench: build/.packages-bench
	@cmake --preset $(PRESET) -DMCKEAN_BENCH=ON
	@cmake --build $(BUILD) -j $(JOBS)

# Times of NumPy, PyTorch, JAX and KeOps beside ours, in build/peers/velocity.md and flow.md. VELOCITY and FLOW are options of
# bench/peers/velocity.py and flow.py; PEER_PYTHON, if given, is a Python that has the peers already.
PEER_PYTHON ?= build/peers/bin/python
bench-peers: build/.packages-peers $(if $(filter build/peers/%,$(PEER_PYTHON)),build/peers/.installed)
	@cmake --preset $(PRESET) -DMCKEAN_BENCH=ON
	@cmake --build $(BUILD) -j $(JOBS) --target mckean peer_velocity peer_mkl
	@mkdir -p build/peers
	@bash -o pipefail -c '$(PEER_PYTHON) bench/peers/velocity.py $(BUILD) $(VELOCITY) | tee build/peers/velocity.md'
	@bash -o pipefail -c '$(PEER_PYTHON) bench/peers/flow.py $(BUILD) $(FLOW) | tee build/peers/flow.md'

build/peers/.installed: bench/peers/requirements.txt | build/.packages-peers
	@python3 -m venv build/peers
	@build/peers/bin/pip install --quiet -r $<
	@touch $@

# The program, its library, headers, manual page and completions under PREFIX (/usr/local).
install: build/.packages-run $(BUILD)/.configured-run
	@cmake --build $(BUILD) -j $(JOBS) --target mckean
	@cmake --install $(BUILD) --prefix $(PREFIX)

# mckean_VERSION_ARCH.deb and mckean-VERSION-Linux.tar.gz in build/PRESET.
package: build/.packages-run $(BUILD)/.configured-run
	@cmake --build $(BUILD) -j $(JOBS) --target mckean
	@cd $(BUILD) && cpack

# The picture of the README, from a run of the program.
picture: program build/.packages-picture
	@scripts/draw-theorem4.sh build/run/mckean docs/theorem4.png

build/.packages-%: scripts/install-dependencies.sh
	@scripts/install-dependencies.sh run $*
	@mkdir -p build && touch $@

# A tree configured for the tests also serves the program.
$(BUILD)/.configured-run: | build/.packages-run
	@[ -e $(BUILD)/.configured-test ] || cmake --preset $(PRESET) -DMCKEAN_TESTS=OFF
	@touch $@

$(BUILD)/.configured-test: | build/.packages-test
	@cmake --preset $(PRESET) -DMCKEAN_TESTS=ON
	@touch $@

clean:
	rm -rf build
