extension X509Certificate {
    /// Whether its extended key usage names servers of TLS (id-kp-serverAuth, RFC 5280 §4.2.1.12).
    public var servesTLS: Bool { extensions.extendedKeyUsages?.contains(ObjectIdentifiers.serverAuth) ?? false }
}
