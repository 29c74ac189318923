import FoundationEssentials

/// A JWS envelope to be made: right as it comes from a request, and changeable in every part.
public struct JWSRecipe: Sendable {
    /// One member of a JSON object, its value as JSON text; the same name may come twice.
    public struct Member: Sendable {
        /// The name.
        public var name: String
        /// The value, as JSON text.
        public var json: String
        /// Creates a member.
        public init(_ name: String, json: String) {
            self.name = name
            self.json = json
        }
        /// Creates a member whose value is a string.
        public init(_ name: String, text: String) { self.init(name, json: JSONWriter.text(text)) }
        /// Creates a member whose value is an array of strings.
        public init(_ name: String, texts: [String]) { self.init(name, json: JSONWriter.texts(texts)) }
    }

    /// The members of the protected header, in order.
    public var protected: [Member]
    /// The members of the unprotected header, in order.
    public var unprotected: [Member]
    /// Members beside the four of the envelope.
    public var extraMembers: [Member] = []
    /// The payload.
    public var payload: [UInt8]
    /// The key that signs.
    public var key: TestKey
    /// How it signs.
    public var flavour = TestKey.Flavour.proper
    /// Changes the signature's bytes.
    public var alterSignature: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    /// Changes the text of a member of the envelope after signing: its name and its text.
    public var alterText: @Sendable (String, String) -> String = { $1 }
    /// Members to leave out.
    public var omitted: Set<String> = []

    /// A good envelope.
    public init(_ request: SigningRequest, chain: TestChain) {
        protected = [
            Member("alg", text: chain.key.kind.joseAlgorithm),
            Member("cty", text: SigningRequest.payloadMediaType),
            Member("crit", texts: request.criticalNames),
            Member("io.cncf.notary.signingScheme", text: request.scheme),
        ]
        protected += request.times.map { Member($0.name, text: $0.date.formatted(.iso8601)) }
        protected += request.texts.map { Member($0.name, text: $0.text) }
        unprotected = [Member("x5c", texts: chain.der.map { Data($0).base64EncodedString() })]
        if let agent = request.signingAgent {
            unprotected.append(Member("io.cncf.notary.signingAgent", text: agent))
        }
        if let token = request.timestampToken {
            unprotected.append(Member("io.cncf.notary.timestampSignature", text: Data(token).base64EncodedString()))
        }
        payload = request.payload
        key = chain.key
    }

    /// Replaces or adds a protected member.
    public mutating func set(_ name: String, json: String) { Self.set(&protected, name, json) }

    /// Replaces or adds an unprotected member.
    public mutating func setUnprotected(_ name: String, json: String) { Self.set(&unprotected, name, json) }

    /// Sets the timestamp token, of any bytes.
    public mutating func setTimestamp(_ token: [UInt8]) {
        setUnprotected("io.cncf.notary.timestampSignature", json: "\"\(Data(token).base64EncodedString())\"")
    }

    /// Removes a protected member.
    public mutating func remove(_ name: String) { protected.removeAll { $0.name == name } }

    /// Marks a name critical, in addition.
    public mutating func addCritical(_ name: String) {
        for index in protected.indices where protected[index].name == "crit" {
            let separator = protected[index].json == "[]" ? "" : ","
            protected[index].json = "\(protected[index].json.dropLast())\(separator)\"\(name)\"]"
        }
    }

    private static func set(_ members: inout [Member], _ name: String, _ json: String) {
        guard let index = members.firstIndex(where: { $0.name == name }) else {
            members.append(Member(name, json: json))
            return
        }
        members[index].json = json
    }

    /// Signs once and for all, so that something can be said about the signature before the envelope is made.
    ///
    /// - Returns: the value that every envelope made from here on has.
    /// - Throws: what signing throws.
    public mutating func pinSignature() throws -> [UInt8] {
        let value = alterSignature(try key.sign(signingInput, flavour: flavour))
        alterSignature = { _ in value }
        return value
    }

    private var signingInput: [UInt8] {
        Array("\(Self.base64URL(Array(Self.object(protected).utf8))).\(Self.base64URL(payload))".utf8)
    }

    /// Makes the envelope.
    public func envelope() throws -> [UInt8] {
        let protectedText = Self.base64URL(Array(Self.object(protected).utf8))
        let payloadText = Self.base64URL(payload)
        let signature = alterSignature(try key.sign(signingInput, flavour: flavour))
        let members = [
            Member("payload", text: alterText("payload", payloadText)),
            Member("protected", text: alterText("protected", protectedText)),
            Member("header", json: Self.object(unprotected)),
            Member("signature", text: alterText("signature", Self.base64URL(signature))),
        ]
        return Array(Self.object(members.filter { !omitted.contains($0.name) } + extraMembers).utf8)
    }

    private static func object(_ members: [Member]) -> String {
        JSONWriter.object(members.map { (name: $0.name, value: $0.json) })
    }

    /// base64url without padding.
    public static func base64URL(_ bytes: [UInt8]) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            }
        )
    }
}
