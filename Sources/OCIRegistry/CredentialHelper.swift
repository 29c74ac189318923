internal import JSONModel
internal import OutboundHTTP

/// Runs programs that keep credentials (github.com/docker/docker-credential-helpers, README.md): `docker-credential-NAME
/// get`, with the server on standard input and JSON on standard output.
public protocol CredentialHelpers: Sendable {
    /// What the program says.
    ///
    /// - Parameters:
    ///   - name: what follows `docker-credential-` in the program's name; ``CredentialHelper/isName(_:)`` holds.
    ///   - server: the registry as Docker names it.
    /// - Returns: its status and what it wrote.
    /// - Throws: ``CredentialHelperFailure`` when it cannot be run to its end.
    func output(of name: String, server: String) async throws(CredentialHelperFailure) -> CredentialHelperOutput
}

/// What a program that keeps credentials came to.
public struct CredentialHelperOutput: Sendable, Hashable {
    /// Whether it ended with status 0.
    public let succeeded: Bool
    /// What it wrote to standard output; holds a secret.
    public let bytes: [UInt8]

    /// Puts the parts together.
    public init(succeeded: Bool, bytes: [UInt8]) {
        self.succeeded = succeeded
        self.bytes = bytes
    }
}

/// Why a program that keeps credentials could not be run to its end.
public struct CredentialHelperFailure: Error, Sendable, Hashable {
    /// The end of a sentence that begins with the program.
    public let message: String
    /// Whether the task was cancelled.
    public let isCancellation: Bool

    /// Creates a failure.
    public init(_ message: String, isCancellation: Bool = false) {
        self.message = message
        self.isCancellation = isCancellation
    }
}

/// What programs that keep credentials are called, and what their output means.
public enum CredentialHelper {
    /// What every program's name begins with.
    public static let prefix = "docker-credential-"
    /// The longest output that is read, in bytes.
    public static let maximumBytes = 65_536

    /// Whether a name can only lead to a program on the search path: a configuration file must not name another path.
    public static func isName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), let first = name.utf8.first else { return false }
        return isWordByte(first)
            && name.utf8.allSatisfy { isWordByte($0) || [0x2d, 0x2e, 0x5f].contains($0) } && !name.contains("..")
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    /// Why output cannot be used, as the end of a sentence; shows no secret.
    struct Defect: Error {
        let message: String
    }

    /// The credential that an output holds; `nil` where the program keeps none.
    static func credential(_ output: CredentialHelperOutput) throws(Defect) -> RegistryCredential? {
        guard output.bytes.count <= maximumBytes else { throw Defect(message: "wrote too much") }
        guard output.succeeded else {
            // Programs write their errors to standard output.
            let words = String(decoding: output.bytes, as: UTF8.self)
            if words.hasPrefix("credentials not found in native keychain") { return nil }
            // What begins like an answer may be one.
            guard !words.isEmpty, !words.contains("{") else { throw Defect(message: "failed") }
            throw Defect(message: "failed: \(URLRedaction.printable(words, limit: 200))")
        }
        let limits = JSONLimits(maximumBytes: maximumBytes, maximumDepth: 4, maximumValues: 100)
        guard let value = try? JSONParser(limits: limits).parse(output.bytes), value.object != nil else {
            throw Defect(message: "wrote no JSON object")
        }
        guard let username = value["Username"]?.string, let secret = value["Secret"]?.string else {
            throw Defect(message: "wrote no Username and Secret")
        }
        if username.isEmpty, secret.isEmpty { return nil }
        guard !username.isEmpty, !secret.isEmpty else { throw Defect(message: "wrote half a credential") }
        return DockerConfigEntry.credential(username, secret)
    }
}
