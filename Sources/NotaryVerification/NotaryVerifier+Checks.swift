import FoundationEssentials
import OCIModel
import SigningFormats
import TrustModel

/// The checks of a verified envelope. Each returns what was found, or throws why it did not pass.
extension NotaryVerifier {
    // MARK: Authenticity

    /// Where certificates of a scheme are looked up (trust store specification, "Trust Store").
    private func storeKind(for scheme: SigningScheme) -> TrustStore.Kind {
        switch scheme {
        case .x509: .ca
        case .signingAuthority: .signingAuthority
        }
    }

    /// The certificate of the chain that stands in a trust store and so vouches for the signer, and the first such store,
    /// such as `ca:acme`.
    func anchor(for envelope: VerifiedEnvelope) -> (store: String, certificate: X509Certificate)? {
        let kind = storeKind(for: envelope.contents.scheme)
        for store in stores where store.kind == kind {
            if let certificate = store.anchor(in: envelope.chain) { return (store.reference, certificate) }
        }
        return nil
    }

    func checkChain(_ envelope: VerifiedEnvelope) throws(CheckFailure) -> String {
        let leaf = envelope.chain.leaf
        let kind = storeKind(for: envelope.contents.scheme)
        guard let anchor = anchor(for: envelope) else {
            let names = stores.filter { $0.kind == kind }.map(\.reference)
            guard !names.isEmpty else {
                throw .unknown(
                    .noTrustedSignature,
                    "is made under scheme \(envelope.contents.scheme.rawValue), for which the policy names no trust store "
                        + "of type \(kind.rawValue)"
                )
            }
            let places =
                names.count == 1 ? "trust store \(names[0])" : "the trust stores \(names.joined(separator: ", "))"
            throw .unknown(
                .noTrustedSignature,
                "is signed by \(leaf), whose chain ends in no certificate of \(places)"
            )
        }
        return "the chain of \(leaf) leads to trust store \(anchor.store)"
    }

    func checkIdentity(_ envelope: VerifiedEnvelope) throws(CheckFailure) -> String {
        let leaf = envelope.chain.leaf
        if let rejection = identities.rejection(of: leaf) {
            throw .unknown(.noTrustedSignature, "is signed by \(leaf), \(rejection)")
        }
        return "\(leaf) is a trusted identity"
    }

    // MARK: Expiry

    /// The signature's own expiry: it fails from that moment on.
    func checkExpiry(_ envelope: VerifiedEnvelope, now: Date) throws(CheckFailure) -> String {
        guard let expiry = envelope.contents.expiry else { return "the signature does not expire" }
        guard now < expiry else {
            throw .untrusted(
                .signatureExpired,
                "by \(envelope.chain.leaf) expired at \(Self.text(expiry)); sign the image again"
            )
        }
        return "the signature expires at \(Self.text(expiry))"
    }

    // MARK: Payload

    /// The signature must be about exactly this manifest: media type, digest and size.
    func checkPayload(_ envelope: VerifiedEnvelope, subject: Descriptor) throws(CheckFailure) -> String {
        let payload: NotaryPayload
        do throws(SigningFormatError) {
            payload = try NotaryPayload(envelope)
        } catch {
            throw .untrusted(.evidenceMalformed, "cannot be accepted: \(error.message)")
        }
        guard Self.isSame(payload.digest, subject.digest.description) else {
            throw .untrusted(
                .signatureInvalid,
                "is about \(payload.digest.prefix(160)) and not about \(subject.digest.description)"
            )
        }
        guard Self.isSame(payload.mediaType, subject.mediaType.rawValue) else {
            throw .untrusted(
                .signatureInvalid,
                "is about content of type \(payload.mediaType.prefix(128)), but the image's is \(subject.mediaType)"
            )
        }
        guard payload.size == subject.size else {
            throw .untrusted(
                .signatureInvalid,
                "is about \(payload.size) bytes, but the image's manifest has \(subject.size)"
            )
        }
        for (name, value) in trust.requiredAnnotations.sorted(by: { $0.key < $1.key }) {
            guard let signed = payload.annotations[name], Self.isSame(signed, value) else {
                throw .unknown(
                    .noTrustedSignature,
                    "does not carry the annotation \(name)=\(value.prefix(96)) that the policy requires"
                )
            }
        }
        return "the signature is about \(subject.digest.short)"
    }

    /// Byte by byte: Swift's own equality of strings ignores how a character is composed.
    private static func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    // MARK: Words

    /// A date for people.
    static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
