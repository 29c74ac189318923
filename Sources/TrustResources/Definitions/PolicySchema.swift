/// The schema of a policy's specification.
enum PolicySchema {
    /// The bounds that the schema and ``PolicyCompiler`` share.
    static let authorities = 1...16

    /// The members of a policy; of a cluster policy when `isCluster`, whose references name their namespace.
    static func spec(isCluster: Bool) -> SchemaNode {
        var properties: [SchemaProperty] = [
            .optional("images", images),
            .optional(
                "podSelector",
                .labelSelector("The pods that the policy speaks for, by label. Absent or empty: every pod.")
            ),
            .optional(
                "interval",
                .string(
                    """
                    How often each image is judged again, as a duration with units (ms, s, m, h). At least 1s, at \
                    most 24h.
                    """,
                    length: 2...DurationText.maximumBytes,
                    pattern: DurationText.pattern,
                    default: "60s",
                    example: "5m"
                )
            ),
            .optional(
                "maxStaleness",
                .string(
                    """
                    How long a verdict outlives an outage of the registry, as a duration with units (ms, s, m, h); \
                    after that it becomes Unknown. Not less than interval, at most 720h.
                    """,
                    length: 2...DurationText.maximumBytes,
                    pattern: DurationText.pattern,
                    default: "1h",
                    example: "6h"
                )
            ),
            .optional(
                "require",
                .string(
                    """
                    How many of the authorities must vouch for an image: Any (one), All, or AtLeast:n with n up to the \
                    number of authorities.
                    """,
                    length: 3...10,
                    pattern: RequirementText.pattern,
                    default: "Any",
                    example: "AtLeast:2"
                )
            ),
            .required(
                "authorities",
                .list(
                    "The sources of trust.",
                    of: authority(isCluster: isCluster),
                    count: authorities,
                    kind: .map(keys: ["name"])
                )
            ),
            .optional("decisions", decisions),
        ]
        guard isCluster else {
            return .object("Which images, which authorities, and how many of them must vouch.", properties)
        }
        properties.append(
            .optional(
                "namespaceSelector",
                .labelSelector(
                    """
                    The namespaces in which the policy holds, by label. Absent or empty: every namespace that \
                    namespaces selects.
                    """
                )
            )
        )
        properties.append(.optional("namespaces", namespaces))
        return .object(
            "Which namespaces, which images, which authorities, and how many of them must vouch.",
            properties
        )
    }

    private static let images: SchemaNode = {
        let pattern = SchemaNode.string(
            "A repository, a prefix ending in /*, or *.",
            length: 1...512,
            example: "registry.example.com/shop/*"
        )
        return .object(
            "The images that the policy speaks for, by repository.",
            [
                .optional(
                    "include",
                    .list(
                        """
                        Patterns that speak for an image: a repository, a prefix ending in /* (every repository \
                        below it), \
                        or *. Absent or empty: every image.
                        """,
                        of: pattern,
                        count: 0...128,
                        kind: .set
                    )
                ),
                .optional(
                    "exclude",
                    .list("Patterns that take images out again.", of: pattern, count: 0...128, kind: .set)
                ),
            ]
        )
    }()

    private static let namespaces: SchemaNode = {
        let name = SchemaNode.string("A namespace.", length: 1...63, pattern: NamePattern.label, example: "shop")
        return .object(
            """
            The namespaces in which the policy holds, by name. Both this and namespaceSelector must select a \
            namespace.
            """,
            [
                .optional(
                    "include",
                    .list(
                        "The names, written in full. Absent or empty: every namespace.",
                        of: name,
                        count: 0...256,
                        kind: .set
                    )
                ),
                .optional("exclude", .list("Names taken out again.", of: name, count: 0...256, kind: .set)),
            ]
        )
    }()

    private static let decisions: SchemaNode = {
        let decision = SchemaNode.object(
            "A digest settled by hand. A decision never makes an image trusted.",
            [
                .required("digest", .digest("The digest of the image, of its index, or of a platform manifest.")),
                .required("verdict", .choice("What is held of the image.", ["Untrusted", "Unsupported"])),
                .required(
                    "reason",
                    .string("Why, for people and audits.", length: 1...256, example: "CVE-2026-1234")
                ),
                .optional(
                    "expires",
                    .time("When the decision ends. Absent: never.", example: "2027-01-01T00:00:00Z")
                ),
            ]
        )
        return .list(
            "Digests settled by hand. They hold before any evidence is looked at.",
            of: decision,
            count: 0...256,
            kind: .map(keys: ["digest"])
        )
    }()

    private static func authority(isCluster: Bool) -> SchemaNode {
        .object(
            "One source of trust: a name and exactly one source.",
            [
                .required(
                    "name",
                    .string(
                        "The name, unique in the policy.",
                        length: 1...63,
                        pattern: NamePattern.label,
                        example: "wabbit-networks"
                    )
                ),
                .required("notary", NotarySchema.notary(isCluster: isCluster)),
            ]
        )
    }
}
