import SwiftASN1

/// A chain of certificates that has passed every rule for code signing or for time stamping (Notary signature
/// specification, "Certificate Requirements"): leaf first, each issued by the next, a self-signed root last.
///
/// Having one says nothing about trust or time: whose root it is and whether it has expired is for a policy to judge.
public struct CertificateChain: Sendable, Hashable {
    /// The certificates, leaf first.
    public let certificates: [X509Certificate]
    /// The certificate whose key signed.
    public let leaf: X509Certificate
    /// The algorithm the leaf's key signs with.
    public let algorithm: SignatureAlgorithm

    /// What the leaf's key is for.
    enum Purpose: Sendable, Hashable {
        case codeSigning
        case timestamping

        var leaf: String { self == .codeSigning ? "the signing certificate" : "the time-stamping certificate" }
    }

    /// Checks a chain of a signer.
    ///
    /// Stricter than the reference implementation on purpose: `anyExtendedKeyUsage`, SHA-1 (on a lone certificate too) and
    /// critical extensions of unknown meaning are refused.
    public init(codeSigning certificates: [X509Certificate]) throws(SigningFormatError) {
        try self.init(certificates, purpose: .codeSigning)
    }

    /// Checks a chain of a time-stamping authority (RFC 3161 §2.3): the leaf's extended key usage is critical and names
    /// time stamping alone, and no CA above it has an extended key usage without it.
    ///
    /// A key usage must be there and need not be critical, unlike in a signer's chain.
    public init(timestamping certificates: [X509Certificate]) throws(SigningFormatError) {
        try self.init(certificates, purpose: .timestamping)
    }

    private init(_ certificates: [X509Certificate], purpose: Purpose) throws(SigningFormatError) {
        guard let leaf = certificates.first, let root = certificates.last else {
            throw SigningFormatError(.chain, "the chain is empty: there is no certificate")
        }
        guard certificates.count <= SigningLimits.chainCertificates else {
            throw SigningFormatError(
                .limitExceeded,
                "the chain has more than \(SigningLimits.chainCertificates) certificates"
            )
        }
        for certificate in certificates { try Self.checkForm(certificate) }
        try Self.checkLeaf(leaf, purpose)
        guard let algorithm = leaf.envelopeAlgorithm else {
            throw SigningFormatError(
                .key,
                "\(purpose.leaf) \(leaf) has \(leaf.key.kind), which may not sign: "
                    + "use RSA 2048, 3072 or 4096, or EC P-256, P-384 or P-521"
            )
        }
        for (index, certificate) in certificates.enumerated().dropFirst() {
            try Self.checkAuthority(certificate, authoritiesBelow: index - 1, purpose)
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
        authoritiesBelow: Int,
        _ purpose: Purpose
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
        guard let usage = extensions.keyUsage, extensions.isKeyUsageCritical || purpose == .timestamping else {
            throw SigningFormatError(.chain, "CA certificate \(certificate) has no critical key usage")
        }
        guard usage.contains(.keyCertSign) else {
            throw SigningFormatError(
                .chain,
                "CA certificate \(certificate) may not sign certificates (key usage keyCertSign)"
            )
        }
        // RFC 5280 §4.2.1.12 leaves the usages of a CA open; verifiers, the reference among them, take them as a limit.
        if purpose == .timestamping, let usages = extensions.extendedKeyUsages,
            !usages.contains(ObjectIdentifiers.timeStamping), !usages.contains(ObjectIdentifiers.anyExtendedKeyUsage)
        {
            throw SigningFormatError(
                .chain,
                "CA certificate \(certificate) has an extended key usage that leaves out time stamping"
            )
        }
    }

    private static func checkLeaf(_ leaf: X509Certificate, _ purpose: Purpose) throws(SigningFormatError) {
        let extensions = leaf.extensions
        guard extensions.basicConstraints?.isAuthority != true else {
            throw SigningFormatError(.chain, "\(purpose.leaf) \(leaf) is a CA")
        }
        guard let usage = extensions.keyUsage, extensions.isKeyUsageCritical || purpose == .timestamping else {
            throw SigningFormatError(.chain, "\(purpose.leaf) \(leaf) has no critical key usage")
        }
        guard usage.contains(.digitalSignature) else {
            throw SigningFormatError(.chain, "\(purpose.leaf) \(leaf) lacks the key usage digitalSignature")
        }
        guard usage.subtracting([.digitalSignature, .contentCommitment]).isEmpty else {
            throw SigningFormatError(.chain, "\(purpose.leaf) \(leaf) has a key usage that a signer must not have")
        }
        switch purpose {
        case .codeSigning: try checkCodeSigningPurposes(leaf)
        case .timestamping: try checkTimestampingPurpose(leaf)
        }
    }

    private static func checkCodeSigningPurposes(_ leaf: X509Certificate) throws(SigningFormatError) {
        for purpose in leaf.extensions.extendedKeyUsages ?? [] {
            guard let name = forbiddenPurposes[purpose] else { continue }
            throw SigningFormatError(
                .chain,
                "the signing certificate \(leaf) has the extended key usage \(name), which a signer must not have"
            )
        }
    }

    private static func checkTimestampingPurpose(_ leaf: X509Certificate) throws(SigningFormatError) {
        guard leaf.extensions.extendedKeyUsages == [ObjectIdentifiers.timeStamping] else {
            throw SigningFormatError(
                .chain,
                "the time-stamping certificate \(leaf) must have the extended key usage timeStamping and no other"
            )
        }
        guard leaf.extensions.isExtendedKeyUsageCritical else {
            throw SigningFormatError(
                .chain,
                "the time-stamping certificate \(leaf) has an extended key usage that is not critical"
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
