// swift-tools-version: 6.2
import PackageDescription

// One list of settings for every target: the rules of the house are not per-target opinions.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "vigil",
    products: [],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    ],
    targets: [
        // MARK: - Values: no I/O, no clock, no environment, no logging
        .target(name: "JSONModel"),
        .target(name: "OCIModel", dependencies: ["JSONModel", .product(name: "Crypto", package: "swift-crypto")]),
        .target(name: "KubernetesAPI", dependencies: ["JSONModel"]),
        .target(name: "TrustModel", dependencies: ["OCIModel"]),
        .testTarget(name: "JSONModelTests", dependencies: ["JSONModel"]),
        .testTarget(name: "OCIModelTests", dependencies: ["OCIModel", "JSONModel"]),
        .testTarget(name: "KubernetesAPITests", dependencies: ["KubernetesAPI"]),
        .testTarget(name: "TrustModelTests", dependencies: ["TrustModel", "OCIModel"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .plugin {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}
