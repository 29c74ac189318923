import SigningFormats
import TrustModel

/// A trust store ready to be asked: its certificates checked, and findable by their bytes.
struct CompiledTrustStore: Sendable {
    let kind: TrustStore.Kind
    let name: String
    /// The certificates of a store of type `tsa`, all of them roots; of other stores only the bytes are needed.
    let roots: [X509Certificate]
    private let anchors: Set<Anchor>

    /// The bytes of a certificate, hashed as one piece: an array would be hashed byte by byte.
    private struct Anchor: Hashable {
        let der: [UInt8]

        func hash(into hasher: inout Hasher) { der.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    init(_ store: TrustStore, field: String) throws(NotaryPolicyError) {
        try TrustStoreName.check(store.name, field: "\(field).name")
        let field = "\(field).certificates"
        guard !store.certificates.isEmpty else {
            throw NotaryPolicyError(
                .trustStoreEmpty,
                field: field,
                "trust store \(store.kind.rawValue):\(store.name) holds no certificate"
            )
        }
        guard store.certificates.count <= SigningLimits.storeCertificates else {
            throw NotaryPolicyError(
                .trustStoreTooLarge,
                field: field,
                "trust store \(store.kind.rawValue):\(store.name) holds more than \(SigningLimits.storeCertificates) certificates"
            )
        }
        var roots: [X509Certificate] = []
        for (index, der) in store.certificates.enumerated() {
            let certificate: X509Certificate
            do throws(SigningFormatError) {
                certificate = try X509Certificate(der: der)
            } catch {
                throw NotaryPolicyError(.certificateMalformed, field: "\(field)[\(index)]", error.message)
            }
            try TrustStoreCertificates.check(certificate, kind: store.kind, field: "\(field)[\(index)]")
            if store.kind == .tsa { roots.append(certificate) }
        }
        self.roots = roots
        kind = store.kind
        name = store.name
        anchors = Set(store.certificates.map(Anchor.init))
    }

    /// `type:name`, as policies write it.
    var reference: String { "\(kind.rawValue):\(name)" }

    /// Whether the certificate is, byte by byte, one of the store's.
    func holds(_ certificate: X509Certificate) -> Bool { anchors.contains(Anchor(der: certificate.der)) }

    /// The certificate of the chain that is, byte by byte, one of the store's: the nearest to the signer.
    func anchor(in chain: CertificateChain) -> X509Certificate? {
        chain.certificates.first { holds($0) }
    }
}

/// The names that trust stores may have.
enum TrustStoreName {
    /// Letters, digits, `_`, `.` and `-`; not dots alone, which would be a way out of the folder.
    static func check(_ name: String, field: String) throws(NotaryPolicyError) {
        let isAllowed =
            !name.isEmpty && name.utf8.count <= 255
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isAllowed, !name.utf8.allSatisfy({ $0 == UInt8(ascii: ".") }) else {
            throw NotaryPolicyError(
                .trustStoreNameInvalid,
                field: field,
                "\"\(name.prefix(64))\" is no trust store name: use letters, digits, \"_\", \".\" and \"-\", and not dots alone"
            )
        }
    }
}
