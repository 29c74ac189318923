/// Who may import whom: the table of `docs/architecture.md` as data.
///
/// A target that is not in it may not exist.
struct LayeringTable {
    /// How high a target stands; what it may import never stands higher.
    enum Floor: Int, Comparable {
        case values, judgement, outwardIO, machinery, delivery, composition, standIn

        static func < (lower: Floor, higher: Floor) -> Bool { lower.rawValue < higher.rawValue }
    }

    /// One target.
    struct Row {
        var target: String
        var floor: Floor
        /// The targets of ours that it may import.
        var mayImport: Set<String>

        init(_ target: String, _ floor: Floor, _ mayImport: Set<String> = []) {
            self.target = target
            self.floor = floor
            self.mayImport = mayImport
        }
    }

    /// The targets, lowest floor first.
    var rows: [Row]
    /// Modules of packages that only the named targets may import, although their floor would allow it to others.
    var exclusiveModules: [String: Set<String>]
    /// The only modules from outside that targets of the two lowest floors may import: nothing here does I/O, tells
    /// the time, reads the environment or logs.
    var pureModules: Set<String>
    /// The program that is shipped.
    var shippedProgram: String

    /// The row of `target`.
    func row(_ target: String) -> Row? { rows.first { $0.target == target } }

    /// The table of Vigil.
    static let vigil = LayeringTable(
        rows: valueRows + judgementRows + outwardRows + operatorRows + standInRows,
        exclusiveModules: [
            "AsyncHTTPClient": ["OutboundHTTP"],
            "GRPCCore": ["CodeNotaryLedger"],
            "GRPCNIOTransportHTTP2": ["CodeNotaryLedger"],
            "GRPCProtobuf": ["CodeNotaryLedger"],
            "SwiftProtobuf": ["CodeNotaryLedger"],
            "ArgumentParser": ["VigilCommand", "vigil", "playground"],
            "Subprocess": ["KubernetesClient", "VigilCommand", "playground"],
            "Hummingbird": [
                "OperatorEndpoints", "VigilCommand", "EmbeddedKubernetes", "EmbeddedRegistry", "playground",
            ],
            "HummingbirdCore": ["OperatorEndpoints", "ConnectionHandover", "EmbeddedKubernetes"],
            "HummingbirdTLS": ["OperatorEndpoints", "VigilCommand", "EmbeddedKubernetes", "EmbeddedRegistry"],
        ],
        pureModules: [
            "Foundation", "FoundationEssentials", "Synchronization", "Crypto", "CryptoExtras", "_CryptoExtras", "X509",
            "SwiftASN1",
            "Collections", "BasicContainers", "BitCollections", "DequeModule", "HashTreeCollections", "HeapModule",
            "OrderedCollections", "Yams",
        ],
        shippedProgram: "vigil"
    )

    private static let valueRows = [
        Row("JSONModel", .values),
        Row("OCIModel", .values, ["JSONModel"]),
        Row("KubernetesAPI", .values, ["JSONModel"]),
        Row("SigningFormats", .values, ["JSONModel"]),
        Row("TrustModel", .values, ["OCIModel"]),
        Row("WorkSharing", .values),
        Row("BoundedYAML", .values),
    ]

    private static let judgementRows = [
        Row("NotaryVerification", .judgement, ["TrustModel", "OCIModel", "SigningFormats", "JSONModel"]),
        Row("SigstoreVerification", .judgement, ["TrustModel", "OCIModel", "SigningFormats", "JSONModel"]),
        Row("LedgerVerification", .judgement, ["TrustModel", "OCIModel", "SigningFormats", "JSONModel"]),
        Row(
            "TrustResources",
            .judgement,
            ["KubernetesAPI", "TrustModel", "OCIModel", "JSONModel", "NotaryVerification", "SigningFormats"]
        ),
    ]

    private static let outwardRows = [
        Row("OutboundHTTP", .outwardIO),
        Row("OCIRegistry", .outwardIO, ["OCIModel", "OutboundHTTP", "JSONModel"]),
        Row(
            "CloudServices",
            .outwardIO,
            ["OCIRegistry", "OCIModel", "OutboundHTTP", "SigningFormats", "JSONModel", "WorkSharing"]
        ),
        Row(
            "KubernetesClient",
            .outwardIO,
            ["KubernetesAPI", "OutboundHTTP", "JSONModel", "WorkSharing", "BoundedYAML"]
        ),
        Row("CodeNotaryLedger", .outwardIO, ["LedgerVerification", "TrustModel"]),
    ]

    private static let operatorRows = [
        Row("KubernetesRuntime", .machinery, ["KubernetesAPI", "KubernetesClient", "JSONModel"]),
        Row("ConnectionHandover", .machinery),
        Row("MetricsExposition", .machinery),
        Row(
            "ImageTrust",
            .machinery,
            targets(of: valueRows + judgementRows).union(["OCIRegistry", "OutboundHTTP", "CodeNotaryLedger"])
        ),
        Row(
            "TrustControllers",
            .delivery,
            [
                "KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "MetricsExposition", "ImageTrust",
                "TrustResources", "TrustModel", "OCIModel", "OCIRegistry", "JSONModel", "NotaryVerification",
                "CloudServices", "WorkSharing",
            ]
        ),
        Row(
            "OperatorEndpoints",
            .delivery,
            [
                "MetricsExposition", "ImageTrust", "TrustResources", "TrustModel", "OCIModel", "KubernetesAPI",
                "JSONModel", "ConnectionHandover",
            ]
        ),
        Row(
            "VigilCommand",
            .composition,
            targets(of: valueRows + judgementRows + outwardRows)
                .union([
                    "KubernetesRuntime", "MetricsExposition", "ImageTrust", "TrustControllers", "OperatorEndpoints",
                ])
        ),
        Row("vigil", .composition, ["VigilCommand"]),
    ]

    /// Never linked into the shipped program, and sharing no code with what they stand in for.
    private static let standInRows = [
        Row("EmbeddedKubernetes", .standIn, ["KubernetesAPI", "JSONModel", "TestTiming", "ConnectionHandover"]),
        Row("TestTiming", .standIn),
        Row("TestCertificates", .standIn),
        Row("TestDocuments", .standIn, ["JSONModel"]),
        Row("EmbeddedRegistry", .standIn, ["OCIModel", "JSONModel"]),
        Row("EmbeddedClouds", .standIn, ["JSONModel"]),
        Row("SigningTestKit", .standIn),
        Row("SigningTestDescriptors", .standIn, ["SigningTestKit", "OCIModel"]),
        Row(
            "OperatorTestKit",
            .standIn,
            [
                "EmbeddedKubernetes", "EmbeddedClouds", "SigningTestKit", "SigningTestDescriptors", "KubernetesAPI",
                "KubernetesClient", "TrustResources", "ImageTrust", "CloudServices", "OCIRegistry", "OutboundHTTP",
                "OCIModel", "JSONModel",
            ]
        ),
        // Decoders of every floor, with their internals in view.
        Row(
            "FuzzTargets",
            .standIn,
            [
                "VigilCommand", "OperatorEndpoints", "TrustResources", "ImageTrust", "NotaryVerification",
                "SigningFormats", "OCIRegistry", "CloudServices", "OutboundHTTP", "KubernetesClient", "KubernetesAPI",
                "TrustModel", "OCIModel", "JSONModel", "TestTiming",
            ]
        ),
        Row("FuzzGuidance", .standIn),
        Row("fuzz", .standIn, ["FuzzTargets", "FuzzGuidance"]),
        // Everything that an operator needs, and nothing that this one is about.
        Row(
            "RuntimeExample",
            .standIn,
            ["KubernetesRuntime", "KubernetesClient", "KubernetesAPI", "JSONModel", "MetricsExposition"]
        ),
        Row(
            "playground",
            .standIn,
            [
                "EmbeddedKubernetes", "EmbeddedRegistry", "SigningTestKit", "SigningTestDescriptors",
                "TrustControllers", "TrustResources", "TrustModel", "NotaryVerification", "KubernetesRuntime",
                "KubernetesAPI", "KubernetesClient", "OutboundHTTP", "OCIModel", "JSONModel",
            ]
        ),
    ]

    private static func targets(of rows: [Row]) -> Set<String> { Set(rows.map(\.target)) }
}
