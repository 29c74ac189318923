import JSONModel
import OCIModel
import TrustModel

/// Nodes that more than one kind uses.
extension SchemaNode {
    private static let digestPattern = "^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$"
    private static let reasonPattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"

    /// A content digest.
    static func digest(_ text: String) -> SchemaNode {
        .string(
            text,
            length: 71...135,
            pattern: digestPattern,
            example: "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }

    /// A reason: a constant in UpperCamelCase.
    static func reason(_ text: String) -> SchemaNode {
        .string(text, length: 1...128, pattern: reasonPattern, example: "Verified")
    }

    /// The SHA-256 of a certificate.
    static func fingerprint(_ text: String) -> SchemaNode {
        .string(text, length: 64...64, pattern: "^[0-9a-f]{64}$")
    }

    /// A verdict.
    static func verdict(_ text: String) -> SchemaNode {
        .choice(text, Verdict.allCases.map(\.rawValue))
    }

    /// The name of an object.
    static func objectName(_ text: String, example: String) -> SchemaNode {
        .string(text, length: 1...253, pattern: NamePattern.subdomain, example: example)
    }

    /// The generation that a condition speaks of.
    private static let observedGeneration = SchemaNode.integer(
        "The generation of the object that this condition speaks of.",
        0...Int64.max
    )

    /// A status with the generation that it speaks of, -1 until the operator has looked at the object.
    ///
    /// Who reads states as kstatus does takes an object without conditions for done, but not one whose generation has not
    /// been observed (cli-utils, `pkg/kstatus/status/generic.go`): without this default a gate would be open until the
    /// operator closes it.
    static func status(_ text: String, _ properties: [SchemaProperty]) -> SchemaNode {
        let generation = SchemaNode.integer(
            "The generation of the object that this status speaks of; -1 until the operator has looked at it.",
            -1...Int64.max
        )
        var node = object(text, [.optional("observedGeneration", generation)] + properties)
        node.defaultValue = ["observedGeneration": -1]
        return node
    }

    /// Conditions (`metav1.Condition`), with the bounds that apimachinery gives them.
    static func conditions(_ text: String) -> SchemaNode {
        let condition = SchemaNode.object(
            "One aspect of the object's state.",
            [
                .required(
                    "type",
                    .string("The aspect.", length: 1...316, pattern: #"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"#)
                ),
                .required("status", .choice("Whether it holds.", ["True", "False", "Unknown"])),
                .optional("observedGeneration", observedGeneration),
                .required("lastTransitionTime", .time("When the status last changed.")),
                .required("reason", .string("A constant that says why.", length: 1...1024, pattern: reasonPattern)),
                .required("message", .string("A sentence that says why.", length: 0...32_768)),
            ]
        )
        return .list(text, of: condition, count: 0...16, kind: .map(keys: ["type"]))
    }

    /// A label selector (`metav1.LabelSelector`).
    static func labelSelector(_ text: String) -> SchemaNode {
        let requirement = SchemaNode.object(
            "One requirement over one label.",
            [
                .required("key", .string("The label.", length: 1...317, example: "app.kubernetes.io/part-of")),
                .required("operator", .choice("How it is compared.", ["In", "NotIn", "Exists", "DoesNotExist"])),
                .optional(
                    "values",
                    .list(
                        "What it is compared with; absent for Exists and DoesNotExist.",
                        of: .string("A value.", length: 0...63),
                        count: 0...64
                    )
                ),
            ]
        )
        return .object(
            text,
            [
                .optional("matchLabels", .texts("Labels with exactly these values.", maximumCount: 64, length: 0...63)),
                .optional(
                    "matchExpressions",
                    .list("Requirements that must all hold.", of: requirement, count: 0...32)
                ),
            ]
        )
    }
}
