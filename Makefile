# Two commands: `make run` (the default job) and `make test` (all tests). PRESET chooses one of CMakePresets.json.
PRESET ?= release
JOBS ?= $(shell nproc)
BUILD := build/$(PRESET)
MAKEFLAGS += --no-print-directory

.PHONY: run test bench picture clean

run: $(BUILD)/.packages-run $(BUILD)/.configured-run
	@cmake --build $(BUILD) -j $(JOBS) --target mckean
	@$(BUILD)/mckean run $(ARGS)

test: $(BUILD)/.packages-test $(BUILD)/.configured-test
	@cmake --build $(BUILD) -j $(JOBS)
	@ctest --test-dir $(BUILD) -j $(JOBS) --output-on-failure

# Programs bench_* in build/PRESET/bench; see bench/results/README.md for how records are made.
bench: $(BUILD)/.packages-bench
	@cmake --preset $(PRESET) -DMCKEAN_BENCH=ON
	@cmake --build $(BUILD) -j $(JOBS)

# The picture of the README, from a run of the program.
picture: $(BUILD)/.packages-picture $(BUILD)/.configured-run
	@cmake --build $(BUILD) -j $(JOBS) --target mckean
	@scripts/draw-theorem4.sh $(BUILD)/mckean docs/theorem4.png

$(BUILD)/.packages-%: scripts/install-dependencies.sh
	@scripts/install-dependencies.sh run $*
	@mkdir -p $(BUILD) && touch $@

# A tree configured for the tests also serves the program.
$(BUILD)/.configured-run: | $(BUILD)/.packages-run
	@[ -e $(BUILD)/.configured-test ] || cmake --preset $(PRESET) -DMCKEAN_TESTS=OFF
	@touch $@

$(BUILD)/.configured-test: | $(BUILD)/.packages-test
	@cmake --preset $(PRESET) -DMCKEAN_TESTS=ON
	@touch $@

clean:
	rm -rf build
