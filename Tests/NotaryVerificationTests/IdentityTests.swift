import NotaryVerification
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@Suite("Trusted identities")
struct IdentityTests {
    private func policyError(_ identities: [String]) throws -> NotaryPolicyError? {
        var trust = try Scene().trust
        trust.trustedIdentities = identities
        do throws(NotaryPolicyError) {
            _ = try NotaryVerifier(trust: trust)
            return nil
        } catch {
            return error
        }
    }

    private func matches(_ identity: String, subject: [[CertificateRecipe.NamePart]]? = nil) throws -> Bool {
        var leaf = CertificateRecipe.leaf()
        if let subject { leaf.subject = subject }
        var scene = try Scene(chain: TestChain.make(leaf: leaf))
        scene.trust.trustedIdentities = [identity]
        let outcome = try scene.judge()
        #expect(outcome.verdict == .trusted || outcome.reason == .noTrustedSignature, "\(outcome.message)")
        return outcome.verdict == .trusted
    }

    // MARK: Names in policies

    @Test(
        "Forms of the same name all match",
        arguments: [
            "x509.subject: C=US, ST=WA, O=Example, CN=signer.example.com", "x509.subject:C=US,ST=WA,O=Example",
            "x509.subject: O=Example;ST=WA;C=US", "x509.subject: C=US, S=WA, O=Example",
            "x509.subject:   C = US ,ST= WA, O=Example  ",
            "x509.subject: C=US, ST=WA, O=Ex\\61mple", "x509.subject: C=\\55\\53, ST=WA, O=Example", "*",
        ]
    )
    func forms(identity: String) throws {
        #expect(try matches(identity))
    }

    @Test(
        "Another value or one attribute too many does not match",
        arguments: [
            "x509.subject: C=US, ST=WA, O=example", "x509.subject: C=US, ST=WA, O=Example, OU=x",
            "x509.subject: C=US, ST=WA, O=Exam",
            "x509.subject: C=US, ST=WA, O=Example, CN=signer.example.com.evil.org",
            "x509.subject: C=US, ST=WA, O=Example\\ ",
            "x509.subject: C=US, ST=WA, O=Ex  ample", "x509.issuer: C=US, ST=WA, O=Example", "email: a@b",
        ]
    )
    func mismatches(identity: String) throws {
        #expect(try !matches(identity))
    }

    @Test(
        "Escapes mean what RFC 4514 says",
        arguments: [
            ("O=a\\,b", "a,b"), ("O=a\\2Cb", "a,b"), ("O=a\\+b", "a+b"), ("O=\\#a", "#a"), ("O=a\\\\b", "a\\b"),
            ("O=\\C3\\A9", "\u{E9}"),
            ("O=a=b", "a=b"), ("O=a\\=b", "a=b"), ("O=\\ a\\ ", " a "), ("O=a\\\"b", "a\"b"),
        ]
    )
    func escapes(text: String, value: String) throws {
        let subject: [[CertificateRecipe.NamePart]] = [
            [.init("2.5.4.6", "US")], [.init("2.5.4.8", "WA")], [.init("2.5.4.10", value)],
        ]
        // A "#" that is escaped is a character as any other.
        #expect(try matches("x509.subject: C=US, ST=WA, \(text)", subject: subject))
    }

    @Test("Composed and decomposed letters are different values")
    func composition() throws {
        let subject: [[CertificateRecipe.NamePart]] = [
            [.init("2.5.4.6", "US")], [.init("2.5.4.8", "WA")], [.init("2.5.4.10", "e\u{301}")],
        ]
        #expect(try !matches("x509.subject: C=US, ST=WA, O=\u{E9}", subject: subject))
        #expect(try matches("x509.subject: C=US, ST=WA, O=e\u{301}", subject: subject))
    }

    @Test(
        "Names that break a rule are refused",
        arguments: [
            "", " ", "C=US", "C=US,ST=WA", "ST=WA,O=x", "C=US,O=x", "C=,ST=WA,O=x", "C=US,ST=WA,O=", "C=US,ST=WA,O= ",
            "C=US,ST=WA,O=x,", ",C=US,ST=WA,O=x", "C=US,,ST=WA,O=x", "C=US,ST=WA,O=x,O=y", "C=US,S=WA,ST=WA,O=x",
            "C=US,ST=WA,O=x+CN=y", "C=US+ST=WA,O=x", "C=US,ST=WA,O=#78", "C=US,ST=WA,O=x,CN=#0C0178",
            "C=US,ST=WA,O= #78",
            "c=US,st=WA,o=x", "C=US,ST=WA,O=x,cn=y", "C=US,ST=WA,O=x,E=a@b", "C=US,ST=WA,O=x,2.5.4.3=y",
            "C=US,ST=WA,O=x,DC=y",
            "C=US,ST=WA,O=x\\", "C=US,ST=WA,O=x\\z", "C=US,ST=WA,O=x\\4", "C=US,ST=WA,O=\\FF", "C=US,ST=WA,O=\"x\"",
            "C=US,ST=WA,O=<x>",
            "C=US,ST=WA,O=x,CN=", "C=US,ST=WA,x", "=US,ST=WA,O=x",
        ]
    )
    func invalidNames(name: String) throws {
        let error = try policyError(["x509.subject:\(name)"])
        #expect(error?.code == .identityNameInvalid, "\(error?.message ?? "accepted")")
        #expect(error?.field == "notary.trustedIdentities[0]")
    }

    @Test("Names beyond the limits are refused")
    func largeNames() throws {
        #expect(
            try policyError(["x509.subject:C=US,ST=WA,O=\(String(repeating: "x", count: 5000))"])?.code
                == .identityNameInvalid
        )
        let long = "x509.subject:C=US,ST=WA,O=" + String(repeating: "x,O=", count: 900)
        #expect(try policyError([long])?.code == .identityNameInvalid)
    }

    // MARK: Lists

    @Test(
        "Lists that break a rule are refused",
        arguments: [
            ([], .identitiesMissing), ([""], .identityEmpty),
            (["*", "x509.subject:C=US,ST=WA,O=x"], .identityWildcardNotAlone),
            (["*", "*"], .identityWildcardNotAlone), (["C=US,ST=WA,O=x"], .identityPrefixMissing),
            (["x509.subject"], .identityPrefixMissing),
            (["x509.subject:C=US,ST=WA,O=x", "x509.subject:O=x,C=US,ST=WA"], .identitiesOverlap),
            (["x509.subject:C=US,ST=WA,O=x", "x509.subject:C=US,ST=WA,O=x,CN=y"], .identitiesOverlap),
            (["x509.subject:C=US,ST=WA,O=x,CN=y", "a:b", "x509.subject:C=US,S=WA,O=x"], .identitiesOverlap),
        ] as [([String], NotaryPolicyError.Code)]
    )
    func lists(identities: [String], code: NotaryPolicyError.Code) throws {
        #expect(try policyError(identities)?.code == code)
    }

    @Test("Names that only have parts in common do not overlap, and any of them suffices")
    func several() throws {
        var scene = try Scene()
        scene.trust.trustedIdentities = [
            "x509.subject:C=US,ST=WA,O=Other", "x509.subject:C=US,ST=WA,O=Example,CN=signer.example.com",
            "x509.subject:C=US,ST=WA,O=Example,CN=other.example.com",
        ]
        #expect(try scene.judge().verdict == .trusted)
    }

    // MARK: Subjects of certificates

    private static let base: [[CertificateRecipe.NamePart]] = [
        [.init("2.5.4.6", "US", tag: 0x13)], [.init("2.5.4.8", "WA")], [.init("2.5.4.10", "Example")],
    ]

    /// Subjects that no identity can match, although C, ST and O would fit.
    static let unnameable: [(String, [[CertificateRecipe.NamePart]])] = [
        ("two OUs", base + [[.init("2.5.4.11", "a")], [.init("2.5.4.11", "b")]]),
        ("two OUs in one RDN", base + [[.init("2.5.4.11", "a"), .init("2.5.4.11", "b")]]),
        ("two organizations", base + [[.init("2.5.4.10", "Evil")]]),
        ("two common names", base + [[.init("2.5.4.3", "a")], [.init("2.5.4.3", "b")]]),
        ("an e-mail address", base + [[.init("1.2.840.113549.1.9.1", "a@b", tag: 0x16)]]),
        ("a domain component", base + [[.init("0.9.2342.19200300.100.1.25", "com", tag: 0x16)]]),
        ("no state", [base[0], base[2]]), ("no country", [base[1], base[2]]), ("no organization", [base[0], base[1]]),
        ("an empty state", [base[0], [.init("2.5.4.8", "")], base[2]]),
        ("hexadecimal looks", base + [[.init("2.5.4.3", "x=#y")]]),
        ("a value in TeletexString", base + [[.init("2.5.4.3", "x", tag: 0x14)]]),
        ("no name at all", []),
    ]

    @Test("A subject that identities cannot name matches none, except *", arguments: unnameable)
    func unnameableSubjects(name: String, subject: [[CertificateRecipe.NamePart]]) throws {
        #expect(try !matches("x509.subject: C=US, ST=WA, O=Example", subject: subject))
        #expect(try matches("*", subject: subject))
    }

    @Test("Several attributes in one RDN of a certificate, and other string types, are as good as any")
    func otherForms() throws {
        let one: [[CertificateRecipe.NamePart]] = [
            [.init("2.5.4.6", "US"), .init("2.5.4.8", "WA", tag: 0x16), .init("2.5.4.10", "Example", tag: 0x13)]
        ]
        #expect(try matches("x509.subject: C=US, ST=WA, O=Example", subject: one))
    }

    @Test("Only the leaf's name counts")
    func leafOnly() throws {
        #expect(try !matches("x509.subject: C=US, ST=WA, O=Example, CN=Example Root 0"))
    }
}
