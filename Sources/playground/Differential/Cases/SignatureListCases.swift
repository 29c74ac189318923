import SigningTestKit

/// Which signatures the registry lists, and what their manifests say.
enum SignatureListCases {
    private static let good = EnvelopeRecipe(format: .jws)

    private static func bad(_ name: String) -> EnvelopeRecipe {
        EnvelopeRecipe(format: .cose, flaw: EnvelopeFlaw.ofSignatures.first { $0.name == name })
    }

    private static var stranger: EnvelopeRecipe { EnvelopeRecipe(format: .jws, chain: ChainRecipe(number: 3)) }

    static var all: [DifferentialCase] {
        let manifests: [(ManifestRecipe, Expected)] = [
            (.typedByConfig, .accepted()), (.withConfig, .stricter(.signatureManifestForm)),
            (.ofAnotherSubject, .stricter(.signatureOfAnotherSubject, .absence)),
            (.withoutSubject, .stricter(.signatureOfAnotherSubject, .absence)),
            (.mislabelledLayer, .refused(.integrity)), (.unknownLayer, .refused(.integrity)),
            (.ofAnotherArtifactType, .refused(.absence)), (.unlisted, .refused(.absence)),
        ]
        return manifests.map { manifest, expected in
            DifferentialCase(
                "list/manifest-\(manifest.rawValue)",
                signatures: [.made(good, manifest)],
                expected: expected,
                isInSample: manifest == .typedByConfig || manifest == .unlisted
            )
        } + ofSeveral + [ofIndex]
    }

    private static var ofSeveral: [DifferentialCase] {
        let altered = bad("payload-altered")
        return [
            DifferentialCase("list/none", signatures: [], expected: .refused(.absence)),
            several("altered-then-good", [altered, good], .accepted(), isInSample: true),
            several("good-then-altered", [good, altered], .accepted()),
            several("stranger-then-good", [stranger, good], .accepted(), anchorOf: 1),
            several("good-then-stranger", [good, stranger], .accepted()),
            several("both-altered", [altered, bad("signature-altered")], .refused(.integrity)),
            several("many-altered-then-good", Array(repeating: altered, count: 9) + [good], .accepted()),
        ]
    }

    /// The trust store holds the root of the first signature; the order of the list is what is tried.
    private static func several(
        _ name: String,
        _ envelopes: [EnvelopeRecipe],
        _ expected: Expected,
        anchorOf index: Int = 0,
        isInSample: Bool = false
    ) -> DifferentialCase {
        var differential = DifferentialCase(
            "list/\(name)",
            signatures: envelopes.map { .made($0) },
            expected: expected,
            isInSample: isInSample
        )
        differential.trust.anchoredSignature = index
        return differential
    }

    private static var ofIndex: DifferentialCase {
        var index = DifferentialCase("list/signed-index", signatures: [.made(good)], expected: .accepted())
        index.subject = .index
        return index
    }
}
