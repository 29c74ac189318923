import FoundationEssentials
import NotaryVerification
import SigningTestKit
import Testing
import TrustModel

@Suite("Cautions about what is allowed and dangerous")
struct TrustCautionTests {
    private func codes(
        writtenTimestamps: Bool = false,
        _ change: (inout NotaryTrust) throws -> Void
    ) throws -> [String] {
        var trust = try Scene().trust
        trust.trustedIdentities = ["x509.subject: C=US, ST=WA, O=Example"]
        try change(&trust)
        return TrustCaution.all(in: trust, isTimestampVerificationWritten: writtenTimestamps, now: Scene.now)
            .map { "\($0.code) \($0.place)" }
    }

    private static func store(_ kind: TrustStore.Kind = .ca, _ certificates: [UInt8]...) -> TrustStore {
        TrustStore(kind: kind, name: "x", certificates: certificates)
    }

    private func root(_ organization: String, servesTLS: Bool = false) throws -> [UInt8] {
        var recipe = CertificateRecipe.authority("Example Root")
        recipe.subject = [[.init("2.5.4.6", "US")], [.init("2.5.4.10", organization)]]
        if servesTLS { recipe.extendedKeyUsages = ["1.3.6.1.5.5.7.3.1"] }
        return try TestChain.make(root: recipe).root.der
    }

    @Test("A strict policy that names its signers needs no caution")
    func quiet() throws {
        #expect(try codes { _ in }.isEmpty)
    }

    @Test("Every check that is not enforced is named, where it is written")
    func checks() throws {
        #expect(try codes { $0 = NotaryTrust(level: .skip) } == ["verificationSkipped level"])
        #expect(try codes { $0.level = .permissive } == ["revocationLogged level", "timeLogged level"])
        #expect(
            try codes { $0.level = .audit } == [
                "authenticityLogged level", "revocationLogged level", "timeLogged level",
            ]
        )
        #expect(
            try codes { $0.overrides = [.revocation: .skip, .authenticity: .log] }.map { $0.split(separator: " ")[0] }
                == ["authenticityLogged", "revocationSkipped"]
        )
        #expect(try codes { $0.overrides = [.expiry: .log] }.first?.hasPrefix("timeLogged override(") == true)
        #expect(
            try codes {
                $0.level = .permissive
                $0.overrides = [.revocation: .enforce, .expiry: .enforce, .authenticTimestamp: .enforce]
            }.isEmpty
        )
    }

    @Test("Everybody's signature is a danger beside a CA, and a greater one beside a public CA")
    func identities() throws {
        let own = try root("Example")
        #expect(
            try codes {
                $0.trustedIdentities = ["*"]
                $0.trustStores = [Self.store(.ca, own)]
            } == ["anyIdentity identities"]
        )
        for name in ["DigiCert, Inc.", "Let's Encrypt", "GlobalSign nv-sa", "SECTIGO LIMITED"] {
            let der = try root(name)
            #expect(
                try codes {
                    $0.trustedIdentities = ["*"]
                    $0.trustStores = [Self.store(.ca, own), Self.store(.signingAuthority, der)]
                } == ["anyIdentityOfPublicAuthority identities"],
                "\(name)"
            )
            #expect(try codes { $0.trustStores = [Self.store(.ca, der)] }.isEmpty)
        }
        let servers = try root("Example", servesTLS: true)
        #expect(
            try codes {
                $0.trustedIdentities = ["*"]
                $0.trustStores = [Self.store(.ca, servers)]
            } == ["anyIdentityOfPublicAuthority identities"]
        )
        #expect(try codes { $0.trustedIdentities = ["acme:x"] } == ["identityNeverMatches identities"])
    }

    @Test("With one signer's own certificate as anchor, * trusts nobody else, but the anchor is fragile")
    func signerAsAnchor() throws {
        let leaf = try TestChain.selfSigned().leaf.der
        #expect(
            try codes {
                $0.trustedIdentities = ["*"]
                $0.trustStores = [Self.store(.ca, leaf)]
            } == ["signerAsAnchor store(0)"]
        )
    }

    @Test("Stores without effect, and a certificate in stores of two types, are named")
    func stores() throws {
        let root = try root("Example")
        for written in [TimestampVerification.always, .afterCertExpiry] {
            #expect(
                try codes(writtenTimestamps: true) { $0.verifyTimestamp = written } == [
                    "timestampsUnused verifyTimestamp"
                ]
            )
        }
        #expect(try codes { $0.verifyTimestamp = .always }.isEmpty, "the default is no mistake of anybody's")
        #expect(try codes { $0.trustStores = [Self.store(.tsa, root)] } == ["noSignerStore trust"])
        #expect(
            try codes { $0.trustStores = [Self.store(.ca, root), Self.store(.signingAuthority, root)] } == [
                "anchorShared store(1)"
            ]
        )
        #expect(try codes { $0.trustStores = [Self.store(.ca)] }.isEmpty)
    }

    @Test("Everybody's signature beside a store that cannot be seen may be a danger, and is named as one")
    func unseenStore() throws {
        let leaf = try TestChain.selfSigned().leaf.der
        for stores in [[Self.store(.ca)], [Self.store(.signingAuthority)]] {
            #expect(
                try codes {
                    $0.trustedIdentities = ["*"]
                    $0.trustStores = stores
                } == ["anyIdentity identities"]
            )
        }
        #expect(
            try codes {
                $0.trustedIdentities = ["*"]
                $0.trustStores = [Self.store(.ca, leaf), Self.store(.tsa)]
            } == ["signerAsAnchor store(0)"],
            "who vouches for the time signs no image"
        )
    }

    @Test("An anchor is named when it has expired, expires within 30 days, or is not valid yet")
    func validity() throws {
        let chain = try TestChain.make()
        let trust = try Scene(chain: chain).trust
        let recipe = CertificateRecipe.authority("any")
        let (begin, end) = (recipe.notBefore, recipe.notAfter)
        func codes(_ now: Date) -> [TrustCaution.Code] {
            TrustCaution.all(in: trust, isTimestampVerificationWritten: false, now: now).map(\.code)
        }
        #expect(codes(end) == [.anchorExpired])
        #expect(codes(end - 30 * 86_400) == [.anchorExpiring])
        #expect(codes(end - 30 * 86_400 - 1).isEmpty)
        #expect(codes(begin).isEmpty)
        #expect(codes(begin - 1) == [.anchorNotYetValid])
    }
}
