public import FoundationEssentials
import SigningFormats
public import TrustModel

/// Something in a description of trust that is allowed and still dangerous, or without effect.
public struct TrustCaution: Sendable, Hashable {
    /// What it is about.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// Nothing is verified.
        case verificationSkipped
        /// A signature of anybody counts.
        case authenticityLogged
        /// A revoked certificate counts.
        case revocationLogged
        /// Revocation is not looked at.
        case revocationSkipped
        /// An expired signature, or one made outside the validity of its certificates, counts.
        case timeLogged
        /// Everybody whom a CA certified may sign.
        case anyIdentity
        /// Everybody whom a public CA certified may sign.
        case anyIdentityOfPublicAuthority
        /// None of the identities can ever match.
        case identityNeverMatches
        /// `verifyTimestamp` is set and has no effect.
        case timestampsUnused
        /// There are stores, but none whose certificates could vouch for a signer.
        case noSignerStore
        /// A certificate vouches in stores of two types.
        case anchorShared
        /// A signer's own certificate is the anchor.
        case signerAsAnchor
        /// An anchor has expired.
        case anchorExpired
        /// An anchor expires soon.
        case anchorExpiring
        /// An anchor is not valid yet.
        case anchorNotYetValid
    }

    /// Where in the description of trust.
    public enum Place: Sendable, Hashable {
        /// The description as a whole.
        case trust
        /// Its level.
        case level
        /// The override of a check.
        case override(VerificationCheck)
        /// `verifyTimestamp`.
        case verifyTimestamp
        /// The identities.
        case identities
        /// The trust store with this index.
        case store(Int)
    }

    /// What it is about.
    public let code: Code
    /// Where.
    public let place: Place
    /// What can happen, and what to do about it.
    public let message: String

    init(_ code: Code, _ place: Place, _ message: String) {
        self.code = code
        self.place = place
        self.message = DisplayText.printable(message)
    }

    /// How long before its end an anchor counts as expiring.
    public static let expiryNotice: TimeInterval = 30 * 86_400

    /// Everything in `trust` that deserves caution at `now`.
    ///
    /// Pure; whether `trust` keeps the rules is not looked at. A store without certificates counts as one that could not be
    /// read.
    ///
    /// - Parameters:
    ///   - trust: the description of trust.
    ///   - isTimestampVerificationWritten: whether somebody wrote when timestamps are verified, and so expects it to have
    ///     an effect; false where that is the default.
    ///   - now: the moment at which anchors are looked at.
    /// - Returns: the cautions, each once.
    public static func all(
        in trust: NotaryTrust,
        isTimestampVerificationWritten: Bool,
        now: Date
    ) -> [TrustCaution] {
        guard trust.level != .skip else {
            let message =
                "level skip verifies nothing: whatever runs of these images is reported as skipped; name the few "
                + "repositories that cannot be signed, and verify the rest"
            return [TrustCaution(.verificationSkipped, .level, message)]
        }
        return checks(trust) + identities(trust)
            + stores(trust, isTimestampVerificationWritten: isTimestampVerificationWritten) + anchors(trust, now: now)
    }
}

// MARK: - Checks that are not enforced

extension TrustCaution {
    private static func checks(_ trust: NotaryTrust) -> [TrustCaution] {
        func place(_ check: VerificationCheck) -> Place { trust.overrides[check] == nil ? .level : .override(check) }
        var cautions: [TrustCaution] = []
        if trust.action(for: .authenticity) == .log {
            cautions.append(
                TrustCaution(
                    .authenticityLogged,
                    place(.authenticity),
                    "authenticity is only logged: a signature that anybody made with a key of his own counts as "
                        + "verified; use it to try a policy, then choose strict"
                )
            )
        }
        switch trust.action(for: .revocation) {
        case .enforce: break
        case .log:
            cautions.append(
                TrustCaution(
                    .revocationLogged,
                    place(.revocation),
                    "revocation is only logged: a signer whose key was stolen and revoked stays trusted; enforce it"
                )
            )
        case .skip:
            cautions.append(
                TrustCaution(
                    .revocationSkipped,
                    place(.revocation),
                    "revocation is skipped: a signer whose key was stolen and revoked stays trusted, and nobody is told; "
                        + "enforce it, or at least log it"
                )
            )
        }
        let late = [VerificationCheck.expiry, .authenticTimestamp].filter { trust.action(for: $0) == .log }
        if let first = late.first {
            let what = [
                late.contains(.expiry) ? "signatures that have expired" : nil,
                late.contains(.authenticTimestamp) ? "signatures made outside the life of their certificates" : nil,
            ].compactMap(\.self).joined(separator: " and ")
            let names = late.map(\.rawValue).joined(separator: " and ")
            let verb = late.count == 1 ? "is" : "are"
            cautions.append(
                TrustCaution(
                    .timeLogged,
                    place(first),
                    "\(names) \(verb) only logged: \(what) stay trusted; enforce it"
                )
            )
        }
        return cautions
    }

    // MARK: - Identities and stores

    private static func identities(_ trust: NotaryTrust) -> [TrustCaution] {
        guard trust.trustedIdentities == ["*"] else {
            let known = trust.trustedIdentities.contains { $0 == "*" || $0.hasPrefix("x509.subject:") }
            guard !known, !trust.trustedIdentities.isEmpty else { return [] }
            let message =
                "none of these identities can be checked without a plugin, so no signature is ever trusted; name signers as "
                + "\"x509.subject: C=…, ST=…, O=…\""
            return [TrustCaution(.identityNeverMatches, .identities, message)]
        }
        let authorities = trust.trustStores.filter { $0.kind != .tsa }.flatMap(certificates)
            .filter(\.isCertificateAuthority)
        let timestamps = trust.trustStores.contains { $0.kind == .tsa }
        let later = timestamps ? ", and with a timestamp also after that certificate's end" : ""
        for authority in authorities {
            let why: String
            switch PublicAuthorities.sign(of: authority) {
            case nil: continue
            case .organization(let name): why = "\(name) certifies anybody who asks"
            case .servers: why = "it certifies servers of TLS"
            }
            return [
                TrustCaution(
                    .anyIdentityOfPublicAuthority,
                    .identities,
                    "\"*\" beside the public authority \(authority): \(why), and everybody it ever certified may "
                        + "sign these images\(later); name the signers as \"x509.subject: C=…, ST=…, O=…\""
                )
            ]
        }
        let beside: String
        if let authority = authorities.first {
            beside = "the authority \(authority): everybody whom it"
        } else if let unseen = trust.trustStores.first(where: { $0.kind != .tsa && $0.certificates.isEmpty }) {
            beside =
                "the trust store \(unseen.name), whose certificates cannot be seen here: if one is an authority's, "
                + "everybody whom that authority"
        } else {
            return []
        }
        return [
            TrustCaution(
                .anyIdentity,
                .identities,
                "\"*\" beside \(beside) ever certified may sign these images\(later); name the signers as "
                    + "\"x509.subject: C=…, ST=…, O=…\""
            )
        ]
    }

    private static func stores(_ trust: NotaryTrust, isTimestampVerificationWritten: Bool) -> [TrustCaution] {
        var cautions: [TrustCaution] = []
        let hasTimestampStore = trust.trustStores.contains { $0.kind == .tsa }
        if isTimestampVerificationWritten, !hasTimestampStore {
            cautions.append(
                TrustCaution(
                    .timestampsUnused,
                    .verifyTimestamp,
                    "verifyTimestamp has no effect without a trust store of type tsa: signatures lapse with their "
                        + "certificates; add the root of the time-stamping authority, or remove this"
                )
            )
        }
        if !trust.trustStores.isEmpty, trust.trustStores.allSatisfy({ $0.kind == .tsa }) {
            cautions.append(
                TrustCaution(
                    .noSignerStore,
                    .trust,
                    "all trust stores are of type tsa, so no signer is ever trusted; add one of type ca"
                )
            )
        }
        var kinds: [[UInt8]: TrustStore.Kind] = [:]
        for (index, store) in trust.trustStores.enumerated() {
            for der in store.certificates {
                let other = kinds.updateValue(store.kind, forKey: der)
                guard let other, other != store.kind else { continue }
                let name = (try? X509Certificate(der: der)).map { "\($0)" } ?? "a certificate"
                cautions.append(
                    TrustCaution(
                        .anchorShared,
                        .store(index),
                        "\(name) stands in stores of type \(other.rawValue) and \(store.kind.rawValue): whoever it certifies "
                            + "may vouch for signers and for the time alike; use an authority of its own for each"
                    )
                )
            }
        }
        return cautions
    }

    private static func certificates(_ store: TrustStore) -> [X509Certificate] {
        store.certificates.compactMap { try? X509Certificate(der: $0) }
    }

    // MARK: - Anchors

    private static func anchors(_ trust: NotaryTrust, now: Date) -> [TrustCaution] {
        trust.trustStores.enumerated().flatMap { index, store in
            certificates(store).flatMap { anchor($0, store.kind, .store(index), now: now) }
        }
    }

    private static func anchor(
        _ certificate: X509Certificate,
        _ kind: TrustStore.Kind,
        _ place: Place,
        now: Date
    ) -> [TrustCaution] {
        var cautions: [TrustCaution] = []
        let end = certificate.notAfter.formatted(.iso8601)
        let name = "certificate \(certificate) (\(certificate.fingerprint.prefix(12)))"
        if certificate.notAfter <= now {
            let remedy =
                kind == .tsa ? "add its successor, and keep it for the timestamps made before" : "replace it"
            cautions.append(TrustCaution(.anchorExpired, place, "\(name) expired at \(end); \(remedy)"))
        } else if certificate.notAfter.timeIntervalSince(now) <= expiryNotice {
            cautions.append(TrustCaution(.anchorExpiring, place, "\(name) expires at \(end); add its successor"))
        }
        if certificate.notBefore > now {
            let begin = certificate.notBefore.formatted(.iso8601)
            cautions.append(TrustCaution(.anchorNotYetValid, place, "\(name) is not valid before \(begin)"))
        }
        if kind != .tsa, !certificate.isCertificateAuthority {
            cautions.append(
                TrustCaution(
                    .signerAsAnchor,
                    place,
                    "\(name) is a signer's own and no CA: it cannot be revoked, and a new one means a new policy; trust "
                        + "the CA that would issue it instead"
                )
            )
        }
        return cautions
    }
}
