internal import FoundationEssentials

/// Making the identities that the server gives to objects.
enum ObjectIdentity {
    /// A random UUID in lower case.
    static func uid() -> String { UUID().uuidString.lowercased() }

    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

    /// A name from a `generateName` prefix: cut to 58 bytes, five random characters after it.
    static func name(from prefix: String) -> String {
        var name = String(prefix.prefix(58))
        for _ in 0..<5 { name.append(alphabet.randomElement() ?? "x") }
        return name
    }
}
