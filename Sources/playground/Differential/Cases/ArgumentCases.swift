import SigningTestDescriptors
import SigningTestKit

/// What is asked of both programs on the command line, beside the trust policy.
enum ArgumentCases {
    static var all: [DifferentialCase] { ofUserMetadata + ofSignatureLimits }

    private static let plain = EnvelopeRecipe(format: .jws)

    /// A signature with signed annotations.
    private static func annotated(_ format: TestSignature.Format) -> EnvelopeRecipe {
        var flaw = EnvelopeFlaw("annotated", .accepted())
        flaw.payload = {
            let annotations = ["build": "7", "team": "a=b", "note": "x y"]
            return String(decoding: SigningRequest.payload($0, annotations: annotations), as: UTF8.self)
        }
        return EnvelopeRecipe(format: format, flaw: flaw)
    }

    private static func metadata(
        _ name: String,
        _ pairs: [String],
        _ expected: Expected,
        signatures: [EnvelopeRecipe]? = nil,
        isInSample: Bool = false
    ) -> DifferentialCase {
        var differential = DifferentialCase(
            "argument/user-metadata/\(name)",
            signatures: (signatures ?? [annotated(.jws)]).map { .made($0) },
            expected: expected,
            isInSample: isInSample
        )
        differential.arguments = pairs.flatMap { ["--user-metadata", $0] }
        return differential
    }

    private static var ofUserMetadata: [DifferentialCase] {
        [
            metadata("there", ["build=7"], .accepted(), isInSample: true),
            metadata("there-in-cose", ["build=7"], .accepted(), signatures: [annotated(.cose)]),
            metadata("all-there", ["build=7", "team=a=b", "note=x y"], .accepted()),
            metadata("of-another-value", ["build=8"], .refused(.authenticity), isInSample: true),
            metadata("of-another-value-in-cose", ["build=8"], .refused(.authenticity), signatures: [annotated(.cose)]),
            metadata("one-of-two", ["build=7", "stage=live"], .refused(.authenticity)),
            metadata("in-upper-case", ["Build=7"], .refused(.authenticity)),
            metadata("nothing-annotated", ["build=7"], .refused(.authenticity), signatures: [plain]),
            metadata("in-the-second", ["build=7"], .accepted(), signatures: [plain, annotated(.cose)]),
            metadata("key-twice", ["build=7", "build=8"], .refused(.configuration)),
            metadata("no-pair", ["build"], .refused(.configuration)),
        ]
    }

    private static var ofSignatureLimits: [DifferentialCase] {
        let altered = EnvelopeRecipe(
            format: .cose,
            flaw: EnvelopeFlaw.ofSignatures.first { $0.name == "payload-altered" }
        )
        return [
            limit("that-reaches-the-good-one", 3, [altered, altered, plain], .accepted(), isInSample: true),
            limit(
                "before-the-good-one",
                2,
                [altered, altered, plain],
                .refused(.limit, notation: .integrity),
                isInSample: true
            ),
            limit("of-one-and-it-is-good", 1, [plain, altered], .accepted()),
            limit("of-none", 0, [plain], .refused(.configuration)),
        ]
    }

    private static func limit(
        _ name: String,
        _ count: Int,
        _ envelopes: [EnvelopeRecipe],
        _ expected: Expected,
        isInSample: Bool = false
    ) -> DifferentialCase {
        var differential = DifferentialCase(
            "argument/max-signatures/\(name)",
            signatures: envelopes.map { .made($0) },
            expected: expected,
            isInSample: isInSample
        )
        differential.arguments = ["--max-signatures", String(count)]
        return differential
    }
}
