/// What was read of a certificate in a vault.
public struct KeyVaultReading: Sendable, Hashable {
    /// One version, and those of its certificates that can be trust anchors.
    struct Contents: Sendable, Hashable {
        let version: String
        let certificates: [[UInt8]]
    }

    /// What each version holds, newest first.
    private(set) var contents: [Contents] = []
    /// What people should know.
    public private(set) var notes: [KeyVaultNote] = []

    /// The certificates that can be trust anchors, DER, each once: of the newest version first, in the vault's order.
    public var certificates: [[UInt8]] {
        var seen: Set<[UInt8]> = []
        return contents.flatMap(\.certificates).filter { seen.insert($0).inserted }
    }

    /// The versions that count, newest first.
    public var versions: [String] { contents.map(\.version) }

    mutating func add(_ version: String, _ certificates: [[UInt8]]) {
        contents.append(Contents(version: version, certificates: certificates))
    }

    mutating func note(_ note: KeyVaultNote) {
        if !notes.contains(note) { notes.append(note) }
    }
}

/// What people should know about a reading that succeeded.
public enum KeyVaultNote: Sendable, Hashable, CustomStringConvertible {
    /// Secrets may not be read: of each version only the certificate itself was, without its chain.
    ///
    /// With the code that the vault gives for it.
    case secretsForbidden(String)
    /// The secret is a PKCS #12 file that the vault did not convert: only the certificate itself was read.
    case chainPacked
    /// Versions may not be listed: only the newest was read.
    case newestOnly(String)
    /// There are more enabled versions than are read.
    case versionsLeftOut(Int)
    /// A named version is disabled and does not count.
    case versionDisabled(String)
    /// A version that is enabled could not be read, and what it held at an earlier reading counts; with the cause.
    case versionKept(String, String)
    /// A version that is enabled could not be read, and does not count yet; with the cause.
    case versionUnread(String, String)
    /// The vault hands out the private key.
    case privateKeyReturned
    /// A version was left out: it is neither a CA nor self-signed, and its chain is not known.
    case notAnchor(String)

    /// A clause for people.
    public var description: String {
        switch self {
        case .secretsForbidden(let code):
            "secrets may not be read (\(code)), so that only the certificate itself counts, without its chain; grant "
                + "secrets/get for the chain"
        case .chainPacked:
            "its secret is a PKCS #12 file that the vault does not convert, so that only the certificate itself counts; "
                + "store it as application/x-pem-file for the chain"
        case .newestOnly(let code):
            "its versions may not be listed (\(code)), so that only the newest counts; grant certificates/list"
        case .versionsLeftOut(let count):
            "it has \(count) more enabled versions than the \(KeyVaultCertificate.maximumVersions) newest, which alone "
                + "count; disable those that are out of use, or name versions"
        case .versionDisabled(let version): "version \(version) is disabled and does not count"
        case .versionKept(let version, let cause):
            "version \(version) could not be read again, and counts as it was, for a version never changes: \(cause)"
        case .versionUnread(let version, let cause):
            "version \(version) could not be read and does not count yet: \(cause)"
        case .privateKeyReturned:
            "the vault hands out its private key with the secret; make the key non-exportable, or take secrets/get from "
                + "this identity"
        case .notAnchor(let version):
            "version \(version) is neither a CA nor self-signed and came without the CA that issued it, so that it does "
                + "not count"
        }
    }
}
