import FoundationEssentials
import JSONModel
import TrustResources

/// The ConfigMaps and Secrets that stand beside policies in files.
///
/// Contents of Secrets never appear in errors.
struct CertificateManifests: Sendable {
    private struct Key: Hashable {
        let kind: CertificateObject.Kind
        /// `nil` where the manifest names none: whoever applies it chooses.
        let namespace: String?
        let name: String
    }

    private var objects: [Key: [String: [UInt8]]] = [:]
    private let vaults: PolicyVaults

    /// No manifests yet, and what was read of vaults.
    init(vaults: PolicyVaults = PolicyVaults()) { self.vaults = vaults }

    /// Takes in a ConfigMap.
    ///
    /// - Throws: ``InputError`` when its data cannot be read, or another of the same name was taken in.
    mutating func addConfigMap(_ document: SourceDocument) throws(InputError) {
        try add(document, .configMap, text: "data", encoded: "binaryData")
    }

    /// Takes in a Secret.
    ///
    /// - Throws: ``InputError`` when its data cannot be read, or another of the same name was taken in.
    mutating func addSecret(_ document: SourceDocument) throws(InputError) {
        try add(document, .secret, text: "stringData", encoded: "data")
    }

    private mutating func add(
        _ document: SourceDocument,
        _ kind: CertificateObject.Kind,
        text: String,
        encoded: String
    ) throws(InputError) {
        guard let name = document.value.value(at: "metadata", "name")?.string else {
            throw document.error("metadata.name", "is missing")
        }
        var contents: [String: [UInt8]] = [:]
        for (key, value) in try Self.members(document, encoded) {
            let compact = value.filter { !$0.isWhitespace }
            guard let data = Data(base64Encoded: compact) else {
                throw document.error(
                    "\(encoded)[\(key.prefix(80))]",
                    "is no base64; write plain text into \(text) instead"
                )
            }
            contents[key] = Array(data)
        }
        for (key, value) in try Self.members(document, text) { contents[key] = Array(value.utf8) }
        let namespace = document.value.value(at: "metadata", "namespace")?.string
        guard objects.updateValue(contents, forKey: Key(kind: kind, namespace: namespace, name: name)) == nil else {
            throw document.error("metadata.name", "\(kind.rawValue) \(name) is defined more than once; keep one")
        }
    }

    private static func members(_ document: SourceDocument, _ member: String) throws(InputError) -> [String: String] {
        guard let value = document.value[member], !value.isNull else { return [:] }
        guard let object = value.object else {
            throw document.error(member, "is \(value.typeName), expected an object")
        }
        var texts: [String: String] = [:]
        for (key, value) in object {
            guard let text = value.string else {
                throw document.error(
                    "\(member)[\(key.prefix(80))]",
                    "is \(value.typeName), expected a string; quote it"
                )
            }
            texts[key] = text
        }
        return texts
    }

    /// What those of `references` lead to that lead anywhere.
    func found(_ references: [CertificateReference]) -> [CertificateReference: [UInt8]] {
        var found: [CertificateReference: [UInt8]] = [:]
        for reference in references {
            if case .found(let bytes, _) = certificates(reference) { found[reference] = bytes }
        }
        return found
    }

    /// What a policy's reference leads to.
    ///
    /// A manifest without a namespace serves every namespace that has no own.
    func certificates(_ reference: CertificateReference) -> CertificateLookup {
        switch reference {
        case .object(let object): certificates(object)
        case .keyVault(let source): vaults.certificates(source)
        }
    }

    private func certificates(_ reference: CertificateObject) -> CertificateLookup {
        let own = objects[Key(kind: reference.kind, namespace: reference.namespace, name: reference.name)]
        guard let contents = own ?? objects[Key(kind: reference.kind, namespace: nil, name: reference.name)] else {
            return .unavailable("is in none of the files that --policy names; add its manifest")
        }
        guard let bytes = contents[reference.key] else {
            return .unavailable("has no such key in the files that --policy names")
        }
        return .found(bytes)
    }
}
