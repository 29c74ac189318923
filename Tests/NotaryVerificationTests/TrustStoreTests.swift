import FoundationEssentials
import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("Trust stores")
struct TrustStoreTests {
    private func error(_ stores: [TrustStore]) throws -> NotaryPolicyError? {
        var trust = try Scene().trust
        trust.trustStores = stores
        return Self.error(trust)
    }

    private static func error(_ trust: NotaryTrust) -> NotaryPolicyError? {
        do throws(NotaryPolicyError) {
            _ = try NotaryVerifier(trust: trust)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "CAs and self-signed certificates may stand in ca and signingAuthority stores",
        arguments: [TrustStore.Kind.ca, .signingAuthority]
    )
    func anchors(kind: TrustStore.Kind) throws {
        let chain = try TestChain.make()
        let lone = try TestChain.selfSigned()
        for der in [chain.certificates[1].der, chain.root.der, lone.leaf.der] {
            #expect(try error([TrustStore(kind: kind, name: "x", certificates: [der])]) == nil)
        }
        #expect(
            try error([TrustStore(kind: kind, name: "x", certificates: [chain.leaf.der])])?.code
                == .certificateNotAnchor
        )
        let mixed = TrustStore(kind: kind, name: "x", certificates: [chain.root.der, chain.leaf.der])
        #expect(try error([mixed])?.field == "notary.trustStores[0].certificates[1]")
        var broken = CertificateRecipe.leaf()
        broken.hasBrokenSignature = true
        let pretender = try broken.issue(.shared(.p256)).der
        #expect(
            try error([TrustStore(kind: kind, name: "x", certificates: [pretender])])?.code == .certificateNotAnchor
        )
    }

    @Test("Only roots may stand in a tsa store")
    func roots() throws {
        let chain = try TestChain.make()
        let ca = TrustStore(kind: .ca, name: "x", certificates: [chain.root.der])
        #expect(try error([ca, TrustStore(kind: .tsa, name: "x", certificates: [chain.root.der])]) == nil)
        var noSigning = CertificateRecipe.authority("Root")
        noSigning.keyUsage = [.cRLSign]
        for der in [
            chain.certificates[1].der, chain.leaf.der, try TestChain.selfSigned().leaf.der,
            try noSigning.issue(.shared(.p256)).der,
        ] {
            #expect(
                try error([ca, TrustStore(kind: .tsa, name: "x", certificates: [der])])?.code == .certificateNotRoot
            )
        }
    }

    @Test("Empty stores, unreadable certificates and no store at all are refused")
    func refused() throws {
        #expect(try error([])?.code == .trustStoresMissing)
        #expect(try error([TrustStore(kind: .ca, name: "x", certificates: [])])?.code == .trustStoreEmpty)
        #expect(try error([TrustStore(kind: .ca, name: "x", certificates: [[0x30]])])?.code == .certificateMalformed)
        let many = Array(repeating: try TestChain.make().root.der, count: 1025)
        #expect(try error([TrustStore(kind: .ca, name: "x", certificates: many)])?.code == .trustStoreTooLarge)
    }

    @Test(
        "Names that could leave the folder or break a message are refused",
        arguments: ["", ".", "..", "...", "a/b", "a b", "é", "a:b", "a\n"]
    )
    func names(name: String) throws {
        let root = try TestChain.make().root.der
        #expect(try error([TrustStore(kind: .ca, name: name, certificates: [root])])?.code == .trustStoreNameInvalid)
    }

    @Test(
        "Overrides of integrity, and skipping anything but revocation, are refused",
        arguments: VerificationCheck.allCases,
        VerificationAction.allCases
    )
    func overrides(check: VerificationCheck, action: VerificationAction) throws {
        var trust = try Scene().trust
        trust.overrides = [check: action]
        let expected: NotaryPolicyError.Code? =
            check == .integrity
            ? .overrideIntegrity : action == .skip && check != .revocation ? .overrideSkipNotAllowed : nil
        #expect(Self.error(trust)?.code == expected)
    }

    @Test("Level skip with anything beside it is refused")
    func skip() throws {
        let root = try TestChain.make().root.der
        let store = TrustStore(kind: .ca, name: "x", certificates: [root])
        #expect(Self.error(NotaryTrust(level: .skip)) == nil)
        #expect(Self.error(NotaryTrust(level: .skip, overrides: [.expiry: .log]))?.code == .skipWithOverrides)
        #expect(Self.error(NotaryTrust(level: .skip, trustedIdentities: ["*"]))?.code == .skipWithTrust)
        #expect(Self.error(NotaryTrust(level: .skip, trustStores: [store]))?.code == .skipWithTrust)
    }

    @Test("A file becomes the certificates of a store, or an error that says why")
    func files() throws {
        let chain = try TestChain.make()
        #expect(try TrustStoreCertificates.parse(Array(chain.root.pem.utf8)) == [chain.root.der])
        #expect(throws: NotaryPolicyError.self) { try TrustStoreCertificates.parse(Array(chain.leaf.pem.utf8)) }
        #expect(throws: NotaryPolicyError.self) { try TrustStoreCertificates.parse([]) }
        #expect(throws: NotaryPolicyError.self) {
            try TrustStoreCertificates.parse(Array(chain.certificates[1].pem.utf8), kind: .tsa)
        }
    }
}
