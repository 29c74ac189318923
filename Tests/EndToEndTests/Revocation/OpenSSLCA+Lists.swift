import Foundation
import Testing

/// Lists of what the CA revoked, by `openssl ca -gencrl`, and what `openssl verify` makes of them.
extension OpenSSLCA {
    /// For which time a list speaks.
    enum ListValidity {
        case day
        case seconds(Int)
        /// It ended years ago.
        case past

        fileprivate var arguments: [String] {
            switch self {
            case .day: []
            case .seconds(let seconds): ["-crlsec", "\(seconds)"]
            case .past: ["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200102000000Z"]
            }
        }
    }

    /// The CA's list, in DER.
    ///
    /// - Parameters:
    ///   - validity: for which time it speaks.
    ///   - delta: the URL at which it says that its delta list is (RFC 5280 §5.2.6).
    /// - Returns: its bytes.
    /// - Throws: what `openssl` says when it fails.
    func list(_ validity: ListValidity = .day, delta: String? = nil) async throws -> [UInt8] {
        let pointer = delta.map { "\nfreshestCRL = URI:\($0)" } ?? ""
        try workspace.write(
            try workspace.read("pki/settings") + "\n[list_extensions]\nauthorityKeyIdentifier = keyid" + pointer,
            to: "pki/list-settings"
        )
        return try await generate("list", ["-config", file("list-settings"), "-crlexts", "list_extensions"], validity)
    }

    /// What changed since the list with the number `base`, as a delta list (RFC 5280 §5.2.4) in DER.
    ///
    /// `openssl ca` lists what its database says is revoked. A delta has a database of its own, in which what is not on hold
    /// any more is removed from the list, as §5.3.1 has it.
    ///
    /// - Parameters:
    ///   - base: the number of the list that it is a delta to.
    ///   - restored: the names of certificates that were on hold, and how many seconds later each was released.
    /// - Returns: its bytes.
    /// - Throws: what `openssl` says when it fails.
    func delta(since base: Int, restoring restored: [String: Int]) async throws -> [UInt8] {
        let lines = try workspace.read("pki/index.txt").split(separator: "\n").map(String.init)
        let database = try lines.map { line in
            let release = restored.first { line.hasSuffix("/CN=\($0.key)") }
            return try release.map { try Self.released(line, after: $0.value) } ?? line
        }
        try workspace.write(database.map { $0 + "\n" }.joined(), to: "pki/delta.txt")
        let settings = try workspace.read("pki/settings").replacing("/index.txt", with: "/delta.txt")
        let indicator = "authorityKeyIdentifier = keyid\n2.5.29.27 = critical, ASN1:INTEGER:\(base)"
        try workspace.write(settings + "\n[delta_extensions]\n" + indicator, to: "pki/delta-settings")
        return try await generate("delta", ["-config", file("delta-settings"), "-crlexts", "delta_extensions"], .day)
    }

    /// A line of the database of a certificate on hold (`ca(1)`: status, end, revocation, …) as that of one released.
    private static func released(_ line: String, after seconds: Int) throws -> String {
        var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        let hold = try #require(fields[2].wholeMatch(of: /(\d{12}Z),certificateHold/)).1
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyMMddHHmmss'Z'"
        format.timeZone = .gmt
        let date = try #require(format.date(from: String(hold)))
        fields[2] = format.string(from: date + TimeInterval(seconds)) + ",removeFromCRL"
        return fields.joined(separator: "\t")
    }

    private func generate(_ name: String, _ arguments: [String], _ validity: ListValidity) async throws -> [UInt8] {
        try await openssl(["ca", "-gencrl", "-out", file("\(name).pem")] + arguments + validity.arguments)
        try await openssl(["crl", "-in", file("\(name).pem"), "-outform", "DER", "-out", file("\(name).der")])
        return Array(try Data(contentsOf: URL(filePath: file("\(name).der"))))
    }

    /// Whether `openssl verify -crl_check` accepts a certificate with the list made last, and with the delta list made last
    /// if it is to count.
    func accepts(_ name: String, withDelta: Bool = false) async throws -> Bool {
        let lists = ["list"] + (withDelta ? ["delta"] : [])
        try workspace.write(lists.map { try workspace.read("pki/\($0).pem") }.joined(), to: "pki/lists.pem")
        let outcome = try await workspace.run(
            RealTools.path("openssl"),
            ["verify", "-crl_check"] + (withDelta ? ["-extended_crl", "-use_deltas"] : [])
                + ["-CRLfile", file("lists.pem"), "-CAfile", file("root.pem")]
                + ["-untrusted", file("ca.pem"), file("\(name).pem")]
        )
        return outcome.status == 0
    }
}
