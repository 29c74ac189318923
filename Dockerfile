# The operator's image: docker build -t registry.example.com/vigil:0.1.0 .
# Without a container engine: make image (hack/build-image).
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift Makefile ./
COPY hack hack
COPY Sources Sources
COPY Tests Tests
RUN make release

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libgcc-s1 libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /source/.build/release/vigil /usr/bin/vigil
USER 65532:65532
WORKDIR /
EXPOSE 9581
ENTRYPOINT ["/usr/bin/vigil"]
