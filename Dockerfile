# The build image must have Go and a bundle of CA certificates.
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
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -ldflags="-s -w ${STAMP}" -o /out/manager . && \
    ln -s manager /out/kubectl-jumpcloud

FROM ${BASE_IMAGE}
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
# One program: the manager, and with a subcommand the commands for people.
COPY --from=build /out/ /
USER 65532:65532
ENTRYPOINT ["/manager"]
