import Synchronization

/// A chain made for a test.
public struct TestChain: Sendable {
    /// The certificates, leaf first.
    public var certificates: [TestCertificate]

    /// Creates a chain from certificates, leaf first.
    public init(_ certificates: [TestCertificate]) { self.certificates = certificates }

    /// The DER of each, leaf first.
    public var der: [[UInt8]] { certificates.map(\.der) }
    /// The signer's key.
    public var key: TestKey { certificates[0].key }
    /// The signer's certificate.
    public var leaf: TestCertificate { certificates[0] }
    /// The trust anchor.
    public var root: TestCertificate { certificates[certificates.count - 1] }

    private static let authorities = Mutex<[String: [TestCertificate]]>([:])

    /// A good chain: a leaf of the given kind, `intermediates` CAs and a root.
    ///
    /// The CAs are made once a process: chains of the same number and length have the very same root.
    ///
    /// - Parameters:
    ///   - kind: the kind of the leaf's key.
    ///   - intermediates: how many CAs stand between root and leaf.
    ///   - number: chains of different numbers have different roots and keys.
    ///   - leaf: another leaf than the default one.
    ///   - root: another root than the default one; it is then made anew.
    /// - Returns: the chain, leaf first.
    /// - Throws: what making keys and signatures throws.
    public static func make(
        _ kind: TestKey.Kind = .p256,
        intermediates: Int = 1,
        number: Int = 0,
        leaf: CertificateRecipe? = nil,
        root: CertificateRecipe? = nil
    ) throws -> TestChain {
        let issuers =
            if let root {
                try makeIssuers(intermediates, number, root: root)
            } else {
                try authorities.withLock { made in
                    let name = "\(intermediates)/\(number)"
                    if let issuers = made[name] { return issuers }
                    let issuers = try makeIssuers(intermediates, number, root: .authority("Example Root \(number)"))
                    made[name] = issuers
                    return issuers
                }
            }
        return TestChain([try (leaf ?? .leaf()).issue(TestKey.shared(kind, number), by: issuers[0])] + issuers)
    }

    /// The CAs of a chain, the one that issues the leaf first.
    private static func makeIssuers(
        _ intermediates: Int,
        _ number: Int,
        root: CertificateRecipe
    ) throws -> [TestCertificate] {
        let base = 100 * (number + 1)
        var issuers = [try root.issue(TestKey.shared(.p256, base))]
        for index in 0..<intermediates {
            let recipe = CertificateRecipe.authority("Example CA \(number).\(index)")
            issuers.insert(try recipe.issue(TestKey.shared(.p256, base + 1 + index), by: issuers[0]), at: 0)
        }
        return issuers
    }

    /// A chain of one: a leaf that signed itself.
    public static func selfSigned(_ kind: TestKey.Kind = .p256, leaf: CertificateRecipe? = nil) throws -> TestChain {
        TestChain([try (leaf ?? .leaf()).issue(TestKey.shared(kind))])
    }
}
