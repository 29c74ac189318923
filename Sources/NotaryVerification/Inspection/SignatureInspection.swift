public import FoundationEssentials
public import OCIModel
import SigningFormats

/// What a Notary Project signature says of itself, for people to look at.
///
/// Nothing in it decides anything: whether the signer is trusted, and whether the signature still counts, is not looked
/// at. All texts are as signed, and not made fit to be shown.
public struct SignatureInspection: Sendable, Hashable {
    /// A certificate that a signature carries.
    public struct Certificate: Sendable, Hashable {
        /// Whom it is for (RFC 4514).
        public let subject: String
        /// Who issued it (RFC 4514).
        public let issuer: String
        /// The first moment of its validity.
        public let notBefore: Date
        /// The last moment of its validity.
        public let notAfter: Date
        /// The SHA-256 of the certificate, in lower-case hex.
        public let fingerprint: String

        init(_ certificate: X509Certificate) {
            subject = certificate.subject.description
            issuer = certificate.issuer.description
            notBefore = certificate.notBefore
            notAfter = certificate.notAfter
            fingerprint = certificate.fingerprint
        }
    }

    /// An RFC 3161 timestamp over a signature; unsigned by the signer, and not verified here.
    public struct Timestamp: Sendable, Hashable {
        /// The time that it states; `nil` when it cannot be read.
        public internal(set) var time: Date?
        /// How far the time may be off, to either side.
        public internal(set) var accuracy: Duration?
        /// The certificates that came along, in no order.
        public internal(set) var certificates: [Certificate] = []
        /// Why it can be no timestamp of this signature; `nil` when it may be one.
        public internal(set) var problem: String?

        init(_ der: [UInt8], signature: [UInt8]) {
            do throws(SigningFormatError) {
                let token = try TimestampToken(der: der)
                time = token.info.time
                accuracy = token.info.accuracy
                certificates = token.certificates.map(Certificate.init)
                if !token.info.isAbout(signature) { problem = "it is about something else than this signature" }
            } catch {
                problem = error.message
            }
        }
    }

    /// A protected header that the Notary Project does not define.
    public struct Attribute: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Whether a verifier that cannot process it must refuse the signature.
        public let isCritical: Bool

        init(_ attribute: NotaryEnvelope.ExtendedAttribute) {
            isCritical = attribute.isCritical
            switch attribute.label {
            case .text(let text): name = text
            case .number(let number): name = "\(number)"
            }
        }
    }

    /// What was signed.
    public struct Target: Sendable, Hashable {
        /// The media type.
        public let mediaType: String
        /// The digest, as signed.
        public let digest: String
        /// The size in bytes.
        public let size: Int64
    }

    /// The algorithm, such as `PS256`.
    public internal(set) var algorithm: String?
    /// The signing scheme, such as `notary.x509`.
    public internal(set) var scheme: String?
    /// When it says it was made.
    public internal(set) var signedAt: Date?
    /// When it says it expires.
    public internal(set) var expiresAt: Date?
    /// The verification plugin that it demands.
    public internal(set) var plugin: String?
    /// The lowest version of that plugin.
    public internal(set) var pluginMinVersion: String?
    /// Protected headers that the Notary Project does not define.
    public internal(set) var extendedAttributes: [Attribute] = []
    /// The program that made it; unsigned.
    public internal(set) var signingAgent: String?
    /// The RFC 3161 timestamp that it carries; unsigned, and not verified here.
    public internal(set) var timestamp: Timestamp?
    /// The certificates, the signer's first.
    public internal(set) var certificates: [Certificate] = []
    /// What was signed; `nil` while the signature is not proven to be the signer's own.
    public internal(set) var target: Target?
    /// The signed annotations.
    public internal(set) var userMetadata: [String: String] = [:]
    /// Why it cannot be a valid signature of its subject; `nil` when it may be one.
    public internal(set) var problem: String?

    /// Looks at a signature.
    ///
    /// - Parameters:
    ///   - evidence: the signature.
    ///   - subject: the manifest that it was found for.
    public init(_ evidence: SignatureEvidence, subject: Descriptor) {
        do throws(SigningFormatError) {
            let envelope: UnverifiedEnvelope
            switch evidence.mediaType {
            case .jose: envelope = try UnverifiedEnvelope(jws: evidence.envelope)
            case .cose: envelope = try UnverifiedEnvelope(cose: evidence.envelope)
            default:
                problem = "the envelope is of type \(evidence.mediaType.rawValue.prefix(96)), which is not known"
                return
            }
            read(envelope.claims)
            try read(payload: NotaryPayload(envelope.verified()), subject: subject)
        } catch {
            problem = error.message
        }
    }

    /// An inspection of something that cannot be read at all.
    public init(problem: String) { self.problem = problem }

    private mutating func read(_ claims: NotaryEnvelope) {
        algorithm = claims.algorithm.rawValue
        scheme = claims.scheme.rawValue
        signedAt = claims.claimedTime
        expiresAt = claims.expiry
        plugin = claims.verificationPlugin
        pluginMinVersion = claims.verificationPluginMinVersion
        extendedAttributes = claims.extendedAttributes.map {
            Attribute($0)
        }
        signingAgent = claims.signingAgent
        timestamp = claims.timestampToken.map { Timestamp($0, signature: claims.signature) }
        certificates = claims.certificates.compactMap { try? X509Certificate(der: $0) }.map(Certificate.init)
    }

    private mutating func read(payload: NotaryPayload, subject: Descriptor) {
        target = Target(mediaType: payload.mediaType, digest: payload.digest, size: payload.size)
        userMetadata = payload.annotations
        let isSubject =
            payload.digest.utf8.elementsEqual(subject.digest.description.utf8) && payload.size == subject.size
            && payload.mediaType.utf8.elementsEqual(subject.mediaType.rawValue.utf8)
        if !isSubject { problem = "it signs other content than the image it is attached to" }
    }
}
