internal import NIOSSL

/// Whom a certificate was issued for: its alternative names (RFC 5280 §4.2.1.6), never its common name.
///
/// NIOSSL compares them by itself only with what it knows of the connection. Behind a proxy that is the proxy's address,
/// which a certificate of the server's must not be accepted for.
struct CertificateNames {
    /// DNS names, as written.
    var domains: [String] = []
    /// Addresses.
    var addresses: [IPAddress] = []

    /// No names.
    init() {}

    /// The names of a certificate.
    init(_ certificate: NIOSSLCertificate) {
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: domains.append(String(decoding: name.contents, as: UTF8.self))
            case .ipAddress: addresses += IPAddress(bytes: Array(name.contents)).map { [$0] } ?? []
            default: continue
            }
        }
    }

    /// Whether the certificate speaks for a host: an address that is among the addresses, or a name that is among the
    /// DNS names, where `*` may stand for the whole first label (RFC 9525 §6.3).
    func include(_ host: String) -> Bool {
        if let address = IPAddress(host) { return addresses.contains(address) }
        let labels = Self.labels(host)
        return domains.contains { domain in
            let pattern = Self.labels(domain)
            guard pattern.count == labels.count, !pattern.contains([]) else { return false }
            return pattern == labels
                || (pattern[0] == [UInt8(ascii: "*")] && pattern.count > 1 && pattern[1...] == labels[1...])
        }
    }

    /// The labels in lower case, as bytes: letters beyond ASCII are never equal to any within.
    private static func labels(_ name: String) -> [ArraySlice<UInt8>] {
        let bytes = name.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        let bare = bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes[...]
        return bare.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    /// The first few names, for an error.
    var words: String {
        let names = domains + addresses.map(\.authority)
        let shown = names.prefix(4).map { URLRedaction.printable($0, limit: 64) }.joined(separator: ", ")
        if names.isEmpty { return "it holds no name" }
        return "it is for \(shown)" + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }
}

extension IPAddress {
    /// An address as certificates hold it: 4 or 16 bytes, the highest first; `nil` for another number of them.
    init?(bytes: [UInt8]) {
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: self = .v4(UInt32(truncatingIfNeeded: word(bytes[...])))
        case 16: self = .v6(word(bytes[..<8]), word(bytes[8...]))
        default: return nil
        }
    }
}
