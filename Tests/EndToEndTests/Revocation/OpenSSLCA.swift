import Foundation
import Subprocess
import SystemPackage
import Testing

/// A certificate authority that `openssl ca` runs, with a responder that `openssl ocsp` runs and lists by `-gencrl`.
struct OpenSSLCA: Sendable {
    let workspace: Workspace
    /// Where certificates say that the responder is.
    let responderPort: Int

    /// Makes a root, an issuing CA and a delegated responder.
    ///
    /// - Throws: what `openssl` says when it fails.
    init(_ workspace: Workspace) async throws {
        self.workspace = workspace
        responderPort = try await FreePort.find()
        for (file, text) in [("index.txt", ""), ("serial", "1000"), ("crlnumber", "01"), ("settings", Self.settings)] {
            try workspace.write(text.replacing("DIR", with: "\(workspace.path)/pki"), to: "pki/\(file)")
        }
        try FileManager.default.createDirectory(atPath: file("new"), withIntermediateDirectories: true)
        for (name, issuer) in [("root", nil), ("ca", "root"), ("responder", "ca")] as [(String, String?)] {
            try await makeKey(name)
            try await openssl(
                ["x509", "-req", "-in", file("\(name).csr"), "-days", "30", "-extfile", file("settings")]
                    + ["-extensions", "\(name)_extensions", "-set_serial", "\(UInt32.random(in: 1...UInt32.max))"]
                    + (issuer.map { ["-CA", file("\($0).pem"), "-CAkey", file("\($0).key")] }
                        ?? ["-key", file("root.key")])
                    + ["-out", file("\(name).pem")]
            )
        }
    }

    private static let settings = """
        [ca]
        default_ca = this
        [this]
        database = DIR/index.txt
        new_certs_dir = DIR/new
        certificate = DIR/ca.pem
        private_key = DIR/ca.key
        serial = DIR/serial
        crlnumber = DIR/crlnumber
        default_md = sha256
        default_days = 20
        default_crl_days = 1
        unique_subject = no
        policy = any
        [any]
        countryName = optional
        stateOrProvinceName = optional
        organizationName = optional
        commonName = supplied
        [root_extensions]
        basicConstraints = critical, CA:true
        keyUsage = critical, keyCertSign, cRLSign
        [ca_extensions]
        basicConstraints = critical, CA:true, pathlen:0
        keyUsage = critical, keyCertSign, cRLSign
        [responder_extensions]
        basicConstraints = CA:false
        keyUsage = critical, digitalSignature
        extendedKeyUsage = OCSPSigning
        noCheck = ignored
        """

    func file(_ name: String) -> String { "\(workspace.path)/pki/\(name)" }

    @discardableResult
    func openssl(_ arguments: [String]) async throws -> String { try await workspace.tool("openssl", arguments) }

    private func makeKey(_ name: String, rsaBits: Int? = nil) async throws {
        let kind =
            rsaBits.map { ["RSA", "-pkeyopt", "rsa_keygen_bits:\($0)"] } ?? [
                "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
            ]
        try await openssl(["genpkey", "-algorithm"] + kind + ["-out", file("\(name).key")])
        try await openssl([
            "req", "-new", "-key", file("\(name).key"), "-subj", "/C=US/ST=WA/O=Revocable/CN=\(name)", "-out",
            file("\(name).csr"),
        ])
    }

    /// Issues a signer's certificate that names the responder, or a list, or both.
    ///
    /// - Parameters:
    ///   - name: its file and common name.
    ///   - ocsp: whether it names the responder.
    ///   - list: the URL of a list.
    ///   - usage: its extended key usage.
    ///   - rsaBits: the length of its RSA key; `nil`: it has a key on P-256.
    ///   - isRecorded: whether the CA knows afterwards that it did.
    /// - Throws: what `openssl` says when it fails.
    func issue(
        _ name: String,
        ocsp: Bool,
        list: String? = nil,
        usage: String = "codeSigning",
        rsaBits: Int? = nil,
        isRecorded: Bool = true
    ) async throws {
        var extensions = """
            basicConstraints = CA:false
            keyUsage = critical, digitalSignature
            extendedKeyUsage = \(usage)

            """
        if ocsp { extensions += "authorityInfoAccess = OCSP;URI:http://127.0.0.1:\(responderPort)\n" }
        if let list { extensions += "crlDistributionPoints = URI:\(list)\n" }
        try workspace.write(extensions, to: "pki/\(name).ext")
        try await makeKey(name, rsaBits: rsaBits)
        if isRecorded {
            try await openssl([
                "ca", "-batch", "-notext", "-config", file("settings"), "-in", file("\(name).csr"), "-extfile",
                file("\(name).ext"), "-out", file("\(name).pem"),
            ])
        } else {
            try await openssl([
                "x509", "-req", "-in", file("\(name).csr"), "-days", "20", "-extfile", file("\(name).ext"), "-CA",
                file("ca.pem"), "-CAkey", file("ca.key"), "-set_serial", "99", "-out", file("\(name).pem"),
            ])
        }
        let chain = try ["\(name)", "ca", "root"].map { try workspace.read("pki/\($0).pem") }.joined()
        try workspace.write(chain, to: "pki/\(name).chain.pem")
    }

    /// Revokes a certificate; `how` are further arguments such as `-crl_reason keyCompromise`.
    func revoke(_ name: String, _ how: [String]) async throws {
        try await openssl(["ca", "-config", file("settings"), "-revoke", file("\(name).pem")] + how)
    }

    /// What `openssl ocsp` makes of the responder's answer about a certificate: `good`, `revoked` or `unknown`.
    func askResponder(_ name: String) async throws -> Substring? {
        try workspace.write(try workspace.read("pki/ca.pem") + workspace.read("pki/root.pem"), to: "pki/cas.pem")
        let outcome = try await workspace.run(
            RealTools.path("openssl"),
            [
                "ocsp", "-issuer", file("ca.pem"), "-cert", file("\(name).pem"), "-url",
                "http://127.0.0.1:\(responderPort)", "-CAfile", file("cas.pem"),
            ]
        )
        try #require(outcome.errors.contains("Response verify OK"), "\(outcome.errors)")
        return outcome.output.firstMatch(of: /\.pem: (\w+)/)?.1
    }

    /// Runs `body` while `openssl ocsp` answers.
    func whileResponding<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let outcome = try await Subprocess.run(
            .path(FilePath(RealTools.path("openssl"))),
            arguments: Arguments([
                "ocsp", "-port", "\(responderPort)", "-index", file("index.txt"), "-CA", file("ca.pem"), "-rsigner",
                file("responder.pem"), "-rkey", file("responder.key"), "-ndays", "1",
            ]),
            environment: workspace.environment,
            workingDirectory: FilePath(workspace.path),
            platformOptions: options,
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var isListening = false
            for try await line in execution.standardOutput.strings() where line.contains("ACCEPT") {
                isListening = true
                break
            }
            try #require(isListening, "openssl ocsp ended without listening")
            let value = try await body()
            try execution.send(signal: .terminate)
            return value
        }
        return outcome.closureResult
    }
}
