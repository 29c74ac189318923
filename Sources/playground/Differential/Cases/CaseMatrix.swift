import SigningTestKit

/// All cases: key types × formats × schemes × chain shapes × trust policies × one flaw each.
enum CaseMatrix {
    /// Every case, in a fixed order and with unique names.
    static var all: [DifferentialCase] {
        ofShapes + ofAuthorityKeys + ofEnvelopes + ofChains + PolicyCases.ofLevels + PolicyCases.ofDocuments
            + SubjectNameCases.all + SignatureListCases.all + ArgumentCases.all + TimestampCases.all
            + RevocationCases.all + ToolSignatureCases.all
    }

    /// The fixed part that every test run tries.
    static var sample: [DifferentialCase] { all.filter(\.isInSample) }

    private static let shapes: [(name: String, intermediates: Int?)] = [
        ("self-signed", nil), ("root-and-leaf", 0), ("one-ca", 1), ("three-cas", 3),
    ]

    /// Good signatures: every key, format, scheme and shape.
    private static var ofShapes: [DifferentialCase] {
        forEachFormat { format, scheme in
            TestKey.Kind.signing.flatMap { kind in
                shapes.map { shape in
                    DifferentialCase(
                        "good/\(format)/\(scheme.rawValue)/\(kind.rawValue)/\(shape.name)",
                        signatures: [
                            .made(
                                EnvelopeRecipe(
                                    format: format,
                                    scheme: scheme,
                                    chain: ChainRecipe(key: kind, intermediates: shape.intermediates)
                                )
                            )
                        ],
                        trust: trust(scheme),
                        expected: .accepted(),
                        isInSample: shape.intermediates == 1
                            && (kind == .p384 && scheme == .signingAuthority
                                || kind == .rsa2048 && scheme == .x509 && format == .jws)
                    )
                }
            }
        }
    }

    /// CAs of every key, and every way they may sign.
    private static var ofAuthorityKeys: [DifferentialCase] {
        let signatures: [(TestKey.Kind, [CertificateSignature])] = [
            (.rsa2048, [.rsaSHA256, .rsaSHA384, .rsaSHA512, .pssSHA256, .pssSHA384, .pssSHA512]),
            (.rsa4096, [.rsaSHA512]), (.p256, [.ecdsaSHA256, .ecdsaSHA512]), (.p384, [.ecdsaSHA384]),
            (.p521, [.ecdsaSHA512]),
        ]
        return signatures.flatMap { kind, signatures in
            signatures.enumerated().map { index, signature in
                let chain = ChainRecipe(
                    authorityKey: kind,
                    leaf: { $0.signature = signature },
                    authority: { $1.signature = signature }
                )
                return DifferentialCase(
                    "ca-key/\(kind.rawValue)/\(signature)",
                    signatures: [.made(EnvelopeRecipe(format: index.isMultiple(of: 2) ? .cose : .jws, chain: chain))],
                    expected: .accepted()
                )
            }
        } + [ofShortAuthorityKey]
    }

    /// A CA whose key is too short to sign images.
    private static var ofShortAuthorityKey: DifferentialCase {
        let chain = ChainRecipe(
            authorityKey: .rsa1024,
            leaf: { $0.signature = .rsaSHA256 },
            authority: { $1.signature = .rsaSHA256 }
        )
        return DifferentialCase(
            "ca-key/rsa1024",
            signatures: [.made(EnvelopeRecipe(format: .jws, chain: chain))],
            expected: .stricter(.authorityKey)
        )
    }

    /// Flaws of envelopes, each in every format that it exists in; the schemes take turns.
    private static var ofEnvelopes: [DifferentialCase] {
        let flaws =
            EnvelopeFlaw.ofSignatures + EnvelopeFlaw.ofHeaders + EnvelopeFlaw.ofPayloads + EnvelopeFlaw.ofJWS
            + EnvelopeFlaw.ofCOSE
        return flaws.enumerated().flatMap { index, flaw in
            flaw.formats.map { format in
                let scheme = flaw.schemes[(index + (format == .jws ? 0 : 1)) % flaw.schemes.count]
                return DifferentialCase(
                    "envelope/\(format)/\(scheme.rawValue)/\(flaw.name)",
                    signatures: [
                        .made(
                            EnvelopeRecipe(
                                format: format,
                                scheme: scheme,
                                chain: ChainRecipe(key: flaw.key ?? .p256),
                                flaw: flaw
                            )
                        )
                    ],
                    trust: trust(scheme),
                    expected: flaw.expected(of: format),
                    isInSample: flaw.isInSample && format == flaw.formats[index % flaw.formats.count]
                )
            }
        }
    }

    /// Flaws of chains, in both formats; the schemes take turns.
    private static var ofChains: [DifferentialCase] {
        ChainFlaw.all.enumerated().flatMap { index, flaw in
            TestSignature.Format.allCases.map { format in
                // Under a signing authority it is another time that counts.
                let isTime = flaw.expected == .refused(.time)
                let scheme: EnvelopeRecipe.Scheme =
                    !isTime && (index + (format == .jws ? 0 : 1)).isMultiple(of: 2) ? .signingAuthority : .x509
                return DifferentialCase(
                    "chain/\(format)/\(flaw.name)",
                    signatures: [.made(EnvelopeRecipe(format: format, scheme: scheme, chain: flaw.recipe))],
                    trust: trust(scheme, content: flaw.anchor),
                    expected: flaw.expected,
                    isInSample: flaw.isInSample && format == .jws
                )
            }
        } + ofAuthorityTimes
    }

    /// Certificates that were valid when a signing authority signed, and are not any more.
    private static var ofAuthorityTimes: [DifferentialCase] {
        TestSignature.Format.allCases.map { format in
            let chain = ChainRecipe(leaf: { $0.notAfter = EnvelopeRecipe.soonAfter })
            return DifferentialCase(
                "chain/\(format)/leaf-expired-after-the-authority-signed",
                signatures: [.made(EnvelopeRecipe(format: format, scheme: .signingAuthority, chain: chain))],
                trust: trust(.signingAuthority),
                expected: .accepted()
            )
        }
    }

    private static func trust(
        _ scheme: EnvelopeRecipe.Scheme,
        content: TrustRecipe.Content = .root
    ) -> TrustRecipe {
        TrustRecipe(stores: [.init(kind: scheme.storeKind, content: content)])
    }

    private static func forEachFormat(
        _ cases: (TestSignature.Format, EnvelopeRecipe.Scheme) -> [DifferentialCase]
    ) -> [DifferentialCase] {
        TestSignature.Format.allCases.flatMap { format in
            EnvelopeRecipe.Scheme.allCases.flatMap { cases(format, $0) }
        }
    }
}
