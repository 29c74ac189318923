import FoundationEssentials
import SigningTestKit

/// One thing that services say about the certificates of a signature, and what follows from it.
struct RevocationEntry: Sendable {
    typealias Services = RevocationRecipe.Services
    typealias Subject = RevocationRecipe.Subject

    let name: String
    /// What is expected of the scheme `notary.x509`.
    let expected: Expected
    /// What is expected of a signing authority, whose signing time is proven.
    let expectedOfAuthority: Expected
    let services: [Subject: Services]
    /// Changes the chain otherwise.
    var chain: (@Sendable (inout ChainRecipe) -> Void)?
    var isInSample = false

    init(
        _ name: String,
        _ expected: Expected,
        ofAuthority: Expected? = nil,
        _ services: [Subject: Services],
        chain: (@Sendable (inout ChainRecipe) -> Void)? = nil
    ) {
        self.name = name
        self.expected = expected
        self.expectedOfAuthority = ofAuthority ?? expected
        self.services = services
        self.chain = chain
    }

    /// Responders of the signer's certificate.
    static func responders(
        _ name: String,
        _ expected: Expected,
        ofAuthority: Expected? = nil,
        _ responders: RevocationRecipe.Service...
    ) -> RevocationEntry {
        RevocationEntry(
            "ocsp/\(name)",
            expected,
            ofAuthority: ofAuthority,
            [.signer: Services(responders: responders)]
        )
    }

    /// Revocation lists of the signer's certificate, with what lies where delta lists are looked for.
    static func lists(
        _ name: String,
        _ expected: Expected,
        ofAuthority: Expected? = nil,
        _ lists: RevocationRecipe.Service...,
        delta: RevocationRecipe.Service? = nil
    ) -> RevocationEntry {
        RevocationEntry(
            "list/\(name)",
            expected,
            ofAuthority: ofAuthority,
            [.signer: Services(lists: lists, delta: delta)]
        )
    }

    var sampled: RevocationEntry {
        var entry = self
        entry.isInSample = true
        return entry
    }
}

extension RevocationRecipe.Scene {
    func hoursAgo(_ hours: Double) -> Date { now.addingTimeInterval(-3600 * hours) }

    /// The certificate's entry in a list.
    func entry(_ hours: Double = 2, reason: UInt8? = nil, invalidSince: Date? = nil) -> RevocationListRecipe.Entry {
        .init(serialNumber, at: hoursAgo(hours), reason: reason, invalidityDate: invalidSince)
    }

    /// A certificate that somebody gave to a responder.
    func delegate(
        by issuer: TestCertificate? = nil,
        _ change: (inout CertificateRecipe) -> Void = { _ in }
    ) throws -> TestCertificate {
        var recipe = CertificateRecipe.leaf("ocsp.example.com")
        recipe.serialNumber = 99
        recipe.extendedKeyUsages = ["1.3.6.1.5.5.7.3.9"]
        recipe.extensions = [.init("1.3.6.1.5.5.7.48.1.5", isCritical: false, value: DERWriter.null)]
        change(&recipe)
        return try recipe.issue(.shared(.p256, 803), by: issuer ?? self.issuer)
    }
}

extension RevocationRecipe.Service {
    typealias Scene = RevocationRecipe.Scene

    /// A response of the issuer itself.
    static func ocsp(
        _ change: @escaping @Sendable (inout OCSPRecipe, Scene) throws -> Void = { _, _ in }
    ) -> RevocationRecipe.Service {
        .delegated(nil, change)
    }

    /// A response with the certificate that `delegate` makes.
    static func delegated(
        _ delegate: (@Sendable (Scene) throws -> TestCertificate)?,
        _ change: @escaping @Sendable (inout OCSPRecipe, Scene) throws -> Void = { _, _ in }
    ) -> RevocationRecipe.Service {
        .answering { scene in
            var recipe = OCSPRecipe(scene.serialNumber, now: scene.now)
            try change(&recipe, scene)
            return .body(try recipe.respond(scene.issuer, delegate: delegate?(scene)))
        }
    }

    /// A response that the certificate was revoked.
    static func revoked(
        _ reason: UInt8? = nil,
        hours: Double = 2,
        invalidSince: Date? = nil
    ) -> RevocationRecipe.Service {
        .ocsp {
            $0.status = .revoked($1.hoursAgo(hours), reason: reason)
            $0.invalidityDate = invalidSince
        }
    }

    /// A list of the issuer, without entries unless `change` adds some.
    static func list(
        _ change: @escaping @Sendable (inout RevocationListRecipe, Scene) throws -> Void = { _, _ in }
    ) -> RevocationRecipe.Service {
        .listBytes(change) { $0 }
    }

    /// A list whose bytes are changed after it was signed.
    static func listBytes(
        _ change: @escaping @Sendable (inout RevocationListRecipe, Scene) throws -> Void = { _, _ in },
        _ alter: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> RevocationRecipe.Service {
        .answering { scene in
            var recipe = RevocationListRecipe(now: scene.now)
            try change(&recipe, scene)
            return .body(alter(try recipe.issue(by: scene.issuer)))
        }
    }

    /// A list with one entry about the certificate.
    static func listed(_ reason: UInt8? = nil, invalidSince: Date? = nil) -> RevocationRecipe.Service {
        .list { $0.entries = [$1.entry(reason: reason, invalidSince: invalidSince)] }
    }

    /// A list that says where its delta list is.
    static func base(
        _ change: @escaping @Sendable (inout RevocationListRecipe, Scene) throws -> Void = { _, _ in }
    ) -> RevocationRecipe.Service {
        .list {
            $0.freshestURLs = [$1.place + RevocationRecipe.deltaPath]
            try change(&$0, $1)
        }
    }

    /// The delta list that belongs to ``base(_:)``.
    static func delta(
        _ change: @escaping @Sendable (inout RevocationListRecipe, Scene) throws -> Void = { _, _ in }
    ) -> RevocationRecipe.Service {
        .list {
            $0.number = 2
            $0.baseNumber = 1
            try change(&$0, $1)
        }
    }
}
