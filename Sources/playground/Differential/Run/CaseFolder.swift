import Foundation
import SigningTestKit

/// The folder of a case, with notation's configuration in it.
struct CaseFolder: Sendable {
    let path: String

    /// What both programs read.
    var configuration: String { path + "/config/notation" }

    /// Writes the trust policy and the trust stores.
    ///
    /// - Parameters:
    ///   - trust: what to trust.
    ///   - chain: the chain that the stores are filled for; `nil` when the case has no signature.
    ///   - repository: the repository of the cases.
    /// - Throws: what writing files and making certificates throws.
    func write(_ trust: TrustRecipe, chain: MadeChain?, repository: String) throws {
        try Self.write(trust.text(repository: repository), to: "\(configuration)/\(trust.file)")
        for store in trust.stores {
            try write(store.content, chain: chain, to: "\(configuration)/truststore/x509/\(store.kind)/\(store.name)")
        }
    }

    private func write(_ content: TrustRecipe.Content, chain: MadeChain?, to store: String) throws {
        guard content != .missing else { return }
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
        let stranger = try ChainFlaw.stranger()
        let certificates = chain?.certificates ?? [stranger]
        guard let leaf = certificates.first, let root = certificates.last else { return }
        switch content {
        case .root: try Self.write(root.pem, to: store + "/root.pem")
        case .issuer: try Self.write((certificates.dropFirst().first ?? leaf).pem, to: store + "/issuer.pem")
        case .leaf: try Self.write(leaf.pem, to: store + "/leaf.crt")
        case .clocks:
            for (index, root) in try TimestampCases.roots.enumerated() {
                try Self.write(root.pem, to: store + "/\(index).pem")
            }
        case .stranger: try Self.write(stranger.pem, to: store + "/stranger.pem")
        case .reissuedRoot:
            var recipe = CertificateRecipe.authority("Root 0")
            recipe.serialNumber = 999
            try Self.write(try recipe.issue(root.key).pem, to: store + "/root.pem")
        case .strangerAndRoot: try Self.write(stranger.pem + root.pem, to: store + "/both.pem")
        case .unknownKeyAndRoot, .unknownCurveAndRoot, .shortKeyAndRoot:
            try Self.write(try Self.stranger(content, by: stranger).pem + root.pem, to: store + "/both.pem")
        case .textAroundRoot: try Self.write("Subject: x\n" + root.pem + "end\n", to: store + "/root.pem")
        case .keyBesideRoot: try Self.write(root.key.pem + "\n" + root.pem, to: store + "/root.pem")
        case .rootWithCarriageReturns:
            try Self.write(root.pem.replacing("\n", with: "\r\n"), to: store + "/root.pem")
        case .rootCutOff: try Self.write(String(root.pem.dropLast(40)), to: store + "/root.pem")
        case .derRootAndMore: try Data(root.der + [0]).write(to: URL(filePath: store + "/root.der"))
        case .rootTwice: try Self.write(root.pem + root.pem, to: store + "/root.pem")
        case .linkToRoot:
            try Self.write(root.pem, to: path + "/root.pem")
            try FileManager.default.createSymbolicLink(
                atPath: store + "/root.pem",
                withDestinationPath: path + "/root.pem"
            )
        case .derRoot: try Data(root.der).write(to: URL(filePath: store + "/root.der"))
        case .rubbish: try Self.write("no certificate", to: store + "/root.pem")
        case .rootBesideFolder:
            try Self.write(root.pem, to: store + "/root.pem")
            try FileManager.default.createDirectory(atPath: store + "/more", withIntermediateDirectories: true)
        case .empty, .missing: break
        }
    }

    /// A CA whose key is of a kind that can vouch for nothing.
    private static func stranger(_ content: TrustRecipe.Content, by issuer: TestCertificate) throws -> TestCertificate {
        let algorithm: [UInt8] =
            switch content {
            case .unknownCurveAndRoot:
                DERWriter.objectIdentifier("1.2.840.10045.2.1") + DERWriter.objectIdentifier("1.3.132.0.10")
            case .shortKeyAndRoot: DERWriter.objectIdentifier("1.3.101.112")
            default: DERWriter.objectIdentifier("1.3.6.1.4.1.99999.3")
            }
        var recipe = CertificateRecipe.authority("Stranger")
        recipe.subjectPublicKeyInfo = DERWriter.sequence(
            DERWriter.sequence(algorithm),
            DERWriter.bitString([UInt8](repeating: 4, count: content == .unknownCurveAndRoot ? 65 : 31))
        )
        return try recipe.issue(issuer.key, by: issuer)
    }

    static func write(_ text: String, to file: String) throws {
        let url = URL(filePath: file)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
