// swift-tools-version: 6.3
import PackageDescription

// One list of settings for every target: the rules of the house are not per-target opinions.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Products of other packages, by the name they are known under below.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "vigil",
    products: [
        .executable(name: "vigil", targets: ["vigil"]),
        .executable(name: "playground", targets: ["playground"]),
        // For other operators (docs/runtime.md).
        .library(
            name: "KubernetesRuntime",
            targets: ["KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "JSONModel"]
        ),
        .library(name: "MetricsExposition", targets: ["MetricsExposition"]),
        .library(name: "EmbeddedKubernetes", targets: ["EmbeddedKubernetes", "TestTiming"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // MARK: - Values: no I/O, no clock, no environment, no logging
        .target(name: "JSONModel"),
        .target(name: "OCIModel", dependencies: ["JSONModel", crypto]),
        .target(name: "KubernetesAPI", dependencies: ["JSONModel"]),
        // The attacker's bytes end here.
        .target(name: "SigningFormats", dependencies: ["JSONModel", crypto, cryptoExtras, asn1]),
        .target(name: "TrustModel", dependencies: ["OCIModel"]),
        // What many ask for and one does.
        .target(name: "WorkSharing"),
        .target(name: "BoundedYAML", dependencies: [yams]),

        // MARK: - Judgement: pure, evidence in, findings out
        .target(
            name: "NotaryVerification",
            dependencies: ["TrustModel", "OCIModel", "SigningFormats", "JSONModel"]
        ),
        .target(
            name: "TrustResources",
            dependencies: [
                "KubernetesAPI", "TrustModel", "OCIModel", "JSONModel", "NotaryVerification", "SigningFormats",
            ]
        ),

        // MARK: - Outward I/O
        // The only importer of AsyncHTTPClient.
        .target(
            name: "OutboundHTTP",
            dependencies: [asyncHTTPClient, nioCore, nioHTTP1, nioSSL, nioTLS, nioPosix, metrics]
        ),
        .target(name: "OCIRegistry", dependencies: ["OCIModel", "OutboundHTTP", "JSONModel"]),
        .target(
            name: "CloudServices",
            dependencies: [
                "OCIRegistry", "OCIModel", "OutboundHTTP", "SigningFormats", "JSONModel", "WorkSharing", crypto,
            ]
        ),
        .target(
            name: "KubernetesClient",
            dependencies: [
                "KubernetesAPI", "OutboundHTTP", "JSONModel", "WorkSharing", "BoundedYAML", yams, metrics, logging,
                subprocess, systemPackage, crypto, deque,
            ]
        ),

        // MARK: - Machinery
        // Knows no product noun; could be a library of its own.
        .target(
            name: "KubernetesRuntime",
            dependencies: [
                "KubernetesAPI", "KubernetesClient", "JSONModel", serviceLifecycle, logging, metrics, deque, heap,
            ]
        ),
        // How a server ends while connections come in.
        .target(name: "ConnectionHandover", dependencies: [hummingbirdCore, nioCore, logging]),
        // What swift-metrics is told, as Prometheus reads it.
        .target(name: "MetricsExposition", dependencies: [metrics]),
        .target(
            name: "ImageTrust",
            dependencies: [
                "TrustModel", "OCIModel", "JSONModel", "NotaryVerification", "SigningFormats", "OCIRegistry",
                "OutboundHTTP", "WorkSharing", metrics,
            ]
        ),

        // MARK: - Delivery
        .target(
            name: "TrustControllers",
            dependencies: [
                "KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "MetricsExposition", "ImageTrust",
                "TrustResources", "TrustModel", "OCIModel", "OCIRegistry", "JSONModel", "NotaryVerification",
                "CloudServices", "WorkSharing", serviceLifecycle, logging, metrics,
            ]
        ),
        .target(
            name: "OperatorEndpoints",
            dependencies: [
                "MetricsExposition", "TrustResources", "TrustModel", "OCIModel", "KubernetesAPI", "JSONModel",
                "ConnectionHandover", hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, nioCore, nioHTTPTypes,
                nioSSL,
                serviceLifecycle, logging,
            ],
            // Read by browsers as they stand; the program has them inside.
            resources: [
                .embedInCode("StatusPage/Assets/status.html"), .embedInCode("StatusPage/Assets/status.css"),
                .embedInCode("StatusPage/Assets/status.js"),
            ]
        ),

        // MARK: - Composition
        .target(
            name: "VigilCommand",
            dependencies: [
                "TrustControllers", "OperatorEndpoints", "MetricsExposition", "ImageTrust", "TrustResources",
                "KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "OCIRegistry", "CloudServices",
                "OutboundHTTP", "NotaryVerification", "TrustModel", "OCIModel", "JSONModel", "WorkSharing",
                "BoundedYAML", argumentParser, logging, metrics, serviceLifecycle, subprocess, systemPackage,
                unixSignals, yams,
            ]
        ),
        .executableTarget(name: "vigil", dependencies: ["VigilCommand"]),

        // MARK: - Stand-ins, test kits and the demo: never linked into vigil
        .target(
            name: "EmbeddedKubernetes",
            dependencies: [
                "KubernetesAPI", "JSONModel", "TestTiming", "ConnectionHandover", hummingbird, hummingbirdCore, nioCore,
                serviceLifecycle, httpTypes, logging, crypto, yams, hummingbirdTLS, nioSSL, x509, asn1,
            ]
        ),
        .target(
            name: "EmbeddedRegistry",
            dependencies: ["OCIModel", "JSONModel", nioCore, nioPosix, nioHTTP1, nioSSL]
        ),
        // Services of Azure, AWS and Google, as their documentation has them.
        .target(name: "EmbeddedClouds", dependencies: ["JSONModel", crypto, nioCore, nioPosix, nioHTTP1, nioSSL]),
        // Clocks, latches and random numbers for tests.
        .target(name: "TestTiming"),
        // The files of the checkout, and YAML as libyaml reads it.
        .target(name: "TestDocuments", dependencies: ["JSONModel", yams]),
        // Certificates of servers and clients for tests of TLS.
        .target(name: "TestCertificates", dependencies: [x509, asn1, crypto]),
        // Certificates, envelopes and timestamps, good and bad; nothing of ours in it, for it tests what judges them.
        .target(name: "SigningTestKit", dependencies: [crypto, cryptoExtras]),
        // The same kit for those who have descriptors of OCIModel.
        .target(name: "SigningTestDescriptors", dependencies: ["SigningTestKit", "OCIModel"]),
        // An operator built on the machinery alone, which docs/runtime.md shows.
        .executableTarget(
            name: "RuntimeExample",
            dependencies: [
                "KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "JSONModel", "MetricsExposition", logging,
                metrics, serviceLifecycle, unixSignals,
            ]
        ),
        // What tests of the operator share: the cluster they work on, a registry in memory, and things to do with both.
        .target(
            name: "OperatorTestKit",
            dependencies: [
                "EmbeddedKubernetes", "EmbeddedClouds", "SigningTestKit", "SigningTestDescriptors", "KubernetesAPI",
                "KubernetesClient", "TrustResources", "ImageTrust", "CloudServices", "OCIRegistry", "OutboundHTTP",
                "OCIModel", "JSONModel", logging,
            ]
        ),
        .executableTarget(
            name: "playground",
            dependencies: [
                "EmbeddedKubernetes", "EmbeddedRegistry", "SigningTestKit", "SigningTestDescriptors",
                "TrustControllers", "TrustResources", "TrustModel", "NotaryVerification", "KubernetesRuntime",
                "KubernetesClient", "KubernetesAPI", "OutboundHTTP", "OCIModel", "JSONModel", argumentParser, logging,
                serviceLifecycle, subprocess, systemPackage, unixSignals, nioCore, nioPosix, nioHTTP1,
            ]
        ),

        // Every decoder of bytes from outside, as a value that can be fed with anything.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "VigilCommand", "OperatorEndpoints", "TrustResources", "ImageTrust", "NotaryVerification",
                "SigningFormats", "OCIRegistry", "CloudServices", "OutboundHTTP", "KubernetesClient", "KubernetesAPI",
                "TrustModel", "OCIModel", "JSONModel", "TestTiming", httpTypes,
            ]
        ),
        // What libFuzzer lacks; itself without instrumentation.
        .target(name: "FuzzGuidance"),
        // The program that `make fuzz` runs, once for each decoder.
        .executableTarget(name: "fuzz", dependencies: ["FuzzTargets", "FuzzGuidance"]),

        // MARK: - Tests
        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "BoundedYAMLTests", dependencies: ["BoundedYAML", "TestTiming", yams]),
        .testTarget(
            name: "ConnectionHandoverTests",
            dependencies: [
                "ConnectionHandover", hummingbirdCore, httpTypes, nioCore, nioPosix, logging, serviceLifecycle,
            ]
        ),
        .testTarget(
            name: "CloudServicesTests",
            dependencies: [
                "CloudServices", "EmbeddedClouds", "OperatorTestKit", "OCIRegistry", "OCIModel", "OutboundHTTP",
                "SigningTestKit", "JSONModel", "TestTiming", "TestCertificates",
            ]
        ),
        // Scenarios with injected faults, numbered as in docs/chaos.md.
        .testTarget(
            name: "ChaosTests",
            dependencies: [
                "EmbeddedKubernetes", "KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "OutboundHTTP",
                "JSONModel", "TestTiming", "TrustControllers", "TrustResources", "TrustModel", "OCIModel",
                "OCIRegistry", "ImageTrust", "SigningTestKit", "OperatorTestKit", "OperatorEndpoints", "VigilCommand",
                heap,
                logging, serviceLifecycle, nioCore, nioPosix, metrics, metricsTestKit, inMemoryLogging,
            ]
        ),
        // Every block, link and table of the documentation against what it speaks of.
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "vigil", "VigilCommand", "EmbeddedKubernetes", "OperatorTestKit", "TrustResources", "TestDocuments",
                "JSONModel", argumentParser, subprocess, systemPackage,
            ]
        ),
        .testTarget(
            name: "EmbeddedKubernetesTests",
            dependencies: [
                "EmbeddedKubernetes", "KubernetesAPI", "KubernetesClient", "OutboundHTTP", "JSONModel", "TestTiming",
                "TestCertificates", "TestDocuments", subprocess, systemPackage, serviceLifecycle, logging, crypto,
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "vigil", "playground", "EmbeddedKubernetes", "EmbeddedClouds", "OperatorTestKit", "KubernetesClient",
                "KubernetesAPI", "OutboundHTTP", "TrustResources", "OCIModel", "SigningTestKit", "KubernetesRuntime",
                "JSONModel", "NotaryVerification", "SigningFormats", "TrustModel", "MetricsExposition", "TestTiming",
                "TestCertificates", "TestDocuments", "SigningTestDescriptors", subprocess, systemPackage, nioCore,
                nioPosix, metrics,
            ]
        ),
        .testTarget(
            name: "FuzzTargetsTests",
            dependencies: ["FuzzTargets", "FuzzGuidance", "fuzz", "TestDocuments", subprocess, systemPackage]
        ),
        .testTarget(
            name: "ImageTrustTests",
            dependencies: [
                "ImageTrust", "TrustModel", "OCIModel", "NotaryVerification", "OCIRegistry", "OutboundHTTP",
                "SigningFormats", "SigningTestKit", "SigningTestDescriptors", "JSONModel", "TestTiming",
                "EmbeddedRegistry",
            ]
        ),
        .testTarget(
            name: "InstallTests",
            dependencies: ["JSONModel", "KubernetesAPI", "TrustResources", "TestDocuments", subprocess, systemPackage]
        ),
        .testTarget(name: "JSONModelTests", dependencies: ["JSONModel", "TestTiming"]),
        .testTarget(name: "KubernetesAPITests", dependencies: ["KubernetesAPI", "JSONModel"]),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: [
                "KubernetesClient", "KubernetesAPI", "OutboundHTTP", "JSONModel", "EmbeddedKubernetes",
                "EmbeddedRegistry", "OperatorTestKit", "TestCertificates", "TestTiming", logging, metrics, nioCore,
                nioPosix,
            ]
        ),
        .testTarget(
            name: "KubernetesRuntimeTests",
            dependencies: [
                "KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "JSONModel", "MetricsExposition",
                "TestTiming", logging, metrics, serviceLifecycle, metricsTestKit,
            ]
        ),
        .testTarget(name: "MetricsExpositionTests", dependencies: ["MetricsExposition", "TestTiming", metrics]),
        .testTarget(
            name: "NotaryVerificationTests",
            dependencies: [
                "NotaryVerification", "SigningFormats", "SigningTestKit", "SigningTestDescriptors", "TrustModel",
                "OCIModel", "JSONModel", "TestTiming",
            ]
        ),
        .testTarget(name: "OCIModelTests", dependencies: ["OCIModel", "JSONModel"]),
        .testTarget(
            name: "OCIRegistryTests",
            dependencies: [
                "OCIRegistry", "OutboundHTTP", "OCIModel", "JSONModel", "EmbeddedRegistry", "TestTiming",
                "TestCertificates", "TestDocuments",
            ]
        ),
        .testTarget(
            name: "OperatorEndpointsTests",
            dependencies: [
                "OperatorEndpoints", "MetricsExposition", "TrustResources", "TrustModel", "OCIModel", "KubernetesAPI",
                "JSONModel", "TestCertificates", "TestDocuments", httpTypes, nioCore, nioPosix, nioSSL, logging,
                subprocess, systemPackage,
            ]
        ),
        .testTarget(
            name: "OutboundHTTPTests",
            dependencies: [
                "OutboundHTTP", "EmbeddedRegistry", "OCIModel", "MetricsExposition", "TestTiming", "TestCertificates",
                nioCore, nioPosix, nioSSL,
            ]
        ),
        .testTarget(
            name: "SigningFormatsTests",
            dependencies: [
                "SigningFormats", "SigningTestKit", "SigningTestDescriptors", "OCIModel", "JSONModel", "TestTiming",
                asn1,
            ]
        ),
        .testTarget(
            name: "TrustControllersTests",
            dependencies: [
                "TrustControllers", "TrustResources", "TrustModel", "OCIModel", "KubernetesAPI", "KubernetesClient",
                "KubernetesRuntime", "MetricsExposition", "ImageTrust", "OCIRegistry", "EmbeddedKubernetes",
                "EmbeddedClouds", "OperatorTestKit", "SigningTestKit", "SigningTestDescriptors", "JSONModel",
                "CloudServices", "TestTiming", logging, serviceLifecycle,
            ]
        ),
        .testTarget(
            name: "playgroundTests",
            // The benchmarks run the program.
            dependencies: [
                "playground", "vigil", "EmbeddedKubernetes", "OperatorTestKit", "SigningTestKit", "TrustResources",
                "TrustModel", "KubernetesClient", "KubernetesAPI", "OCIModel", "JSONModel", "TestDocuments",
                "TestTiming",
            ]
        ),
        .testTarget(
            name: "RuntimeExampleTests",
            dependencies: [
                "RuntimeExample", "KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "EmbeddedKubernetes",
                "MetricsExposition", logging, metrics, serviceLifecycle,
            ]
        ),
        .testTarget(name: "WorkSharingTests", dependencies: ["WorkSharing", "TestTiming"]),
        .testTarget(name: "TrustModelTests", dependencies: ["TrustModel", "OCIModel"]),
        .testTarget(
            name: "TrustResourcesTests",
            dependencies: [
                "TrustResources", "KubernetesAPI", "TrustModel", "OCIModel", "JSONModel", "TestTiming", "TestDocuments",
            ]
        ),
        .testTarget(
            name: "VigilCommandTests",
            dependencies: [
                "VigilCommand", "TrustControllers", "CloudServices", "EmbeddedClouds", "EmbeddedRegistry",
                "OperatorTestKit", "NotaryVerification", "MetricsExposition", "ImageTrust", "KubernetesRuntime",
                "KubernetesAPI", "TrustResources", "TrustModel", "OCIModel", "OCIRegistry", "OutboundHTTP", "JSONModel",
                "SigningTestKit", "SigningTestDescriptors", "TestTiming", "TestDocuments", "TestCertificates",
                "OperatorEndpoints", argumentParser, logging,
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .plugin {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}

// `make fuzz` builds into a folder of its own, with our code instrumented for libFuzzer (docs/fuzzing.md).
if Context.environment["VIGIL_FUZZ"] != nil {
    for target in package.targets where target.type != .plugin {
        let flags = target.name == "FuzzGuidance" ? ["-O"] : ["-sanitize=fuzzer", "-O"]
        target.swiftSettings?.append(.unsafeFlags(flags))
    }
    for target in package.targets where ["fuzz", "FuzzGuidance"].contains(target.name) {
        target.swiftSettings?.append(.define("FUZZING"))
    }
    for target in package.targets where target.name == "fuzz" {
        // Both the program and libFuzzer bring a main; the program's is the one that runs.
        target.linkerSettings = [
            .unsafeFlags([
                "-sanitize=fuzzer", "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "muldefs",
                "-Xlinker", "--wrap=__sanitizer_cov_trace_const_cmp1",
            ])
        ]
    }
}
