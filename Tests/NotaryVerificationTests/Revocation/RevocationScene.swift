import FoundationEssentials
import NotaryVerification
import SigningFormats
import SigningTestKit
import TrustModel

/// A root, a CA, a signer whose certificate says where to ask, and what is answered there.
struct RevocationScene {
    static let now = Scene.now
    static let responder = "http://ocsp.example.com"
    static let list = "http://crl.example.com/ca.crl"
    static let delta = "http://crl.example.com/ca-delta.crl"

    let root: TestCertificate
    let authority: TestCertificate
    let leaf: TestCertificate
    var evidence = RevocationEvidence()
    var authenticSigningTime: Date?

    /// - Parameters:
    ///   - ocsp: whether the signer's certificate names a responder.
    ///   - lists: the lists that it names.
    ///   - mayCASignLists: whether the CA's certificate has cRLSign.
    ///   - change: changes the signer's certificate otherwise.
    /// - Throws: what making keys and signatures throws.
    init(
        ocsp: Bool = false,
        lists: [String] = [],
        mayCASignLists: Bool = true,
        change: (inout CertificateRecipe) -> Void = { _ in }
    ) throws {
        root = try CertificateRecipe.authority("Root").issue(.shared(.p256, 800))
        var issuer = CertificateRecipe.authority("Issuing CA")
        if !mayCASignLists { issuer.keyUsage = [.keyCertSign] }
        authority = try issuer.issue(.shared(.p256, 801), by: root)
        var recipe = CertificateRecipe.leaf()
        if ocsp { recipe.ocspURL = Self.responder }
        if !lists.isEmpty {
            recipe.extensions.append(
                .init("2.5.29.31", isCritical: false, value: CertificateRecipe.distributionPoints(lists))
            )
        }
        change(&recipe)
        leaf = try recipe.issue(.shared(.p256, 802), by: authority)
    }

    /// The certificate of a responder that the CA, or another issuer, delegates to.
    func delegate(
        by issuer: TestCertificate? = nil,
        change: (inout CertificateRecipe) -> Void = { _ in }
    ) throws -> TestCertificate {
        var recipe = CertificateRecipe.leaf("ocsp.example.com")
        recipe.serialNumber = 99
        recipe.extendedKeyUsages = ["1.3.6.1.5.5.7.3.9"]
        recipe.extensions = [.init("1.3.6.1.5.5.7.48.1.5", isCritical: false, value: DERWriter.null)]
        change(&recipe)
        return try recipe.issue(.shared(.p256, 803), by: issuer ?? authority)
    }

    var question: RevocationQuestion {
        get throws {
            RevocationQuestion(
                purpose: .codeSigning,
                certificates: try [leaf, authority, root].map { try X509Certificate(der: $0.der) },
                authenticSigningTime: authenticSigningTime
            )
        }
    }

    var lookup: RevocationLookup {
        get throws {
            let lookups = try question.lookups
            guard let first = lookups.first else { throw Missing() }
            return first
        }
    }

    struct Missing: Error {}

    /// Puts an answer where the signer's certificate names the responder.
    mutating func answer(_ bytes: [UInt8], url: String = responder, receivedAt: Date = now) throws {
        let lookup = try lookup
        let request = OCSPRequest.der(lookup.certificate, issuedBy: lookup.issuer)
        evidence.answers[.ocsp(url: url, request: request)] = .bytes(bytes, receivedAt: receivedAt)
    }

    /// Puts a list at a URL.
    mutating func publish(_ recipe: RevocationListRecipe, url: String = list, receivedAt: Date = now) throws {
        evidence.answers[.revocationList(url: url)] = .bytes(try recipe.issue(by: authority), receivedAt: receivedAt)
    }

    func status(now: Date = now) throws -> RevocationStatus { try lookup.status(evidence, now: now) }
}

extension RevocationStatus {
    /// The kind of status, and what it says.
    var kind: String {
        switch self {
        case .good: "good"
        case .revoked: "revoked"
        case .unknown: "unknown"
        case .unavailable: "unavailable"
        }
    }

    var message: String {
        switch self {
        case .good(_, let message), .revoked(let message), .unknown(let message), .unavailable(let message): message
        }
    }

    var until: Date? {
        guard case .good(let until, _) = self else { return nil }
        return until
    }
}
