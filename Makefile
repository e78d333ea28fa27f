# Everything here needs Go, make and git only. Other tools (etcd, kube-apiserver, kubectl,
# controller-gen, golangci-lint) are built from Go modules into bin/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

BIN := $(CURDIR)/bin
CONTROLLER_GEN := $(BIN)/controller-gen
GOLANGCI_LINT := $(BIN)/golangci-lint
CRD_REF_DOCS := $(BIN)/crd-ref-docs
KUSTOMIZE_CONTROLLER := $(BIN)/kustomize-controller
ARGOCD_DIFF := $(BIN)/argocd-diff

# Version of the image; config/manager/kustomization.yaml names the same one.
VERSION ?= v0.1.0
# Image to build and deploy. A cluster pulls it from your registry:
# IMG=registry.example.com/jumpcloud-operator:v0.1.0.
IMG ?= jumpcloud-operator:$(VERSION)
# Where a release is published.
RELEASE_URL ?= https://github.com/jumpcloud-operator/jumpcloud-operator/releases/download/$(VERSION)
# Writes IMG into the manifests.
WITH_IMG = sed 's|image: jumpcloud-operator:.*|image: $(IMG)|'
# What the linker writes into the program.
STAMP = -X github.com/jumpcloud-operator/jumpcloud-operator/internal/buildinfo.Version=$(VERSION)
# The kubectl that install, deploy and their opposites use, with its current cluster.
KUBECTL ?= kubectl
CONTAINER_TOOL ?= docker

# Packages tested at the same time: each may run a control plane of its own.
TEST_PARALLEL ?= 2
TEST_FLAGS ?= -timeout=45m
# Further flags for the ginkgo command that runs internal/e2e: --label-filter, --focus,
# --procs, reports; see there.
GINKGO_FLAGS ?= --output-dir=$(BIN) --junit-report=e2e.xml
# Packages to test with the race detector, and the labels of the specs to run with it. It
# multiplies the memory and time that the cost specs measure. The crash specs run the same code
# as the others, with leases that expire on a slow machine.
RACE_PACKAGES ?= ./...
RACE_LABELS ?= !cost&&!crash
# Benchmarks to run, as a regular expression, and their packages.
BENCH ?= .
BENCH_PACKAGES ?= ./...

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.DEFAULT_GOAL := help

##@ Develop

.PHONY: generate
generate: $(CONTROLLER_GEN) ## Generate DeepCopy methods from the API types.
	$(CONTROLLER_GEN) object:headerFile=hack/boilerplate.go.txt paths=./api/...

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Generate the CRDs from the API types.
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:dir=config/crd/bases

.PHONY: api-reference
api-reference: $(CRD_REF_DOCS) ## Generate docs/api.md from the API types.
	CRD_REF_DOCS=$(CRD_REF_DOCS) hack/api-reference.sh docs/api.md

.PHONY: chart
chart: ## Generate the files of the Helm chart that come from config/.
	cd hack/packaging && GOWORK=off go run ./chart ../..

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code.
	$(GOLANGCI_LINT) fmt

.PHONY: vet
vet: ## Run go vet.
	go vet ./...

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters.
	$(GOLANGCI_LINT) run

.PHONY: lint-fix
lint-fix: $(GOLANGCI_LINT) ## Run the linters and apply what they can fix.
	$(GOLANGCI_LINT) run --fix

.PHONY: run
run: manifests generate ## Run the operator here, against the current cluster.
	go run . --leader-elect=false --metrics-secure=false

##@ Test

.PHONY: test
test: controlplane test-packaging ## Run every test: units, simulator, API server, processes, packaging.
	GINKGO_FLAGS='$(GINKGO_FLAGS)' go test -p $(TEST_PARALLEL) $(TEST_FLAGS) ./...

.PHONY: test-packaging
test-packaging: controlplane ## Test the Helm chart with Helm, and the alerts with Prometheus.
	cd hack/packaging && GOWORK=off go test $(TEST_FLAGS) ./...

.PHONY: test-race
test-race: controlplane ## Run the tests with the race detector, short (needs a C compiler).
	GINKGO_FLAGS='--label-filter=$(RACE_LABELS)' hack/test-race.sh -p $(TEST_PARALLEL) $(TEST_FLAGS) $(RACE_PACKAGES)

.PHONY: cluster-test
cluster-test: ## Test images and config/ on a real node, with an upgrade from UPGRADE_FROM (root on Debian or Ubuntu): docs/cluster-test.md.
	hack/cluster/run.sh -test.v -ginkgo.v

.PHONY: gitops-test
gitops-test: controlplane $(KUSTOMIZE_CONTROLLER) $(ARGOCD_DIFF) ## Test the operator with Flux's controller and Argo CD's comparison (the first time builds them for minutes).
	cd hack/gitops && KUSTOMIZE_CONTROLLER=$(KUSTOMIZE_CONTROLLER) ARGOCD_DIFF=$(ARGOCD_DIFF) GOWORK=off go test -count=1 $(TEST_FLAGS) ./...

.PHONY: bench
bench: controlplane ## Run the benchmarks.
	go test -p 1 -run '^$$' -bench '$(BENCH)' -benchmem $(TEST_FLAGS) $(BENCH_PACKAGES)

.PHONY: verify
verify: verify-generated verify-modules verify-format vet lint test-race ## Check what can be checked; changes nothing.

.PHONY: verify-generated
verify-generated: $(CONTROLLER_GEN) $(CRD_REF_DOCS)
	CONTROLLER_GEN=$(CONTROLLER_GEN) CRD_REF_DOCS=$(CRD_REF_DOCS) hack/verify-generated.sh

.PHONY: verify-modules
verify-modules:
	go mod tidy -diff
	cd hack/packaging && GOWORK=off go mod tidy -diff
	cd hack/cluster && GOWORK=off go mod tidy -diff
	cd hack/monitoring && GOWORK=off go mod tidy -diff
	cd hack/gitops && GOWORK=off go mod tidy -diff
	cd hack/argocd && GOWORK=off go mod tidy -diff

.PHONY: verify-format
verify-format:
	@unformatted=$$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

.PHONY: demo
demo: controlplane ## Apply the samples to a simulated JumpCloud on this machine. KEEP=1 leaves it running.
	go build -o $(BIN)/demo ./hack/demo
	exec $(BIN)/demo

##@ Build

.PHONY: build
build: ## Build the operator into bin/, and the same program as the plugin kubectl-jumpcloud.
	CGO_ENABLED=0 go build -trimpath -ldflags '$(STAMP)' -o $(BIN)/manager .
	ln -sf manager $(BIN)/kubectl-jumpcloud

.PHONY: docker-build
docker-build: ## Build the image IMG.
	$(CONTAINER_TOOL) build --build-arg STAMP='$(STAMP)' --build-arg VERSION='$(VERSION)' \
		--build-arg REVISION="$$(git rev-parse HEAD)" -t $(IMG) .

.PHONY: docker-push
docker-push: ## Push the image IMG to its registry.
	$(CONTAINER_TOOL) push $(IMG)

.PHONY: build-installer
build-installer: $(BIN)/kubectl ## Write one file with everything to install, dist/install.yaml.
	mkdir -p dist
	$(BIN)/kubectl kustomize config/default | $(WITH_IMG) >dist/install.yaml

.PHONY: release
release: $(BIN)/kubectl build-installer ## Write image, plugin, installer, chart, SBOMs and checksums of VERSION into dist/. Equal commits give equal bytes.
	VERSION='$(VERSION)' STAMP='$(STAMP)' IMG='$(IMG)' RELEASE_URL='$(RELEASE_URL)' hack/release.sh

.PHONY: licenses
licenses: build ## List the licenses of all modules in the program. Fails on one that asks for more than its text and notices.
	GOWORK=off go -C hack/packaging build -o $(BIN)/licenses ./licenses
	$(BIN)/licenses $(BIN)/manager

.PHONY: govulncheck
govulncheck: ## Look for known vulnerabilities in what the program calls. Needs the vulnerability database.
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 .

##@ Deploy

.PHONY: install
install: ## Install the CRDs into the current cluster.
	$(KUBECTL) apply --server-side -k config/crd

.PHONY: uninstall
uninstall: ## Remove the CRDs, and with them every object of their kinds. Refuses while one has something left to do.
	KUBECTL='$(KUBECTL)' hack/removable.sh
	$(KUBECTL) delete --ignore-not-found -k config/crd

.PHONY: deploy
deploy: ## Install the CRDs and the operator with image IMG into the current cluster.
	$(KUBECTL) kustomize config/default | $(WITH_IMG) | $(KUBECTL) apply --server-side -f -

.PHONY: undeploy
undeploy: ## Remove the operator and the CRDs. Refuses while an object has something left to do.
	KUBECTL='$(KUBECTL)' hack/removable.sh
	$(KUBECTL) delete --ignore-not-found -k config/default

##@ Tools

.PHONY: controlplane
controlplane: ## Build etcd, kube-apiserver and kubectl (the first time takes minutes).
	hack/build-controlplane.sh

$(BIN)/kubectl: hack/controlplane/go.mod
	hack/build-controlplane.sh

$(CONTROLLER_GEN): hack/tools/go.mod
	cd hack/tools && GOWORK=off go build -trimpath -o $@ sigs.k8s.io/controller-tools/cmd/controller-gen

$(CRD_REF_DOCS): hack/tools/go.mod
	cd hack/tools && GOWORK=off go build -trimpath -o $@ github.com/elastic/crd-ref-docs

$(GOLANGCI_LINT): hack/tools/go.mod
	cd hack/tools && GOWORK=off go build -trimpath -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(KUSTOMIZE_CONTROLLER): hack/flux/go.mod
	cd hack/flux && GOWORK=off CGO_ENABLED=0 go build -trimpath -o $@ github.com/fluxcd/kustomize-controller

$(ARGOCD_DIFF): hack/argocd/go.mod hack/argocd/main.go
	cd hack/argocd && GOWORK=off CGO_ENABLED=0 go build -trimpath -o $@ .

.PHONY: clean
clean: ## Remove what was built.
	rm -rf $(BIN) dist .demo .cluster
