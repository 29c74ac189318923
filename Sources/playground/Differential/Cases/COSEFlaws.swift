import SigningTestKit

/// Flaws that CBOR makes possible.
extension EnvelopeFlaw {
    static let ofCOSE: [EnvelopeFlaw] = ofTags + ofStructure + ofLabels + ofCOSETimes + ofCertificateChain

    private static let ofTags: [EnvelopeFlaw] = [
        .cose("without-tag", .refused(.integrity)) { $0.prefix = [] }.sampled,
        .cose("with-the-tag-of-many-signers", .refused(.integrity)) { $0.prefix = [0xD8, 0x62] },
        .cose("with-a-long-tag", .refused(.integrity)) { $0.prefix = [0xD8, 0x12] },
        .cose("with-two-tags", .refused(.integrity)) { $0.prefix = [0xD2, 0xD2] },
        .cose("with-the-tag-of-cbor", .refused(.integrity)) { $0.prefix = [0xD9, 0xD9, 0xF7, 0xD2] },
    ]

    private static let ofStructure: [EnvelopeFlaw] = [
        .cose("array-without-length", .refused(.integrity)) { $0.assemble = { .indefiniteArray($0) } },
        .cose("array-of-five", .refused(.integrity)) { $0.assemble = { .array($0 + [.null]) } },
        .cose("array-of-three", .refused(.integrity)) { $0.assemble = { .array(Array($0.dropLast())) } },
        .cose("array-with-a-long-length", .refused(.integrity)) { $0.assemble = { .long(.array($0)) } },
        .cose("payload-detached", .refused(.integrity)) { $0.payloadItem = .null },
        .cose("payload-as-text", .refused(.integrity)) {
            $0.payloadItem = .text(String(decoding: $0.payload, as: UTF8.self))
        },
        .cose("content-after-it", .refused(.integrity)) { $0.assemble = { .raw(TestCBOR.array($0).encoded + [0x00]) } },
        .cose("cut-off", .refused(.integrity)) { $0.assemble = { .raw(TestCBOR.array($0).encoded.dropLast(9)) } },
        .cose("protected-as-map", .refused(.integrity)) { recipe in
            let pairs = recipe.protected
            recipe.assemble = { .array([.map(pairs)] + $0.dropFirst()) }
        },
        .cose("protected-empty", .refused(.integrity)) { $0.protected = [] },
        .cose("unprotected-as-array", .refused(.integrity)) {
            $0.assemble = { .array([$0[0], .array([]), $0[2], $0[3]]) }
        },
        .cose("lengths-not-shortest", .accepted()) {
            $0.assemble = { .array([.long($0[0]), $0[1], .long($0[2]), .long($0[3])]) }
        },
        .cose("protected-in-another-order", .accepted()) { $0.protected.reverse() },
    ]

    private static let ofLabels: [EnvelopeFlaw] = [
        .cose("header-twice", .refused(.integrity)) { $0.protected.append($0.protected[0]) },
        .cose("unprotected-header-twice", .refused(.integrity)) { $0.unprotected.append($0.unprotected[0]) },
        .cose("algorithm-outside-too", .stricter(.headerInBothPlaces)) {
            $0.setUnprotected(.integer(1), .integer(-7))
        }.sampled,
        .cose("scheme-outside-too", .stricter(.headerInBothPlaces)) {
            $0.setUnprotected(.text(NotaryName.scheme), .text("notary.x509"))
        },
        .cose("expiry-outside", .stricter(.headerInBothPlaces)) {
            $0.setUnprotected(.text(NotaryName.expiry), .integer(2_019_686_400))
        },
        .cose("critical-list-outside", .refused(.integrity)) {
            $0.setUnprotected(.integer(2), .array([.text("io.cncf.notary.signingAgent")]))
            $0.remove(.integer(2))
        },
        .cose("label-of-bytes", .refused(.integrity)) { $0.set(.bytes([1]), .integer(1)) },
        .cose("label-of-a-large-number", .accepted()) { $0.set(.integer(70_000), .text("x")) },
        .cose("critical-number", .stricter(.unknownCriticalAttribute, .plugin)) {
            $0.set(.integer(70_000), .text("x"))
            $0.addCritical(.integer(70_000))
        },
        .cose("both-initialisation-vectors", .refused(.integrity)) {
            $0.set(.integer(5), .bytes([1]))
            $0.set(.integer(6), .bytes([1]))
        },
        .cose("unknown-header-outside", .accepted()) { $0.setUnprotected(.text("example.com/x"), .integer(1)) },
        .cose("signing-agent-as-number", .stricter(.unprotectedHeaderType)) {
            $0.setUnprotected(.text("io.cncf.notary.signingAgent"), .integer(1))
        }.sampled,
        .cose("timestamp-as-text", .stricter(.unprotectedHeaderType)) {
            $0.setUnprotected(.text("io.cncf.notary.timestampSignature"), .text("AAAA"))
        },
        .cose("critical-list-as-text", .refused(.integrity)) { $0.set(.integer(2), .text(NotaryName.scheme)) },
    ]

    private static let ofCOSETimes: [EnvelopeFlaw] = [
        .cborTime("time-without-tag", .integer(1_767_225_600)),
        .cborTime("time-as-text", .tagged(0, .text("2026-01-01T00:00:00Z"))),
        .cborTime("time-as-text-without-tag", .text("2026-01-01T00:00:00Z")),
        .cborTime("time-with-fraction", .tagged(1, .double(1_767_225_600.5)), .stricter(.timeForm)),
        .cborTime("time-with-two-tags", .tagged(1, .tagged(1, .integer(1_767_225_600)))),
        .cborTime("time-null", .null),
        .cborTime("time-before-1970", .tagged(1, .integer(-100)), .accepted()),
    ]

    private static func cborTime(
        _ name: String,
        _ value: TestCBOR,
        _ expected: Expected = .refused(.integrity)
    ) -> EnvelopeFlaw {
        .cose(name, expected) { $0.set(.text(NotaryName.signingTime), value) }.only(.x509)
    }

    private static let ofCertificateChain: [EnvelopeFlaw] = [
        .cose("chain-missing", .refused(.integrity)) { $0.unprotected.removeAll { $0.key == .integer(33) } },
        .cose("chain-empty", .refused(.integrity)) { $0.setUnprotected(.integer(33), .array([])) },
        .cose("chain-of-rubbish", .refused(.integrity)) {
            $0.setUnprotected(.integer(33), .array([.bytes([0, 1, 2])]))
        },
        .cose("chain-of-text", .refused(.integrity)) { $0.setUnprotected(.integer(33), .array([.text("AAAA")])) },
        .cose("chain-protected", .refused(.integrity)) { recipe in
            guard let chain = recipe.unprotected.first(where: { $0.key == .integer(33) }) else { return }
            recipe.unprotected.removeAll { $0.key == .integer(33) }
            recipe.set(.integer(33), chain.value)
        },
        .cose("chain-of-one-as-bytes", .refused(.integrity)) { recipe in
            guard case .array(let chain) = recipe.unprotected.first(where: { $0.key == .integer(33) })?.value
            else { return }
            recipe.setUnprotected(.integer(33), chain[0])
        },
        .cose("two-megabytes", .stricter(.sizeLimit)) {
            $0.setUnprotected(.text("filling"), .text(String(repeating: "a", count: 2 << 20)))
        },
    ]
}
