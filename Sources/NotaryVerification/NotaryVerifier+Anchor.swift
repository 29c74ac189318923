import SigningFormats

extension NotaryVerifier {
    /// The SHA-256 of the certificate of the chain that stands in a trust store and so vouches for the signer, in
    /// lower-case hex.
    func anchorFingerprint(for envelope: VerifiedEnvelope) -> String? {
        let kind = storeKind(for: envelope.contents.scheme)
        for store in stores where store.kind == kind {
            if let certificate = store.anchor(in: envelope.chain) { return certificate.fingerprint }
        }
        return nil
    }
}
