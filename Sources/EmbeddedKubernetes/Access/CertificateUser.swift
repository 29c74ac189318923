internal import SwiftASN1
internal import X509

extension ClusterUser {
    /// The user whom a client's certificate names: its common name, in the groups that its organizations are.
    ///
    /// The TLS handshake has checked who signed it.
    init?(certificate der: [UInt8]) {
        guard let certificate = try? Certificate(derEncoded: der) else { return nil }
        var name = ""
        var groups: [String] = []
        for part in certificate.subject {
            for attribute in part {
                let text = attribute.value.description
                if attribute.type == .RDNAttributeType.commonName { name = text }
                if attribute.type == .RDNAttributeType.organizationName { groups.append(text) }
            }
        }
        guard !name.isEmpty else { return nil }
        self.init(name: name, groups: groups)
    }
}
