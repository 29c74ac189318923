import FoundationEssentials

/// A COSE_Sign1 envelope to be made: right as it comes from a request, and changeable in every part.
public struct COSERecipe: Sendable {
    /// The protected header, in order.
    public var protected: [TestCBOR.Pair]
    /// The unprotected header, in order.
    public var unprotected: [TestCBOR.Pair]
    /// The payload, as it is signed.
    public var payload: [UInt8]
    /// The payload, as it stands in the envelope.
    public var payloadItem: TestCBOR
    /// What comes before the array; tag 18 as one byte.
    public var prefix: [UInt8] = [0xD2]
    /// The key that signs.
    public var key: TestKey
    /// How it signs.
    public var flavour = TestKey.Flavour.proper
    /// Changes the signature's bytes.
    public var alterSignature: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    /// Builds the outer array; for those of other shapes.
    public var assemble: @Sendable ([TestCBOR]) -> TestCBOR = { .array($0) }

    /// A good envelope.
    public init(_ request: SigningRequest, chain: TestChain) {
        protected = [
            .init(.integer(1), .integer(chain.key.kind.coseAlgorithm)),
            .init(.integer(2), .array(request.criticalNames.map { .text($0) })),
            .init(.integer(3), .text(SigningRequest.payloadMediaType)),
            .init(.text("io.cncf.notary.signingScheme"), .text(request.scheme)),
        ]
        protected += request.times.map {
            .init(.text($0.name), .tagged(1, .integer(Int($0.date.timeIntervalSince1970))))
        }
        protected += request.texts.map { .init(.text($0.name), .text($0.text)) }
        unprotected = [.init(.integer(33), .array(chain.der.map { .bytes($0) }))]
        if let agent = request.signingAgent {
            unprotected.append(.init(.text("io.cncf.notary.signingAgent"), .text(agent)))
        }
        if let token = request.timestampToken {
            unprotected.append(.init(.text("io.cncf.notary.timestampSignature"), .bytes(token)))
        }
        payload = request.payload
        payloadItem = .bytes(request.payload)
        key = chain.key
    }

    /// Replaces or adds a protected header.
    public mutating func set(_ label: TestCBOR, _ value: TestCBOR) { Self.set(&protected, label, value) }

    /// Replaces or adds an unprotected header.
    public mutating func setUnprotected(_ label: TestCBOR, _ value: TestCBOR) { Self.set(&unprotected, label, value) }

    /// Removes a protected header.
    public mutating func remove(_ label: TestCBOR) { protected.removeAll { $0.key == label } }

    /// Marks a label critical, in addition.
    public mutating func addCritical(_ label: TestCBOR) {
        for index in protected.indices where protected[index].key == .integer(2) {
            if case .array(let labels) = protected[index].value { protected[index].value = .array(labels + [label]) }
        }
    }

    private static func set(_ pairs: inout [TestCBOR.Pair], _ label: TestCBOR, _ value: TestCBOR) {
        guard let index = pairs.firstIndex(where: { $0.key == label }) else {
            pairs.append(.init(label, value))
            return
        }
        pairs[index].value = value
    }

    /// Signs once and for all, so that something can be said about the signature before the envelope is made.
    ///
    /// - Returns: the value that every envelope made from here on has.
    /// - Throws: what signing throws.
    public mutating func pinSignature() throws -> [UInt8] {
        let value = alterSignature(try key.sign(toBeSigned, flavour: flavour))
        alterSignature = { _ in value }
        return value
    }

    private var toBeSigned: [UInt8] {
        TestCBOR.array([.text("Signature1"), .bytes(TestCBOR.map(protected).encoded), .bytes([]), .bytes(payload)])
            .encoded
    }

    /// Makes the envelope.
    public func envelope() throws -> [UInt8] {
        let header = TestCBOR.map(protected).encoded
        let signature = alterSignature(try key.sign(toBeSigned, flavour: flavour))
        return prefix + assemble([.bytes(header), .map(unprotected), payloadItem, .bytes(signature)]).encoded
    }
}
