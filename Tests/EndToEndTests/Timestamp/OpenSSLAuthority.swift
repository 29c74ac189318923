import Foundation
import Testing

@testable import playground

/// A time-stamping authority that `openssl ts` runs: a root, a CA and a certificate made by `openssl`.
struct OpenSSLAuthority: Sendable {
    /// A kind of key, as `openssl genpkey` takes it.
    enum Key: String, CaseIterable {
        case rsa2048 = "RSA:rsa_keygen_bits:2048"
        case rsa3072 = "RSA:rsa_keygen_bits:3072"
        case p256 = "EC:ec_paramgen_curve:P-256"
        case p384 = "EC:ec_paramgen_curve:P-384"
        case p521 = "EC:ec_paramgen_curve:P-521"
    }

    let workspace: Workspace
    /// The folder of its files inside the workspace.
    let name: String

    /// Makes keys, certificates and settings.
    ///
    /// - Parameters:
    ///   - workspace: where.
    ///   - name: the folder.
    ///   - key: the kind of all its keys.
    ///   - digest: the hash that it signs with and names its certificate by.
    ///   - settings: more lines for its section of the settings.
    /// - Throws: what `openssl` says when it fails.
    init(_ workspace: Workspace, _ name: String, key: Key = .p256, digest: String = "sha256", settings: String = "")
        async throws
    {
        self.workspace = workspace
        self.name = name
        try configure(
            digest: digest,
            """
            \(settings)
            [root]
            basicConstraints = critical, CA:true
            keyUsage = critical, keyCertSign, cRLSign
            subjectKeyIdentifier = hash
            [ca]
            basicConstraints = critical, CA:true, pathlen:0
            keyUsage = critical, keyCertSign
            [signer]
            basicConstraints = CA:false
            keyUsage = critical, digitalSignature
            extendedKeyUsage = critical, timeStamping
            """
        )
        let kind = key.rawValue.split(separator: ":")
        for part in ["root", "ca", "signer"] {
            try await openssl([
                "genpkey", "-algorithm", String(kind[0]), "-pkeyopt", "\(kind[1]):\(kind[2])", "-out",
                file("\(part).key"),
            ])
            try await openssl([
                "req", "-new", "-key", file("\(part).key"), "-subj", "/C=US/ST=WA/O=Clock/CN=\(name) \(part)", "-out",
                file("\(part).csr"),
            ])
            let issuer = part == "root" ? nil : part == "ca" ? "root" : "ca"
            try await openssl(
                ["x509", "-req", "-in", file("\(part).csr"), "-days", "30", "-extfile", file("settings")]
                    + ["-extensions", part, "-set_serial", "\(UInt32.random(in: 1...UInt32.max))"]
                    + (issuer.map { ["-CA", file("\($0).pem"), "-CAkey", file("\($0).key")] }
                        ?? ["-key", file("root.key")])
                    + ["-out", file("\(part).pem")]
            )
        }
    }

    /// An authority with a certificate that `ca` issued, so that it can be revoked.
    ///
    /// - Parameters:
    ///   - ca: the issuer.
    ///   - name: the certificate's name there.
    /// - Throws: what the file system says.
    init(_ ca: OpenSSLCA, certificate name: String) throws {
        workspace = ca.workspace
        self.name = "clocks/\(name)"
        try configure(digest: "sha256", "")
        for (part, source) in [("root", "root"), ("ca", "ca"), ("signer", name)] {
            for kind in ["pem", "key"] {
                try workspace.write(try workspace.read("pki/\(source).\(kind)"), to: "\(self.name)/\(part).\(kind)")
            }
        }
    }

    private func configure(digest: String, _ more: String) throws {
        try workspace.write("01", to: "\(name)/serial")
        try workspace.write(
            """
            [tsa]
            serial = \(workspace.path)/\(name)/serial
            crypto_device = builtin
            signer_digest = \(digest)
            default_policy = 1.3.6.1.4.1.32473.1
            digests = sha256, sha384, sha512, sha1
            ess_cert_id_alg = \(digest)
            \(more)
            """,
            to: "\(name)/settings"
        )
    }

    func file(_ file: String) -> String { "\(workspace.path)/\(name)/\(file)" }

    /// The root, as PEM.
    var root: String { get throws { try workspace.read("\(name)/root.pem") } }

    /// The token for `bytes`, by `openssl ts -query` and `openssl ts -reply -token_out`.
    func token(for bytes: [UInt8], hash: String = "sha256") async throws -> [UInt8] {
        try Data(bytes).write(to: URL(filePath: file("data")))
        try await openssl(["ts", "-query", "-data", file("data"), "-\(hash)", "-cert", "-out", file("query")])
        try await openssl(reply + ["-token_out"])
        return Array(try Data(contentsOf: URL(filePath: file("reply"))))
    }

    /// The answer to a request, by `openssl ts -reply`.
    func answer(_ query: [UInt8]) async throws -> [UInt8] {
        try Data(query).write(to: URL(filePath: file("query")))
        try await openssl(reply)
        return Array(try Data(contentsOf: URL(filePath: file("reply"))))
    }

    /// It as a service over HTTP (RFC 3161 §3.4).
    var exchange: LoopbackServer.Answer {
        .exchange(query: "application/timestamp-query", reply: "application/timestamp-reply") { query in
            do {
                return try await answer(query)
            } catch {
                Issue.record(error)
                throw error
            }
        }
    }

    private var reply: [String] {
        [
            "ts", "-reply", "-config", file("settings"), "-section", "tsa", "-queryfile", file("query"), "-inkey",
            file("signer.key"), "-signer", file("signer.pem"), "-chain", file("ca.pem"), "-out", file("reply"),
        ]
    }

    /// Whether `openssl ts -verify` accepts a token about `bytes`.
    func accepts(_ token: [UInt8], for bytes: [UInt8]) async throws -> Bool {
        try Data(bytes).write(to: URL(filePath: file("data")))
        try Data(token).write(to: URL(filePath: file("token")))
        let outcome = try await workspace.run(
            RealTools.path("openssl"),
            ["ts", "-verify", "-data", file("data"), "-in", file("token"), "-token_in", "-CAfile", file("root.pem")]
        )
        return outcome.status == 0
    }

    private func openssl(_ arguments: [String]) async throws { try await workspace.tool("openssl", arguments) }
}
