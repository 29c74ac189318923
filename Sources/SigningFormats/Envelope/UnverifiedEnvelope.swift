/// A well-formed signature envelope about which nothing is proven yet.
public struct UnverifiedEnvelope: Sendable, Hashable {
    /// What the envelope claims.
    ///
    /// For display and for choosing what to fetch; never for a decision.
    public let claims: NotaryEnvelope

    /// Reads a JWS envelope (`application/jose+json`).
    public init(jws bytes: [UInt8]) throws(SigningFormatError) { claims = try NotaryEnvelope(jws: bytes) }

    /// Reads a COSE envelope (`application/cose`).
    public init(cose bytes: [UInt8]) throws(SigningFormatError) { claims = try NotaryEnvelope(cose: bytes) }

    /// Proves the envelope's integrity: the certificates form a chain fit for signing, the leaf's key demands the algorithm
    /// that the header names, and its signature holds over the headers and the payload.
    ///
    /// Neither trust nor time is looked at.
    ///
    /// - Parameter memory: chains that passed before, which are not read again, and where this one is kept when it passes;
    ///   `nil` to read every chain.
    /// - Returns: the envelope with the signer's chain.
    /// - Throws: `SigningFormatError` for the first rule that is broken.
    public func verified(knowing memory: ChainMemory? = nil) throws(SigningFormatError) -> VerifiedEnvelope {
        if let chain = memory?.chain(claims.certificates) {
            try checkSignature(of: chain.leaf)
            return VerifiedEnvelope(contents: claims, chain: chain)
        }
        var certificates: [X509Certificate] = []
        certificates.reserveCapacity(claims.certificates.count)
        for der in claims.certificates { certificates.append(try X509Certificate(der: der)) }
        guard let leaf = certificates.first else {
            throw SigningFormatError(.chain, "the envelope carries no certificate")
        }
        try checkSignature(of: leaf)
        let chain = try CertificateChain(codeSigning: certificates)
        memory?.keep(chain)
        return VerifiedEnvelope(contents: claims, chain: chain)
    }

    /// Checks the envelope's own signature; a leaf whose key may not sign has no chain, and fails there with the reason.
    private func checkSignature(of leaf: X509Certificate) throws(SigningFormatError) {
        if let algorithm = leaf.envelopeAlgorithm {
            guard algorithm == claims.algorithm else {
                throw SigningFormatError(
                    .algorithm,
                    "the header names \(claims.algorithm), but a key of type \(leaf.key.kind) signs with \(algorithm)"
                )
            }
            let isValid = leaf.key.isValid(
                envelopeSignature: claims.signature[...],
                for: claims.signingInput[...],
                algorithm: algorithm
            )
            guard isValid else {
                throw SigningFormatError(
                    .signature,
                    "the signature does not match the content: one of them was altered"
                )
            }
        }
    }
}

/// An envelope whose signature holds and whose certificates form a chain fit for signing.
///
/// Only ``UnverifiedEnvelope/verified()`` makes one. Whether the signer is trusted is still open.
public struct VerifiedEnvelope: Sendable, Hashable {
    /// What was signed.
    public let contents: NotaryEnvelope
    /// The signer's chain.
    public let chain: CertificateChain

    fileprivate init(contents: NotaryEnvelope, chain: CertificateChain) {
        self.contents = contents
        self.chain = chain
    }
}
