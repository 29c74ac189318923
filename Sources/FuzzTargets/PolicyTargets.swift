@testable import NotaryVerification

/// Trust policy documents and the names in them.
enum PolicyTargets {
    static let all = [
        DecoderTarget("trust-policy", policy),
        .text("distinguished-name", name),
    ]

    private static func policy(_ bytes: [UInt8]) throws {
        let examination = NotationConfiguration.examine(bytes)
        let isAccepted = (try? NotationConfiguration(parsing: bytes)) != nil
        try demand(isAccepted == examination.problems.isEmpty, "a document is accepted when nothing is wrong with it")
        try demand(examination.problems.count <= 64, "problems are counted")
        _ = NotationConfiguration.examine(bytes, as: .blobs)
    }

    private static func name(_ text: String) throws {
        guard let name = try? DistinguishedName(parsing: text) else { return }
        try demand(name.isSubset(of: name), "a name matches itself")
        let written = name.attributes.map { type, value in
            "\(type)=" + value.utf8.map { "\\\(hexadecimal($0))" }.joined()
        }.joined(separator: ",")
        // Escapes make a text longer, and long texts are refused.
        guard written.utf8.count <= 1024 else { return }
        try demand((try? DistinguishedName(parsing: written)) == name, "escapes mean what they stand for")
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return text.utf8.count == 1 ? "0\(text)" : text
    }
}
