/// A program that signs.
public enum BulkSignTool: String, Sendable, Hashable, CaseIterable {
    /// The Notary Project's.
    case notation
    /// Sigstore's.
    case cosign
    /// CodeNotary's.
    case vcn

    /// The line of a shell script that signs `image`, with the arguments of the script before it.
    ///
    /// - Parameter image: `repository@digest`.
    /// - Returns: a call of the script's function `sign`.
    func line(_ image: String) -> String {
        let quoted = Self.quoted(image)
        switch self {
        case .notation: return "sign \(quoted) notation sign \"$@\" \(quoted)"
        case .cosign: return "sign \(quoted) cosign sign --yes \"$@\" \(quoted)"
        case .vcn:
            let hash = String(image.split(separator: ":").last ?? "")
            return "sign \(quoted) vcn notarize --hash \(Self.quoted(hash)) --name \(quoted) \"$@\""
        }
    }

    /// `text` as one word of a POSIX shell, whatever is in it (POSIX.1-2017, 2.2.2): nothing is special between single
    /// quotes but the quote itself.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}
