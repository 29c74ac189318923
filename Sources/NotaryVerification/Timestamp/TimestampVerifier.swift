import FoundationEssentials
import SigningFormats

/// Verifies RFC 3161 timestamps of signatures against the roots of time-stamping authorities (Notary trust policy
/// specification, "Signature Verification details"; RFC 3161 §2.3–2.4; RFC 5652 §5.4–5.6; RFC 5816).
///
/// A value: no network, no clock.
///
/// Stricter than the reference implementation in what it is known to let pass: a time in the future, critical extensions
/// that are not understood, RSASSA-PSS whose parameters say something else than the digest.
struct TimestampVerifier: Sendable {
    /// How far a timestamp may lie ahead of the present, for clocks that disagree.
    static let clockSkew: TimeInterval = 60

    /// The trust stores of type `tsa`.
    let stores: [CompiledTrustStore]

    /// Their names, for messages.
    var storeNames: String { stores.map(\.reference).joined(separator: ", ") }

    /// Verifies one token.
    ///
    /// One signer that holds is enough; when none does, the last one tried says why.
    ///
    /// - Parameters:
    ///   - der: the token.
    ///   - signature: the value of the signature that it must be about.
    ///   - now: the present.
    /// - Returns: what the authority saw.
    /// - Throws: the rule that is broken.
    func verify(_ der: [UInt8], over signature: [UInt8], now: Date) throws(TimestampFailure) -> VerifiedTimestamp {
        let token: TimestampToken
        do throws(SigningFormatError) {
            token = try TimestampToken(der: der)
        } catch {
            throw TimestampFailure(.format, "cannot be read: \(error.message)")
        }
        try Self.check(token.info, over: signature, now: now)
        var failure = TimestampFailure(.format, "is signed by nobody")
        for signer in token.signers {
            do throws(TimestampFailure) {
                let certificate = try Self.signingCertificate(of: signer, in: token)
                try Self.check(signer, certificate: certificate, in: token)
                var search = TimestampPathSearch(stores: stores, token: token, signer: signer)
                let (chain, store) = try search.path(from: certificate)
                return VerifiedTimestamp(info: token.info, chain: chain, trustStore: store)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func check(_ info: TimestampInfo, over signature: [UInt8], now: Date) throws(TimestampFailure) {
        if let unknown = info.criticalExtensions.first {
            throw TimestampFailure(
                .criticalExtension,
                "has the critical extension \(unknown), which is not understood here"
            )
        }
        guard info.hasStrongHash else {
            throw TimestampFailure(
                .imprintHash,
                "is made with hash \(info.hashName); only SHA-256, SHA-384 and SHA-512 count"
            )
        }
        guard info.isAbout(signature) else {
            throw TimestampFailure(.imprint, "is about something else than this signature")
        }
        guard info.time <= now.addingTimeInterval(clockSkew) else {
            throw TimestampFailure(
                .future,
                "says \(info.time.formatted(.iso8601)), which lies in the future; "
                    + "check the clocks of this machine and of the time-stamping authority"
            )
        }
    }

    /// The certificate that the signed attribute names, by its hash and by the name beside it.
    ///
    /// Where there is no name the signer's own, unsigned one serves to find the certificate; the hash decides.
    private static func signingCertificate(
        of signer: TimestampSigner,
        in token: TimestampToken
    ) throws(TimestampFailure) -> X509Certificate {
        guard signer.version == 1, let identifier = signer.certificate else {
            throw TimestampFailure(
                .signerVersion,
                "has a signer of version \(signer.version); only version 1, issuer and serial number, is accepted"
            )
        }
        guard let attributes = signer.attributes else {
            throw TimestampFailure(.attributes, "has a signer without signed attributes")
        }
        guard let named = attributes.signingCertificate, named.hasStrongHash else {
            let bySHA1 = attributes.namesCertificateBySHA1 || attributes.signingCertificate != nil
            throw TimestampFailure(
                .signingCertificate,
                bySHA1
                    ? "names its signing certificate by a hash that does not count; use an authority that uses SHA-256"
                    : "does not name its signing certificate in a signed attribute (signingCertificateV2)"
            )
        }
        let reference = named.reference ?? identifier
        guard let certificate = token.certificates.first(where: { reference.names($0) }) else {
            throw TimestampFailure(
                .certificateMissing,
                "does not hold the certificate that signed it; ask the authority for it (certReq)"
            )
        }
        guard named.identifies(certificate) else {
            throw TimestampFailure(.certificateHash, "is not signed by the certificate whose hash it carries")
        }
        return certificate
    }

    private static func check(
        _ signer: TimestampSigner,
        certificate: X509Certificate,
        in token: TimestampToken
    ) throws(TimestampFailure) {
        if let problem = signer.algorithmProblem { throw TimestampFailure(.algorithm, problem) }
        guard signer.attributes?.namesTimestamp == true else {
            throw TimestampFailure(.contentType, "has a signed content type that is missing or is no timestamp's")
        }
        guard token.isSigned(by: signer) else {
            throw TimestampFailure(.messageDigest, "was altered: the signed digest is not that of its content")
        }
        guard signer.hasValidSignature(from: certificate) else {
            throw TimestampFailure(.signature, "was altered, or is not signed by the key of \(certificate)")
        }
    }
}
