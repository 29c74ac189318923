import SigningTestKit

/// What `notation sign` makes, so that the tool itself is among the signers.
enum ToolSignatureCases {
    static var all: [DifferentialCase] {
        let everyKind = TestKey.Kind.signing.flatMap { kind in
            TestSignature.Format.allCases.map { format in
                DifferentialCase(
                    "notation-signs/\(format)/\(kind.rawValue)",
                    signatures: [.notation(ToolSignature(format: format, chain: ChainRecipe(key: kind)))],
                    expected: .accepted(),
                    isInSample: kind == (format == .jws ? .rsa2048 : .p256)
                )
            }
        }
        let others = TestSignature.Format.allCases.flatMap { format in
            [
                made("expiring", format, ["--expiry", "24h"], .accepted()),
                made("annotated", format, ["--user-metadata", "a=b"], .accepted()),
                DifferentialCase(
                    "notation-signs/\(format)/stranger",
                    signatures: [.notation(ToolSignature(format: format, chain: ChainRecipe()))],
                    trust: TrustRecipe(stores: [.init(content: .stranger)]),
                    expected: .refused(.authenticity)
                ),
            ]
        }
        return everyKind + others
    }

    private static func made(
        _ name: String,
        _ format: TestSignature.Format,
        _ arguments: [String],
        _ expected: Expected
    ) -> DifferentialCase {
        DifferentialCase(
            "notation-signs/\(format)/\(name)",
            signatures: [.notation(ToolSignature(format: format, chain: ChainRecipe(), arguments: arguments))],
            expected: expected
        )
    }
}
