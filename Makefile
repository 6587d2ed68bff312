# A thin front over Meson. Nothing here is needed to build: meson setup build && ninja -C build does as well.
#
#     make demo      installs what is missing, builds, starts the chat, and tells what goes over its wire
#     make check     installs what is missing, builds, runs every test
#
#     make demo-capture      tells the capture of the document of 2014
#
# CHAT_PORT= and WEB_PORT= are the demo's ports, where the usual ones are taken.
# BUILD= names the build directory, MESON_FLAGS= goes to meson setup, PREFIX= and DESTDIR= to the installation,
# FUZZ_TIME= is how many seconds each fuzz target runs, FUZZ= which ones, BENCH_FLAGS= goes to bench/run,
# MEMORY_BENCH_FLAGS= to bench/memory, LIVE_BENCH_FLAGS= to bench/live, CHAT_BENCH_FLAGS= to bench/chat/run.

BUILD ?= build
MESON_FLAGS ?=
TEST_FLAGS ?=
FUZZ_TIME ?= 60
FUZZ ?=
BENCH_FLAGS ?=
CHAT_BENCH_FLAGS ?=
LIVE_BENCH_FLAGS ?=
DEMO_CAPTURE = tests/golden/workerman-chat-2014.pcap

.PHONY: all deps build demo demo-capture check bench profile docs fuzz format lint install uninstall clean

all: build

deps:
	scripts/deps build test browser fuzz lint bench

build:
	@scripts/deps build
	@test -f $(BUILD)/build.ninja || meson setup $(MESON_FLAGS) $(BUILD)
	@ninja -C $(BUILD)

demo: build
	@scripts/demo $(BUILD)

demo-capture: build
	@$(BUILD)/src/wscap/wscap -Ans 4096 -r $(DEMO_CAPTURE)

check:
	@scripts/deps build test browser
	@$(MAKE) --no-print-directory build
	@scripts/check $(BUILD) $(TEST_FLAGS)

bench:
	@scripts/deps build bench
	@$(MAKE) --no-print-directory build
	@ninja -C $(BUILD) bench/make_capture bench/inflate bench/walk bench/flood bench/torrent bench/load bench/lws bench/bare
	@bench/run $(BENCH_FLAGS) $(BUILD)
	@bench/memory $(MEMORY_BENCH_FLAGS) $(BUILD)
	@bench/live $(LIVE_BENCH_FLAGS) $(BUILD)
	@bench/chat/run $(CHAT_BENCH_FLAGS) $(BUILD)

# Where the time goes: docs/performance.md's tables.
profile:
	@scripts/deps build bench
	@$(MAKE) --no-print-directory build
	@ninja -C $(BUILD) bench/make_capture
	@bench/profile $(BUILD)

# What the README shows and the completions know, made again by the program.
docs: build
	@scripts/deps test browser
	@scripts/completions update $(BUILD)/src/wscap/wscap $(BUILD)/src/wschat/wschat
	@scripts/readme update $(BUILD)/src/wscap/wscap
	@scripts/screenshot $(BUILD)

fuzz:
	@scripts/deps build fuzz
	@FUZZ_TIME=$(FUZZ_TIME) fuzz/run $(FUZZ)

format:
	@scripts/deps lint
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

lint:
	@scripts/deps build lint
	@scripts/lint

install: build
	@$(if $(PREFIX),meson configure $(BUILD) --prefix=$(abspath $(PREFIX)) && ninja -C $(BUILD))
	@meson install -C $(BUILD) --no-rebuild

uninstall:
	@ninja -C $(BUILD) uninstall

clean:
	rm -rf build build-*
