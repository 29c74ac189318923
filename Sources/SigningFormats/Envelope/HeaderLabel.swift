/// The name of a header: text in JOSE, text or an integer in COSE.
public enum HeaderLabel: Sendable, Hashable, CustomStringConvertible {
    /// A name.
    case text(String)
    /// An IANA COSE header label.
    case number(Int64)

    /// The name in quotes or the number, cut to a readable length.
    public var description: String {
        switch self {
        case .text(let text): "\"\(text.prefix(96))\""
        case .number(let number): "\(number)"
        }
    }
}

/// The header names that the Notary Project defines.
enum NotaryHeader {
    static let signingScheme = "io.cncf.notary.signingScheme"
    static let signingTime = "io.cncf.notary.signingTime"
    static let authenticSigningTime = "io.cncf.notary.authenticSigningTime"
    static let expiry = "io.cncf.notary.expiry"
    static let verificationPlugin = "io.cncf.notary.verificationPlugin"
    static let verificationPluginMinVersion = "io.cncf.notary.verificationPluginMinVersion"
    static let timestampSignature = "io.cncf.notary.timestampSignature"
    static let signingAgent = "io.cncf.notary.signingAgent"

    /// The protected ones; every other protected header is an extended attribute.
    static let protected: Set<String> = [
        signingScheme, signingTime, authenticSigningTime, expiry, verificationPlugin, verificationPluginMinVersion,
    ]
}
