import Foundation

/// Makes keys and certificates, and signs images with `notation`.
struct Signer: Sendable {
    let tools: Toolbox

    private static let extensions = """
        [req]
        distinguished_name = name
        prompt = no
        [name]
        CN = unused
        [root]
        basicConstraints = critical, CA:TRUE
        keyUsage = critical, keyCertSign
        [signer]
        basicConstraints = critical, CA:FALSE
        keyUsage = critical, digitalSignature
        extendedKeyUsage = codeSigning
        """

    /// Makes the keys of every signer and tells notation about them.
    func prepare() async throws {
        try await makeCompanyKey()
        let settings = tools.folder.home + "/.config/notation"
        try FileManager.default.createDirectory(atPath: settings, withIntermediateDirectories: true)
        let keys = tools.folder.keys
        try tools.folder.write(
            """
            {"keys": [{"name": "\(SigningKey.wabbit.rawValue)", "keyPath": "\(keys)/signer.key", \
            "certPath": "\(keys)/chain.pem"}]}
            """,
            to: "home/.config/notation/signingkeys.json"
        )
        for key in [SigningKey.acme, .stranger] {
            try await tools.run(.notation, ["cert", "generate-test", key.rawValue])
        }
    }

    private func makeCompanyKey() async throws {
        try tools.folder.write(Self.extensions, to: "keys/extensions.cnf")
        let request = [
            "req", "-x509", "-config", "keys/extensions.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "30",
        ]
        try await tools.run(
            .openssl,
            request + [
                "-extensions", "root", "-subj", "/C=US/ST=WA/L=Seattle/O=Wabbit Networks/CN=Wabbit Networks Root",
                "-keyout", "keys/root.key", "-out", "keys/root.pem",
            ]
        )
        try await tools.run(
            .openssl,
            request + [
                "-extensions", "signer", "-CA", "keys/root.pem", "-CAkey", "keys/root.key",
                "-subj", "/C=US/ST=WA/L=Seattle/O=Wabbit Networks/CN=\(SigningKey.wabbit.rawValue)",
                "-keyout", "keys/signer.key", "-out", "keys/signer.pem",
            ]
        )
        try tools.folder.write(
            try tools.folder.read("keys/signer.pem") + tools.folder.read("keys/root.pem"),
            to: "keys/chain.pem"
        )
    }

    /// The certificate that vouches for a signer, as PEM: what a policy's trust store holds.
    func trustAnchor(of key: SigningKey) throws -> String {
        switch key {
        case .wabbit: try tools.folder.read("keys/root.pem")
        case .acme, .stranger: try tools.folder.read("home/.config/notation/localkeys/\(key.rawValue).crt")
        }
    }

    /// The arguments that make notation sign an image.
    static func arguments(_ signature: DemoImage.Signature, reference: String) -> [String] {
        let format: String
        let signer: SigningKey
        switch signature {
        case .jws(let key): (format, signer) = ("jws", key)
        case .cose(let key): (format, signer) = ("cose", key)
        }
        return [
            "sign", "--insecure-registry", "--signature-format", format, "--key", signer.rawValue, reference,
        ]
    }
}
