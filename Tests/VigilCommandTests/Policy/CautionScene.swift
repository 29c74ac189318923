import FoundationEssentials
import NotaryVerification
import SigningTestKit

/// One description of trust that is allowed and dangerous, as a TrustPolicy and as a document of notation.
struct CautionScene {
    var level = "strict"
    var overrides: [String: String] = [:]
    var verifyTimestamp: String?
    var identities = ["x509.subject: C=US, ST=WA, O=Example"]
    /// The trust stores by type, each with its certificates in PEM.
    var stores: [(type: String, pem: String)]

    /// A description without dangers.
    init() throws { stores = [("ca", try TestChain.make().root.pem)] }

    /// A description with the one danger of `code`, and with what that danger alone brings along.
    ///
    /// - Parameters:
    ///   - code: the danger.
    ///   - now: the moment at which the policy is checked.
    /// - Throws: what making certificates throws.
    init(of code: TrustCaution.Code, now: Date) throws {
        try self.init()
        switch code {
        case .verificationSkipped: (level, stores, identities) = ("skip", [], [])
        case .authenticityLogged: overrides = ["authenticity": "log"]
        case .revocationLogged: overrides = ["revocation": "log"]
        case .revocationSkipped: overrides = ["revocation": "skip"]
        case .timeLogged: overrides = ["expiry": "log"]
        case .anyIdentity: identities = ["*"]
        case .anyIdentityOfPublicAuthority:
            identities = ["*"]
            stores = [("ca", try Self.root { $0.subject = [[.init("2.5.4.10", "DigiCert Inc")]] })]
        case .identityNeverMatches: identities = ["acme:signer"]
        case .timestampsUnused: verifyTimestamp = "always"
        case .noSignerStore: stores = [("tsa", stores[0].pem)]
        case .anchorShared: stores.append(("tsa", stores[0].pem))
        case .signerAsAnchor: stores = [("ca", try TestChain.selfSigned().leaf.pem)]
        case .anchorExpired: stores = [("ca", try Self.root { $0.notAfter = now - 1 })]
        case .anchorExpiring: stores = [("ca", try Self.root { $0.notAfter = now + 86_400 })]
        case .anchorNotYetValid: stores = [("ca", try Self.root { $0.notBefore = now + 1 })]
        }
    }

    private static func root(_ change: (inout CertificateRecipe) -> Void) throws -> String {
        var recipe = CertificateRecipe.authority("Example Root")
        change(&recipe)
        return try TestChain.make(root: recipe).root.pem
    }

    /// Where the danger of `code` stands, below the description of trust, as an object says it and as notation does.
    static func place(of code: TrustCaution.Code) -> (object: String, notation: String) {
        let override = { (check: String) in (".overrides.\(check)", ".signatureVerification.override.\(check)") }
        switch code {
        case .verificationSkipped: return (".level", ".signatureVerification.level")
        case .authenticityLogged: return override("authenticity")
        case .revocationLogged, .revocationSkipped: return override("revocation")
        case .timeLogged: return override("expiry")
        case .anyIdentity, .anyIdentityOfPublicAuthority, .identityNeverMatches:
            return (".trustedIdentities", ".trustedIdentities")
        case .timestampsUnused: return (".verifyTimestamp", ".signatureVerification.verifyTimestamp")
        case .noSignerStore: return ("", "")
        case .anchorShared: return (".trustStores[1].certificates", ".trustStores")
        case .signerAsAnchor, .anchorExpired, .anchorExpiring, .anchorNotYetValid:
            return (".trustStores[0].certificates", ".trustStores")
        }
    }

    /// The description as a TrustPolicy; YAML, for JSON is that too.
    var object: String {
        var notary = ["\"level\": \"\(level)\""]
        if !overrides.isEmpty { notary.append("\"overrides\": \(Self.members(overrides))") }
        if let verifyTimestamp { notary.append("\"verifyTimestamp\": \"\(verifyTimestamp)\"") }
        if !identities.isEmpty { notary.append("\"trustedIdentities\": \(Self.texts(identities))") }
        if !stores.isEmpty {
            let written = stores.map { store in
                let pem = store.pem.replacing("\n", with: "\\n")
                return "{\"type\": \"\(store.type)\", \"certificates\": {\"inline\": \"\(pem)\"}}"
            }
            notary.append("\"trustStores\": [\(written.joined(separator: ", "))]")
        }
        return """
            apiVersion: vigil.dev/v1alpha1
            kind: TrustPolicy
            metadata: {name: shop, namespace: shop}
            spec:
              images: {include: [r.io/a]}
              authorities:
              - {"name": "release", "notary": {\(notary.joined(separator: ", "))}}

            """
    }

    /// The description as a folder of notation: its files by name.
    var folder: [String: String] {
        var verification = ["\"level\": \"\(level)\""]
        if !overrides.isEmpty { verification.append("\"override\": \(Self.members(overrides))") }
        if let verifyTimestamp { verification.append("\"verifyTimestamp\": \"\(verifyTimestamp)\"") }
        var statement = [
            #""name": "release""#, #""registryScopes": ["r.io/a"]"#,
            "\"signatureVerification\": {\(verification.joined(separator: ", "))}",
        ]
        if !stores.isEmpty { statement.append("\"trustStores\": \(Self.texts(stores.map { "\($0.type):main" }))") }
        if !identities.isEmpty { statement.append("\"trustedIdentities\": \(Self.texts(identities))") }
        var files = [
            "trustpolicy.json": "{\"version\": \"1.0\", \"trustPolicies\": [{\(statement.joined(separator: ", "))}]}"
        ]
        for store in stores { files["truststore/x509/\(store.type)/main/anchor.pem"] = store.pem }
        return files
    }

    private static func members(_ values: [String: String]) -> String {
        "{\(values.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", "))}"
    }

    private static func texts(_ values: [String]) -> String {
        "[\(values.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }
}
