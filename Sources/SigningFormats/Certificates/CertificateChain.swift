import SwiftASN1

/// A chain of certificates that has passed every rule for code signing (Notary signature specification,
/// "Certificate Requirements"): leaf first, each issued by the next, a self-signed root last.
///
/// Having one says nothing about trust or time: whose root it is and whether it has expired is for a policy to judge.
public struct CertificateChain: Sendable, Hashable {
    /// The certificates, leaf first.
    public let certificates: [X509Certificate]
    /// The certificate whose key signed.
    public let leaf: X509Certificate
    /// The algorithm the leaf's key signs with.
    public let algorithm: SignatureAlgorithm

    /// Checks a chain.
    ///
    /// Stricter than the reference implementation on purpose: `anyExtendedKeyUsage`, SHA-1 (on a lone certificate too) and
    /// critical extensions of unknown meaning are refused.
    public init(codeSigning certificates: [X509Certificate]) throws(SigningFormatError) {
        guard let leaf = certificates.first, let root = certificates.last else {
            throw SigningFormatError(.chain, "the envelope carries no certificate")
        }
        guard certificates.count <= SigningLimits.chainCertificates else {
            throw SigningFormatError(
                .limitExceeded,
                "the chain has more than \(SigningLimits.chainCertificates) certificates"
            )
        }
        for certificate in certificates { try Self.checkForm(certificate) }
        try Self.checkLeaf(leaf)
        guard let algorithm = leaf.envelopeAlgorithm else {
            throw SigningFormatError(
                .key,
                "the signing certificate \(leaf) has \(leaf.key.kind), which may not sign: "
                    + "use RSA 2048, 3072 or 4096, or EC P-256, P-384 or P-521"
            )
        }
        for (index, certificate) in certificates.enumerated().dropFirst() {
            try Self.checkAuthority(certificate, authoritiesBelow: index - 1)
        }
        for (certificate, issuer) in zip(certificates, certificates.dropFirst()) {
            try Self.checkLink(certificate, issuedBy: issuer)
        }
        guard root.isSelfSigned else {
            throw SigningFormatError(
                .chain,
                "the last certificate \(root) is not self-signed, so the chain has no root"
            )
        }
        self.certificates = certificates
        self.leaf = leaf
        self.algorithm = algorithm
    }

    private static func checkForm(_ certificate: X509Certificate) throws(SigningFormatError) {
        if case .unsupported(let name) = certificate.signatureAlgorithm {
            throw SigningFormatError(.chain, "certificate \(certificate) is signed with \(name), which is not allowed")
        }
        if let unknown = certificate.extensions.unknownCritical.first {
            throw SigningFormatError(
                .chain,
                "certificate \(certificate) has the critical extension \(unknown), which is not understood here"
            )
        }
    }

    private static func checkLink(
        _ certificate: X509Certificate,
        issuedBy issuer: X509Certificate
    ) throws(SigningFormatError) {
        guard !certificate.isSelfSigned else {
            throw SigningFormatError(.chain, "certificate \(certificate) is self-signed but not the last of the chain")
        }
        guard certificate.issuer == issuer.subject else {
            throw SigningFormatError(
                .chain,
                "certificate \(certificate) was issued by \(certificate.issuer), but the next one is \(issuer)"
            )
        }
        guard certificate.hasValidSignature(from: issuer) else {
            throw SigningFormatError(.chain, "certificate \(certificate) is not signed by the key of \(issuer)")
        }
    }

    private static func checkAuthority(
        _ certificate: X509Certificate,
        authoritiesBelow: Int
    ) throws(SigningFormatError) {
        let extensions = certificate.extensions
        guard let constraints = extensions.basicConstraints, constraints.isAuthority else {
            throw SigningFormatError(.chain, "certificate \(certificate) issues another but is no CA")
        }
        if let limit = constraints.pathLength, limit < authoritiesBelow {
            throw SigningFormatError(
                .chain,
                "certificate \(certificate) allows a path length of \(limit), but \(authoritiesBelow) CAs are below it"
            )
        }
        guard let usage = extensions.keyUsage, extensions.isKeyUsageCritical else {
            throw SigningFormatError(.chain, "CA certificate \(certificate) has no critical key usage")
        }
        guard usage.contains(.keyCertSign) else {
            throw SigningFormatError(
                .chain,
                "CA certificate \(certificate) may not sign certificates (key usage keyCertSign)"
            )
        }
    }

    private static func checkLeaf(_ leaf: X509Certificate) throws(SigningFormatError) {
        let extensions = leaf.extensions
        guard extensions.basicConstraints?.isAuthority != true else {
            throw SigningFormatError(.chain, "the signing certificate \(leaf) is a CA")
        }
        guard let usage = extensions.keyUsage, extensions.isKeyUsageCritical else {
            throw SigningFormatError(.chain, "the signing certificate \(leaf) has no critical key usage")
        }
        guard usage.contains(.digitalSignature) else {
            throw SigningFormatError(.chain, "the signing certificate \(leaf) lacks the key usage digitalSignature")
        }
        guard usage.subtracting([.digitalSignature, .contentCommitment]).isEmpty else {
            throw SigningFormatError(
                .chain,
                "the signing certificate \(leaf) has a key usage that a signer must not have"
            )
        }
        for purpose in extensions.extendedKeyUsages ?? [] {
            guard let name = forbiddenPurposes[purpose] else { continue }
            throw SigningFormatError(
                .chain,
                "the signing certificate \(leaf) has the extended key usage \(name), which a signer must not have"
            )
        }
    }

    private static let forbiddenPurposes: [ASN1ObjectIdentifier: String] = [
        ObjectIdentifiers.anyExtendedKeyUsage: "anyExtendedKeyUsage",
        ObjectIdentifiers.serverAuth: "serverAuth",
        ObjectIdentifiers.clientAuth: "clientAuth",
        ObjectIdentifiers.emailProtection: "emailProtection",
        ObjectIdentifiers.timeStamping: "timeStamping",
        ObjectIdentifiers.ocspSigning: "OCSPSigning",
    ]
}
