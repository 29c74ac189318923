import FoundationEssentials
import SigningTestKit

/// The services that certificates of a case name, and what comes back when they are asked about revocation.
struct RevocationRecipe: Sendable {
    /// A certificate that names services: one of the first signature, or of the authority that stamped it.
    enum Subject: Int, Sendable, CaseIterable {
        case signer, authority, root
        case clock, clockAuthority
    }

    /// Everything that an answer is made of.
    struct Scene: Sendable {
        /// Who issued the certificate that is asked about.
        let issuer: TestCertificate
        /// The number of that certificate.
        let serialNumber: Int
        /// The present, in whole seconds.
        let now: Date
        /// Where the services of the certificate are.
        let place: String
    }

    /// One service.
    enum Service: Sendable {
        case answering(@Sendable (Scene) throws -> LoopbackServer.Answer)
        /// An address where this run has nothing.
        case elsewhere(String)

        /// Nobody listens there: the port is one that no service of ours gets.
        static let deaf = Service.elsewhere("http://127.0.0.1:1/")
        static let silent = Service.always(.silence)

        /// The same for every certificate.
        static func always(_ answer: LoopbackServer.Answer) -> Service { .answering { _ in answer } }
    }

    /// What one certificate names.
    struct Services: Sendable {
        /// OCSP responders.
        var responders: [Service] = []
        /// Revocation lists.
        var lists: [Service] = []
        /// What lies at ``RevocationRecipe/deltaPath`` below the place of the services.
        var delta: Service?
        /// Whether the certificate names the delta list itself.
        var namesDelta = false
    }

    static let deltaPath = "/delta"

    var services: [Subject: Services]

    /// When authorities stamp signatures: 2025-06-01.
    static let stamped = Date(timeIntervalSince1970: 1_748_736_000)

    /// Puts the answers on the server, and their addresses into the certificates of the case.
    ///
    /// - Parameters:
    ///   - differential: the case.
    ///   - server: where the services are.
    ///   - now: the present.
    /// - Returns: the case whose certificates name them.
    /// - Throws: what making answers throws.
    func arrange(
        _ differential: DifferentialCase,
        on server: LoopbackServer,
        now: Date
    ) throws -> DifferentialCase {
        guard case .made(var envelope, let manifest) = differential.signatures.first else { return differential }
        let present = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        let certificates = try envelope.chain.make().certificates
        let clock = try Self.clockChain()
        var names: [Subject: [CertificateRecipe.Extension]] = [:]
        for (subject, services) in services {
            let chain = subject.isOfClock ? clock.certificates : certificates
            guard subject.position < chain.count else { continue }
            let scene = Scene(
                issuer: chain[min(subject.position + 1, chain.count - 1)],
                serialNumber: chain[subject.position].serialNumber,
                now: present,
                place: "\(server.url)/\(differential.name)/\(subject)"
            )
            names[subject] = try Self.put(services, scene, on: server)
        }
        envelope.chain = Self.naming(names, in: envelope.chain, count: certificates.count)
        if names.keys.contains(where: \.isOfClock) {
            let chain = try Self.clockChain(names)
            envelope.stamp = { try TimestampRecipe(of: $0, at: Self.stamped, by: chain).token() }
        }
        var arranged = differential
        arranged.signatures[0] = .made(envelope, manifest)
        return arranged
    }

    /// Puts the answers of one certificate's services, and returns the extensions that name them.
    private static func put(
        _ services: Services,
        _ scene: Scene,
        on server: LoopbackServer
    ) throws -> [CertificateRecipe.Extension] {
        func address(_ service: Service, _ name: String) throws -> String {
            switch service {
            case .elsewhere(let address): return address
            case .answering(let answer):
                let url = scene.place + name
                server.put(try answer(scene), at: String(url.dropFirst(server.url.count)))
                return url
            }
        }
        let responders = try services.responders.enumerated().map { try address($1, "/ocsp\($0)") }
        let lists = try services.lists.enumerated().map { try address($1, "/list\($0)") }
        let delta = try services.delta.map { try address($0, deltaPath) }
        var names: [CertificateRecipe.Extension] = []
        func add(_ type: String, _ value: [UInt8]) { names.append(.init(type, isCritical: false, value: value)) }
        if !responders.isEmpty { add("1.3.6.1.5.5.7.1.1", CertificateRecipe.responders(responders)) }
        if !lists.isEmpty { add("2.5.29.31", CertificateRecipe.distributionPoints(lists)) }
        if services.namesDelta, let delta { add("2.5.29.46", CertificateRecipe.distributionPoints([delta])) }
        return names
    }

    private static func naming(
        _ names: [Subject: [CertificateRecipe.Extension]],
        in chain: ChainRecipe,
        count: Int
    ) -> ChainRecipe {
        var chain = chain
        let (leaf, authority) = (chain.leaf, chain.authority)
        chain.leaf = {
            leaf?(&$0)
            $0.extensions += names[.signer] ?? []
        }
        guard names[.authority] != nil || names[.root] != nil else { return chain }
        chain.authority = { index, recipe in
            authority?(index, &recipe)
            // The recipe counts from the root, the chain from the signer.
            if index == count - 2 { recipe.extensions += names[.authority] ?? [] }
            if index == 0 { recipe.extensions += names[.root] ?? [] }
        }
        return chain
    }

    /// The chain of an authority that trust stores with ``TrustRecipe/Content/clocks`` trust.
    private static func clockChain(_ names: [Subject: [CertificateRecipe.Extension]] = [:]) throws -> TestChain {
        let usual = try TestChain.make(.p256, number: TimestampCases.usualNumber)
        var authority = CertificateRecipe.authority("Revocable CA")
        authority.extensions = names[.clockAuthority] ?? []
        let issuer = try authority.issue(usual.certificates[1].key, by: usual.root)
        var leaf = CertificateRecipe.timestamping()
        leaf.extensions = names[.clock] ?? []
        return TestChain([try leaf.issue(usual.key, by: issuer), issuer, usual.root])
    }
}

extension RevocationRecipe.Subject {
    fileprivate var isOfClock: Bool { self == .clock || self == .clockAuthority }

    /// Where it stands in its chain, the leaf first.
    fileprivate var position: Int {
        switch self {
        case .signer, .clock: 0
        case .authority, .clockAuthority: 1
        case .root: 2
        }
    }
}
