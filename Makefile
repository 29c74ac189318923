# Everything a person or a machine does with this checkout. `make` alone lists it.

# One set of flags for every call of swift: other flags would build everything a second time.
SWIFT_FLAGS   ?= --explicit-target-dependency-import-check error
# No macro of ours or of a dependency needs XCTest.
TEST_FLAGS    ?= --disable-xctest --experimental-maximum-parallelization-width 10
# These wait for real processes and sockets, within limits of real time, so they do not share the processors with the rest.
REAL_TIME     := ^(CloudServicesTests|DocumentationTests|EndToEndTests|InstallTests|KubernetesClientTests|OCIRegistryTests|OperatorEndpointsTests|OutboundHTTPTests)\.
# Starting takes longer than verifying: most of it is the runtime's search for protocol conformances, and the compiler
# flag spares a third of those searches. The linker flags leave out symbols, which nothing looks up, and second copies of
# the same code, and pack the relocations, which glibc 2.36 can read: a smaller file, and 9 MiB less of it in memory.
RELEASE_FLAGS := -c release --static-swift-stdlib -Xswiftc -use-ld=lld \
    -Xlinker -s -Xlinker --no-export-dynamic -Xlinker --icf=safe -Xlinker -z -Xlinker pack-relative-relocs \
    -Xswiftc -Xfrontend -Xswiftc -disable-concrete-type-metadata-mangled-name-accessors $(SWIFT_FLAGS)

# Where the real tools are that tests and demo use; a folder of your own is used as it is, and only completed.
VIGIL_TOOLS   ?= $(CURDIR)/.build/tools/bin
export VIGIL_TOOLS

# Caches of the toolchain stay in the build folder too.
export XDG_CACHE_HOME := $(CURDIR)/.build/cache

# Where `make manifests` writes.
MANIFESTS ?= dist/install.yaml

DEBUG   := .build/debug
RELEASE := .build/release
SOURCES := Sources Tests Package.swift

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo build test chaos differential fuzz release bench format lint verify generate generated manifests image image-check architecture tools clean check-swift

help: ## list what can be done here
	@awk 'BEGIN { FS = ":.*## "; print "make TARGET, where TARGET is one of" } \
	    /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: check-swift ## see Vigil work, end to end and with real signatures; KEEP=1 leaves it running, KUBECONFIG=… uses a cluster
	@hack/install-tools docker-registry openssl notation oras kubectl
	@echo "==> building the program and the playground"
	swift build $(SWIFT_FLAGS) --product vigil
	swift build $(SWIFT_FLAGS) --product playground
	@echo "==> running the demo"
	$(DEBUG)/playground demo

build: check-swift ## compile everything, tests included (debug)
	@echo "==> compiling the sources and the tests"
	swift build $(SWIFT_FLAGS) --build-tests

# What the chaos suite does with a seed depends on the order of dictionaries too: a failure must come back.
test chaos: export SWIFT_DETERMINISTIC_HASHING := 1

test: build tools ## run every test; VIGIL_TEST_KUBECONFIG=… runs the integration tests on a real cluster; FILTER=… only some
ifdef FILTER
	@echo "==> running the tests that match $(FILTER)"
	hack/run-tests swift test $(SWIFT_FLAGS) $(TEST_FLAGS) --skip-build --filter "$(FILTER)"
else
	@echo "==> running the tests that wait for processes and sockets"
	hack/run-tests swift test $(SWIFT_FLAGS) $(TEST_FLAGS) --skip-build --filter '$(REAL_TIME)'
	@echo "==> running the other tests"
	hack/run-tests swift test $(SWIFT_FLAGS) $(TEST_FLAGS) --skip-build --skip '$(REAL_TIME)'
endif

chaos: build ## run every chaos scenario, the slow ones too; VIGIL_CHAOS_SEED=… replays one seed (docs/chaos.md)
	@echo "==> running the chaos suite"
	VIGIL_CHAOS=full hack/run-tests swift test $(SWIFT_FLAGS) $(TEST_FLAGS) --skip-build --filter '^ChaosTests\.'
	@echo "==> running the chaos scenarios with real processes"
	VIGIL_CHAOS=full hack/run-tests swift test $(SWIFT_FLAGS) $(TEST_FLAGS) --skip-build --filter OperatorFleetTests

differential: check-swift tools ## compare vigil verify with notation verify, case by case; DIFFERENTIAL="--only NAME --keep" looks at some
	@echo "==> building the program and the playground"
	swift build $(SWIFT_FLAGS) --product vigil
	swift build $(SWIFT_FLAGS) --product playground
	@echo "==> comparing"
	$(DEBUG)/playground differential $(DIFFERENTIAL)

# Our own code is instrumented for libFuzzer, so it is built apart; the first build takes as long as a whole one.
fuzz: check-swift ## fuzz every decoder of bytes from outside, FUZZ_SECONDS=60 each, FUZZ_JOBS at a time; DECODER=… only one
	@echo "==> building the decoders with libFuzzer"
	VIGIL_FUZZ=1 swift build $(SWIFT_FLAGS) --scratch-path .build/fuzz --product fuzz
	@echo "==> fuzzing"
	hack/fuzz .build/fuzz/debug/fuzz $(DECODER)

release: check-swift ## compile the program that is shipped: .build/release/vigil, with Swift's libraries inside
	@echo "==> compiling the release program"
	swift build $(RELEASE_FLAGS) --product vigil
	@echo "==> $(RELEASE)/vigil: $$(du -h $(RELEASE)/vigil | cut -f1)"

image: release ## pack the released program into an OCI image layout: dist/image; needs no container engine
	hack/build-image $(RELEASE)/vigil dist/image

image-check: ## push the image that `make image` has made, pull it, and run the program in it; needs root
	@echo "==> the image of dist/image, through a registry and back"
	VIGIL_IMAGE_LAYOUT=$(CURDIR)/dist/image hack/run-tests swift test $(SWIFT_FLAGS) $(TEST_FLAGS) --skip-build \
	    --filter ImageLayoutTests

bench: release tools ## measure Vigil on this machine; BENCH="--only informer" for one line, VIGIL_TEST_KUBECONFIG=… adds a cluster
	@echo "==> compiling the benchmarks (release: the stand-in must not be what is measured)"
	swift build $(RELEASE_FLAGS) --product playground
	@echo "==> measuring"
	$(RELEASE)/playground bench --vigil $(RELEASE)/vigil $(BENCH)

format: check-swift ## lay out every Swift file as .swift-format says
	@echo "==> formatting $(SOURCES)"
	swift format format --in-place --parallel --recursive $(SOURCES)

lint: check-swift ## check layout, documentation, shell scripts and banned constructs, and that these checks can fail
	@echo "==> swift format lint"
	swift format lint --strict --parallel --recursive $(SOURCES)
	@echo "==> shellcheck"
	hack/install-tools shellcheck
	hack/check-shell
	@echo "==> banned constructs"
	hack/check-bans
	@echo "==> self-tests of the checks"
	hack/test-checks

verify: lint generated architecture ## the gate: lint, generated files up to date, architecture

generate: check-swift ## write the files that are made from the sources: config/crd, what the chart copies, pages of docs
	@echo "==> generating config/crd, charts/vigil/files, docs/cli.md and the fields in docs"
	swift build $(SWIFT_FLAGS) --product playground
	swift build $(SWIFT_FLAGS) --product vigil
	$(DEBUG)/playground generate
	$(DEBUG)/playground generate --output charts/vigil/files/crd
	cp config/prometheus/rules.yaml config/grafana/vigil.json charts/vigil/files/
	hack/write-cli $(DEBUG)/vigil > docs/cli.md
	$(DEBUG)/playground pages

generated: check-swift ## check that the generated files are what the sources say
	@echo "==> comparing config/crd, charts/vigil/files, docs/cli.md and the fields in docs with the sources"
	swift build $(SWIFT_FLAGS) --product playground
	swift build $(SWIFT_FLAGS) --product vigil
	hack/check-generated $(DEBUG)/playground
	hack/check-generated $(DEBUG)/playground charts/vigil/files/crd
	@for file in config/prometheus/rules.yaml config/grafana/vigil.json; do \
	    cmp $$file charts/vigil/files/$${file##*/} || { echo "fix it with: make generate" >&2; exit 1; }; done
	$(DEBUG)/playground pages --check
	@hack/write-cli $(DEBUG)/vigil | diff --unified docs/cli.md - || { echo "fix it with: make generate" >&2; exit 1; }

manifests: ## write the whole cluster-wide installation into one file: dist/install.yaml
	@hack/install-tools kubectl
	@mkdir -p $(dir $(MANIFESTS))
	$(VIGIL_TOOLS)/kubectl kustomize config/default > $(MANIFESTS)
	@echo "==> $(MANIFESTS): $$(grep -c '^kind:' $(MANIFESTS)) objects; kubectl apply --server-side -f $(MANIFESTS)"

architecture: build ## check every import and dependency against the layering table
	@echo "==> checking the architecture"
	hack/run-tests swift test $(SWIFT_FLAGS) $(TEST_FLAGS) --skip-build --filter ArchitectureTests

tools: ## put the real tools that tests and demo use into .build/tools/bin
	@hack/install-tools

clean: ## remove everything that was built, the tools included
	rm -rf .build

check-swift:
	@hack/check-swift
