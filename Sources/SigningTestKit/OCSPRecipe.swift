import Crypto
public import FoundationEssentials

/// What an OCSP responder says.
///
/// The defaults are right; every field can be made wrong.
public struct OCSPRecipe: Sendable {
    /// What is said about a certificate.
    public enum Status: Sendable {
        case good
        case revoked(Date, reason: UInt8?)
        case unknown
    }

    /// The hash that certificates are named by.
    public enum Hash: String, Sendable, CaseIterable {
        case sha1 = "1.3.14.3.2.26"
        case sha256 = "2.16.840.1.101.3.4.2.1"
        case sha512 = "2.16.840.1.101.3.4.2.3"
        /// A hash that nobody knows.
        case md5 = "1.2.840.113549.2.5"

        func of(_ bytes: [UInt8]) -> [UInt8] {
            switch self {
            case .sha1, .md5: Array(Insecure.SHA1.hash(data: bytes))
            case .sha256: Array(SHA256.hash(data: bytes))
            case .sha512: Array(SHA512.hash(data: bytes))
            }
        }
    }

    /// What is said.
    public var status = Status.good
    /// The serial number it is said about.
    public var serialNumber: Int
    /// Since when that is known.
    public var thisUpdate: Date
    /// When there will be newer information; `nil` leaves it out.
    public var nextUpdate: Date?
    /// When the response was signed.
    public var producedAt: Date
    /// An invalidity date among the extensions of the answer.
    public var invalidityDate: Date?
    /// Other extensions of the answer.
    public var extensions: [CertificateRecipe.Extension] = []
    /// Extensions of the whole response.
    public var responseExtensions: [CertificateRecipe.Extension] = []
    /// The hash of issuer name and key.
    public var hash = Hash.sha1
    /// Another issuer's name and key than the issuer's in the CertID.
    public var namedIssuer: TestCertificate?
    /// Whether the responder names itself by its key.
    public var isNamedByKey = false
    /// Another name of the responder than the signer's, in DER.
    public var responderName: [UInt8]?
    /// Certificates that are brought along; `nil` for that of a delegated responder.
    public var certificates: [TestCertificate]?
    /// The response status; all but 0 come without an answer.
    public var responseStatus: UInt8 = 0
    /// How the responder signs; `nil` for what its key usually does.
    public var signature: CertificateSignature?
    /// Whether to spoil the signature.
    public var hasBrokenSignature = false

    /// Creates a recipe for an answer of a day that is an hour old at `now`.
    public init(_ serialNumber: Int = 4711, now: Date, status: Status = .good) {
        self.serialNumber = serialNumber
        self.status = status
        thisUpdate = now.addingTimeInterval(-3600)
        producedAt = thisUpdate
        nextUpdate = now.addingTimeInterval(23 * 3600)
    }

    /// Makes the response about a certificate that `issuer` issued.
    ///
    /// - Parameters:
    ///   - issuer: issued the certificate.
    ///   - delegate: signs in the issuer's stead.
    /// - Returns: the response in DER.
    /// - Throws: what signing throws.
    public func respond(_ issuer: TestCertificate, delegate: TestCertificate? = nil) throws -> [UInt8] {
        guard responseStatus == 0 else { return DERWriter.sequence(DERWriter.element(0x0A, [responseStatus])) }
        let signer = delegate ?? issuer
        let algorithm = signature ?? .usual(signer.key.kind)
        let data = DERWriter.sequence(
            isNamedByKey
                ? DERWriter.tagged(2, DERWriter.octetString(Hash.sha1.of(signer.key.publicKeyBits)))
                : DERWriter.tagged(1, responderName ?? signer.subject),
            DERWriter.generalizedTime(producedAt),
            DERWriter.sequence(answer(namedIssuer ?? issuer)),
            responseExtensions.isEmpty ? [] : DERWriter.tagged(1, CertificateRecipe.encoded(responseExtensions))
        )
        var value = try algorithm.sign(data, key: signer.key)
        if hasBrokenSignature { value[value.count / 2] ^= 0x01 }
        let brought = certificates ?? (delegate.map { [$0] } ?? [])
        let basic = DERWriter.sequence(
            data,
            algorithm.identifier,
            DERWriter.bitString(value),
            brought.isEmpty ? [] : DERWriter.tagged(0, DERWriter.element(0x30, brought.flatMap(\.der)))
        )
        return DERWriter.sequence(
            DERWriter.element(0x0A, [0]),
            DERWriter.tagged(
                0,
                DERWriter.sequence(
                    DERWriter.objectIdentifier("1.3.6.1.5.5.7.48.1.1"),
                    DERWriter.octetString(basic)
                )
            )
        )
    }

    private func answer(_ issuer: TestCertificate) -> [UInt8] {
        let digest = DERWriter.sequence(DERWriter.objectIdentifier(hash.rawValue), DERWriter.null)
        let identifier = DERWriter.sequence(
            digest,
            DERWriter.octetString(hash.of(issuer.subject)),
            DERWriter.octetString(hash.of(issuer.key.publicKeyBits)),
            DERWriter.integer(serialNumber)
        )
        var list = extensions
        if let invalidityDate {
            let value = DERWriter.generalizedTime(invalidityDate)
            list.append(.init("2.5.29.24", isCritical: false, value: value))
        }
        return DERWriter.sequence(
            identifier,
            encodedStatus,
            DERWriter.generalizedTime(thisUpdate),
            nextUpdate.map { DERWriter.tagged(0, DERWriter.generalizedTime($0)) } ?? [],
            list.isEmpty ? [] : DERWriter.tagged(1, CertificateRecipe.encoded(list))
        )
    }

    private var encodedStatus: [UInt8] {
        switch status {
        case .good: [0x80, 0x00]
        case .unknown: [0x82, 0x00]
        case .revoked(let date, let reason):
            DERWriter.tagged(
                1,
                DERWriter.generalizedTime(date)
                    + (reason.map { DERWriter.tagged(0, DERWriter.element(0x0A, [$0])) } ?? [])
            )
        }
    }
}
