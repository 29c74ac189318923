import SigningFormats

/// Certificate authorities that certify anybody who asks.
///
/// No certificate says so of itself, so two signs count: the organisation in its name is an operator of public
/// authorities (Common CA Database, "CA owners"), or it is made for servers of TLS. Either may be wrong, which is why a
/// caution is all that follows from them.
enum PublicAuthorities {
    /// How a public authority was recognised.
    enum Sign: Sendable, Hashable {
        /// It names this operator of public authorities.
        case organization(String)
        /// It may certify servers of TLS.
        case servers
    }

    /// The sign by which `certificate` is one; `nil` when there is none.
    static func sign(of certificate: X509Certificate) -> Sign? {
        for name in [certificate.subject, certificate.issuer] {
            for attribute in name.attributes where attribute.type == "O" {
                guard let value = attribute.value else { continue }
                let words = value.lowercased()
                if organizations.contains(where: words.hasPrefix) {
                    return .organization(DisplayText.printable(value, limit: 80))
                }
            }
        }
        return certificate.isCertificateAuthority && certificate.servesTLS ? .servers : nil
    }

    /// How the names of their organisations begin, in lower case.
    private static let organizations = [
        "actalis", "amazon", "asseco data systems", "buypass", "certsign", "certum", "comodo", "cybertrust",
        "digicert", "e-tugra", "entrust", "firmaprofesional", "geotrust", "globalsign", "godaddy.com", "go daddy",
        "google trust services", "hellenic academic and research", "identrust", "internet security research group",
        "let's encrypt", "microsec", "network solutions", "quovadis", "sectigo", "secom trust", "ssl corporation",
        "starfield", "swisssign", "telia", "thawte", "the usertrust network", "t-systems", "trustwave", "unizeto",
        "verisign", "wisekey",
    ]
}
