import Synchronization

/// Signers' chains that passed every rule before.
///
/// Whether certificates form a chain fit for signing depends on nothing but their bytes, neither on trust nor on time, so
/// what was found out once holds for good. All images of a signer carry the same chain: with it known, one signature of
/// an envelope is left to check instead of one for every certificate besides, and no certificate to read.
///
/// Only chains that passed are kept, so that whoever sends bad ones pushes nobody else's out.
public final class ChainMemory: Sendable {
    private struct Key: Hashable {
        let certificates: [[UInt8]]

        init(_ certificates: some Sequence<[UInt8]>) { self.certificates = Array(certificates) }

        /// Hashes each certificate as one piece: an array would be hashed byte by byte.
        func hash(into hasher: inout Hasher) {
            for certificate in certificates { certificate.withUnsafeBytes { hasher.combine(bytes: $0) } }
        }
    }

    /// What was used lately, and what was before that: forgetting is one step, and what is in use stays.
    private struct Generations {
        var young: [Key: CertificateChain] = [:]
        var old: [Key: CertificateChain] = [:]
    }

    /// The most chains that are kept.
    public static let capacity = 64
    /// The longest chain that is kept, in bytes of all its certificates; so many times ``capacity`` bound the memory.
    public static let chainBytes = 16 << 10

    private let state = Mutex(Generations())

    /// Creates an empty memory.
    public init() {}

    /// How many chains are kept.
    public var count: Int { state.withLock { $0.young.count + $0.old.count } }

    /// The chain of exactly these certificates, if it passed before.
    ///
    /// - Parameter certificates: the DER of each, leaf first.
    /// - Returns: the chain; `nil` when it has to be read.
    func chain(_ certificates: [[UInt8]]) -> CertificateChain? {
        let key = Key(certificates)
        return state.withLock { state in
            if let chain = state.young[key] { return chain }
            guard let chain = state.old.removeValue(forKey: key) else { return nil }
            Self.put(chain, key, into: &state)
            return chain
        }
    }

    /// Keeps a chain, unless it is longer than ``chainBytes``.
    func keep(_ chain: CertificateChain) {
        guard chain.certificates.reduce(0, { $0 + $1.der.count }) <= Self.chainBytes else { return }
        let key = Key(chain.certificates.lazy.map { $0.der })
        state.withLock { state in
            state.old[key] = nil
            Self.put(chain, key, into: &state)
        }
    }

    private static func put(_ chain: CertificateChain, _ key: Key, into state: inout Generations) {
        if state.young[key] == nil, state.young.count >= capacity / 2 {
            state.old = state.young
            state.young = [:]
        }
        state.young[key] = chain
    }
}
