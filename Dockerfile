ARG BUILD_IMAGE=golang:1.26
ARG BASE_IMAGE=scratch

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
ARG TARGETOS
ARG TARGETARCH
ARG STAMP
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY main.go ./
COPY api/ api/
COPY internal/ internal/
COPY config/crd/ config/crd/
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -ldflags="-s -w ${STAMP}" -o /out/manager . && \
    ln -s manager /out/kubectl-jumpcloud

FROM ${BASE_IMAGE}
# One program is the manager and, with a subcommand, the commands for people.
COPY --from=build /out/ /
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="jumpcloud-operator" \
      org.opencontainers.image.description="Kubernetes operator that reconciles JumpCloud users" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/jumpcloud-operator/jumpcloud-operator" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 65532:65532
ENTRYPOINT ["/manager"]
