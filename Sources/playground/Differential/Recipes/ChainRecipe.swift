import FoundationEssentials
import SigningTestKit
import Synchronization

/// A certificate chain to be made: its shape, and what is wrong with it.
struct ChainRecipe: Sendable {
    /// The kind of the signer's key.
    var key = TestKey.Kind.p256
    /// How many CAs stand between root and leaf; `nil` for a leaf that signed itself.
    var intermediates: Int? = 1
    /// The kind of the CAs' keys.
    var authorityKey = TestKey.Kind.p256
    /// Chains of different numbers have different names and keys.
    var number = 0
    /// The leaf's common name.
    var signer = "signer.example.com"
    /// Changes the leaf.
    var leaf: (@Sendable (inout CertificateRecipe) -> Void)?
    /// Changes a CA: 0 is the root, 1 the CA that it issued, and so on.
    var authority: (@Sendable (Int, inout CertificateRecipe) -> Void)?
    /// Changes which certificates are in the envelope.
    var arrange: (@Sendable ([TestCertificate]) throws -> [TestCertificate])?

    /// The same with another key.
    func with(key: TestKey.Kind) -> ChainRecipe {
        var recipe = self
        recipe.key = key
        return recipe
    }

    /// Makes it.
    func make() throws -> MadeChain {
        var leafRecipe = CertificateRecipe.leaf(signer)
        leaf?(&leafRecipe)
        let key = try TestKey.shared(key, number)
        guard let intermediates else {
            return try finish([try leafRecipe.issue(key)])
        }
        let issuers = try authorities(intermediates)
        return try finish([try leafRecipe.issue(key, by: issuers.first)] + issuers)
    }

    /// The CAs, the one that issues the leaf first.
    ///
    /// Those that nothing is wrong with are made once, for no two ECDSA signatures are the same.
    private func authorities(_ intermediates: Int) throws -> [TestCertificate] {
        guard authority == nil else { return try makeAuthorities(intermediates) }
        return try Self.made.withLock { made in
            let name = "\(authorityKey.rawValue)/\(number)/\(intermediates)"
            if let issuers = made[name] { return issuers }
            let issuers = try makeAuthorities(intermediates)
            made[name] = issuers
            return issuers
        }
    }

    private static let made = Mutex<[String: [TestCertificate]]>([:])

    private func makeAuthorities(_ intermediates: Int) throws -> [TestCertificate] {
        var certificates: [TestCertificate] = []
        for index in 0...intermediates {
            var recipe = CertificateRecipe.authority(index == 0 ? "Root \(number)" : "CA \(number).\(index)")
            recipe.serialNumber = 100 + index
            authority?(index, &recipe)
            let key = try TestKey.shared(authorityKey, 100 * (number + 1) + index)
            certificates.insert(try recipe.issue(key, by: certificates.first), at: 0)
        }
        return certificates
    }

    private func finish(_ certificates: [TestCertificate]) throws -> MadeChain {
        MadeChain(
            sent: TestChain(try arrange?(certificates) ?? certificates),
            key: certificates[0].key,
            certificates: certificates
        )
    }
}

/// A chain as it is, and as the envelope carries it.
struct MadeChain: Sendable {
    /// What the envelope carries.
    let sent: TestChain
    /// The signer's key.
    let key: TestKey
    /// The whole chain, leaf first.
    let certificates: [TestCertificate]

    var root: TestCertificate { certificates[certificates.count - 1] }
}
